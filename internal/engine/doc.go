// Package engine holds the decisions: what one object's attributes become (flow), which account it belongs to
// (match), what differs (diff), what is done about it (decide, deprovision), and whether the whole may be done
// (guard).
//
// It is pure. Time, ids and the answers of the target are arguments; what comes back is data. Nothing is read or
// written here: package cycle carries decisions out, or, for a preview, does not. Both use the same functions, so a
// preview and the cycle after it cannot disagree.
//
// # Action decision (engine.md 12)
//
// Every row has a case id, used as the name of its test.
//
//	id   in scope  linked/matched    flow     difference  action
//	A1   yes       none              Add      –           create
//	A2   yes       none              no Add   –           skip
//	A3   yes       matched (new)     Update   yes         link + update
//	A4   yes       matched (new)     Update   no          link only (RedundantExport)
//	A5   yes       matched (new)     no Upd.  –           link only
//	A6   yes       linked            Update   yes         update, or disable when it turns the account off
//	A7   yes       linked            Update   no          skip (RedundantExport)
//	A8   no        never linked      –        –           skip
//	A9   no        linked            see the deprovisioning table
//
// # Deprovisioning (engine.md 13)
//
// IsSoftDeleted is true when the object is unassigned, fails a scoping filter, is soft-deleted, or is disabled in the
// source. Columns: default; IsSoftDeleted not mapped; Update off; Delete off; skip-out-of-scope on. "release" ends the
// management of the account without touching it; "keep" leaves the link as it is; "drop" removes the link.
//
//	id   event                            default          unmapped  no Update  no Delete        skip-OOS
//	D1   direct assignment removed        disable,release  release   release    disable,release  keep
//	D2   left the assigned group          disable,release  release   release    disable,release  keep
//	D3   a scoping filter fails           disable,release  release   release    disable,release  keep
//	D4   filter or mapping edited         as D3
//	D5   sync all → sync assigned         as D1
//	D6   accountEnabled → false           disable,keep     keep      keep       disable,keep     disable,keep
//	D7   soft-deleted                     disable,keep     keep      keep       disable,keep     disable,keep
//	D8   hard-deleted while managed       delete,drop      delete    delete     drop             delete,drop
//	D9   deleted after D1–D5              drop             drop      drop       drop             drop (*)
//	D10  re-enabled after D6              update (A6)
//	D11  restored after D7                update (A6)
//	D12  in scope again after D1–D5       match again (A1–A5)
//	D13  never provisioned                skip
//	D14  in scope but disabled, unlinked  skip
//	D15  object mapping disabled          skip, keep
//	D16  input filter fails               (input filters are not part of this version)
//	D17  group unassigned / out of scope  delete,drop      –         delete     release          keep
//	D18  group hard-deleted               delete,drop      –         delete     drop             delete,drop
//	D19  member removed from a group      membership removed; the user only by D2
//	D20  job paused or deleted            nothing is evaluated
//	D21  account changed in the target    not noticed; NotFound on the next write drops the link and matches again
//
// (*) An account that skip-out-of-scope kept is still managed, so its hard deletion is D8.
//
// Its tests are these two tables, the vectors of engine.md 30, and properties over generated objects.
package engine
