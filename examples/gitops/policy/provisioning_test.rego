# Run by `opa test policy`, and by the tests of this repository.
package provisioning_test

import data.provisioning

gate := {"max_losses": 3, "max_by_cause": {"filter": 2}, "deletes_approved": false, "protected": ["Break-Glass@example.com"]}

account(name) := {"object_type": "user", "name": name, "action": "disable", "reason": "x", "cause": "filter"}

impact(disabled, deleted, accounts) := {
	"disable_count": disabled, "delete_count": deleted, "membership_removal_count": 0, "accounts": accounts,
	"causes": [{"action": "disable", "cause": "filter", "origin": "configuration", "count": disabled}],
}

plan(change) := {
	"format_version": "1.2", "errored": false, "planned_values": {},
	"resource_changes": [{"address": "provisioning_job.wiki", "mode": "managed", "type": "provisioning_job", "change": change}],
}

update(planned) := plan({"actions": ["update"], "before": {}, "after": {"planned_impact": planned}, "after_unknown": {"planned_impact": {}}})

denied(change) := reasons if reasons := provisioning.deny with input as change with data.gate as gate

test_nobody_loses_access if denied(update(impact(0, 0, []))) == set()

test_as_many_as_may if denied(update(impact(2, 0, [account("a"), account("b")]))) == set()

test_by_cause if {
	denied(update(impact(3, 0, [account("a"), account("b"), account("c")]))) == {"3 would lose access because of \"filter\", 2 may"}
}

test_in_all if "4 would lose access, 3 may" in denied(update(impact(4, 0, [])))

test_deletes if denied(update(impact(0, 1, [account("a")]))) == {"1 would be deleted, and nobody has approved deletes"}

test_approved_deletes if {
	allowed := object.union(gate, {"deletes_approved": true})
	count(provisioning.deny) == 0 with input as update(impact(0, 1, [account("a")])) with data.gate as allowed
}

test_protected if {
	denied(update(impact(1, 0, [account("break-glass@example.com")]))) == {"provisioning_job.wiki: somebody who is protected would lose access"}
}

test_protected_member if {
	denied(update(removal({"member": "break-glass@EXAMPLE.com"}))) == {"provisioning_job.wiki: somebody who is protected would lose access"}
}

# Who is protected leaves nothing when the name stands in somebody else's reason.
test_other_member if {
	denied(update(removal({"member": "ann@example.com", "reason": "break-glass@example.com is no longer a member in the source"}))) == set()
}

removal(with_member) := object.union(impact(0, 0, [object.union(membership, with_member)]), {"membership_removal_count": 1})

membership := {"object_type": "group", "name": "admins", "action": "remove_membership", "reason": "x", "cause": "no_member_in_source"}

test_account_without_member if {
	denied(update(impact(1, 0, [object.union(account("a"), {"member": null})]))) == set()
}

unnamed := {"provisioning_job.wiki: not everybody who loses access is named, so it is not known whether somebody is protected"}

test_names_left_out if denied(update(impact(1, 0, []))) == unnamed

test_member_left_out if {
	denied(update(removal({}))) == unnamed
	denied(update(removal({"member": null}))) == unnamed
}

unknown := "provisioning_job.wiki: who loses access is not known before apply"

test_unknown if unknown in denied(plan({"actions": ["update"], "after": {}, "after_unknown": {"planned_impact": true}}))

test_partly_unknown if unknown in denied(plan({"actions": ["create"], "after": {"planned_impact": impact(0, 0, [])}, "after_unknown": {"planned_impact": {"accounts": true}}}))

test_missing if unknown in denied(plan({"actions": ["update"], "after": {"planned_impact": null}, "after_unknown": {}}))

test_without_numbers if unknown in denied(plan({"actions": ["update"], "after": {"planned_impact": {"disable_count": 0}}, "after_unknown": {}}))

test_no_change if denied(plan({"actions": ["no-op"], "after": {"planned_impact": impact(99, 9, [])}, "after_unknown": {}})) == set()

test_destroy if "4 would lose access, 3 may" in denied(plan({"actions": ["delete"], "before": {"destroy_impact": {"disable_count": 4, "delete_count": 0}}, "after": null}))

test_replacement_counts_both if {
	change := {"actions": ["delete", "create"], "before": {"destroy_impact": {"disable_count": 2, "delete_count": 0}}, "after": {"planned_impact": impact(2, 0, [])}, "after_unknown": {}}
	"4 would lose access, 3 may" in denied(plan(change))
}

test_destroy_unknown if "provisioning_job.wiki: what destroying it does is not known" in denied(plan({"actions": ["delete"], "before": {}, "after": null}))

test_errored if "planning failed, so the plan says nothing about accounts" in denied({"format_version": "1.2", "errored": true, "planned_values": {}})

test_no_plan if "this is not the JSON of a plan" in denied({})

test_without_settings_nobody_may if "1 would lose access, 0 may" in provisioning.deny with input as update(impact(1, 0, [account("a")])) with data.gate as {}
