// Package engine holds the decisions: what one object's attributes become (flow), which account it belongs to
// (match), what differs (diff), what is done about it (decide, deprovision), and whether the whole may be done
// (guard).
//
// It is pure. Time, ids and the answers of the target are arguments; what comes back is data. Nothing is read or
// written here: package cycle carries decisions out, or, for a preview, does not. Both use the same functions, so a
// preview and the cycle after it cannot disagree.
//
// # Attribute flow (mappings-and-scoping.md 3.2, 4)
//
// What is written for what an expression yields. "Clears" are both switches of "flow null values".
//
//	result         create            Always, update     add-only types, update        AttributeAddOnly, update
//	value          value             if it differs      what is missing, see below    if the target has none
//	null           default, if any   nothing            nothing                       nothing
//	null, clears   default, if any   cleared            nothing                       nothing
//	""             ""                ""                 nothing                       "" if the target has none
//	"", clears     default, if any   cleared            nothing                       nothing
//	drop marker    nothing           nothing            nothing                       nothing
//	no expression  default           if the target has none, the default
//
// ObjectAddOnly and attributes that are Immutable are not even evaluated on update. MultiValueAddOnly, and
// AppRoleAssignmentsComplex whatever its flow type, add the elements that are missing and remove none; ValueAddOnly does so
// with lists and replaces a single value. A required attribute without a value and without a default fails the object. What
// only fills an empty attribute is not written before the account has been looked at (Decision.Fills).
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
// management of the account without touching it; "keep" leaves the link as it is; "drop" removes the link. The same table,
// typed from the document, is testdata/deprovisioning.txt.
//
//	id   event                            default          unmapped  no Update  no Delete        skip-OOS
//	D01  direct assignment removed        disable,release  release   release    disable,release  keep
//	D02  left the assigned group          disable,release  release   release    disable,release  keep
//	D03  a scoping filter fails           disable,release  release   release    disable,release  keep
//	D04  filter or mapping edited         as D03
//	D05  sync all → sync assigned         as D01
//	D06  accountEnabled → false           disable,keep     keep      keep       disable,keep     disable,keep
//	D07  soft-deleted                     disable,keep     keep      keep       disable,keep     disable,keep
//	D08  hard-deleted while managed       delete,drop      delete    delete     drop             delete,drop
//	D09  deleted after D01–D05            drop             drop      drop       drop             delete,drop (*)
//	D10  re-enabled after D06             update (A6)
//	D11  restored after D07               update (A6); memberships come back with the next cycle
//	D12  in scope again after D01–D05     match again (A1–A5)
//	D13  never provisioned                skip
//	D14  in scope but disabled, unlinked  skip
//	D15  object mapping disabled          skip, keep
//	D16  the object filter ignores it     skip, keep
//	D17  group unassigned / out of scope  delete,drop      –         delete     release          keep
//	D18  group hard-deleted               delete,drop      –         delete     drop             delete,drop
//	D19  member removed from a group      membership removed; the user only by D02
//	D20  job paused or deleted            nothing is evaluated
//	D21  account changed in the target    not noticed; NotFound on the next write drops the link and matches again
//
// (*) An account that skip-out-of-scope kept is still managed, so its hard deletion is D08, and its soft deletion D07.
//
// # Deprovisioning policies
//
// A mapping may ask for something else, event by event. Whatever is written to the account of somebody who leaves is a
// Disable: it is planned, limited and staged as one.
//
//	policy           request                               D01–D05, D17  D06, D07  D08, D18
//	none             nothing                               keep          keep      drop
//	disable          what is mapped from IsSoftDeleted     release       keep      drop
//	set_attributes   the constants that differ             release       keep      drop
//	delete           delete                                drop          drop      drop
//	delete, waiting  as disable, where that is possible    keep          keep      keep
//	delete, due      delete                                drop          drop      drop
//
// Skip-out-of-scope goes before the policies of D01–D05 and D17 (engine.md 29): rows 6 and 7 are left alone by a policy of
// none. What Update off or Delete off forbids is not done, whatever the policy. What is not managed any more (D09) is left
// alone. A delayed delete is due so many days after its event was first seen; another event, and coming back, end the count.
// Of somebody who is gone from the source, only mappings that read nothing but IsSoftDeleted are written.
//
// Its tests are these tables, the vectors of engine.md 30, and properties over generated objects.
package engine
