// Package scenario is the life of a small directory in three stages, with everything a cycle does in it: accounts created and
// matched, moved, renamed, switched off and on, deleted and created again, managers, groups, memberships both ways, and an
// administrator of the target who deletes an account meanwhile.
//
// A target is put through it with the real engine and a real connector. What the target must hold afterwards is computed from
// the directory alone (Lines) and compared with what the target itself says it holds (Render of a testenv.Dump).
package scenario
