// Package job defines what a job is: the configuration that Terraform writes, piece by piece as drafts and
// whole as a committed generation, its validation, and its digest.
//
// The rules for a mapping stand here once (Mapping.Problems): Terraform asks for them while it validates, the engine when a
// draft is written. So do the default mappings (PresetTable) and the attribute lists, which the engine applies.
//
// It is pure. It does not say what happens to an account (package engine) and does not run anything
// (package cycle).
//
// A draft (App, Source, Connection, Mapping, Filter, Assignment) has no effect. A Definition is the resolved
// whole of what one job refers to; committing it makes it a generation (design.md 3).
package job
