// Package cycle runs one cycle of a job: it reads what changed, asks package engine for decisions, carries them out
// through a connector, records each result, and stores checkpoints. A preview is the same loop up to the decision.
//
// It decides nothing itself. Where an object's fate is chosen, a function of package engine is called; what is here is
// the order of things (engine.md 15) and what must be durable before what:
//
//   - a link is stored in the transaction that follows the create which made it; an operation whose outcome is not
//     known is matched again before it is repeated, so that a kill at any point makes no second account;
//   - disables and deletes are staged, never written in the stream, and judged together at the end;
//   - the watermark moves last.
//
// A cycle is begun by a commit, or by nobody in particular (Run). Whoever applies a plan approved what it showed: the rest is
// held, every object that failed before is tried again, and quarantine is lifted when the connection works. A cycle without
// a plan disables and deletes within the limits of the job, and quarantines it when they are exceeded; what failed before
// is tried again when the ladder of engine.md 16 says so, and a quarantined job runs when it is due (engine.md 17).
//
// A preview does not contact the target, unless the job looks for drift: then its accounts are listed before, and nothing
// else is asked. An object without a link therefore counts as a create, although the cycle may find its account and link to
// it; what takes access away does not depend on the target but for drift, which is stored when it is found. The remarks of a
// plan test the connection besides: they are warnings, and nothing depends on them.
//
// Its tests run whole cycles against the in-memory connector and source, with the expected state derived from the
// scenario.
package cycle
