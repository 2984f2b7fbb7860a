# Who may lose access by a plan. Input is the output of `terraform show -json plan.out`; the settings are data.gate, see
# gate.json. Nothing is denied when the set deny is empty:
#
#   opa eval --fail-defined -d policy -d gate.json -i plan.json 'data.provisioning.deny[_]'
#   conftest test plan.json -p policy -d gate.json --namespace provisioning
#
# What the policy cannot judge it denies: a plan that failed, an impact that is not known, names that are not there.
package provisioning

# Settings that are missing allow nothing.
default gate := {}

gate := data.gate

max_losses := object.get(gate, "max_losses", 0)

max_by_cause := object.get(gate, "max_by_cause", {})

deletes_approved := object.get(gate, "deletes_approved", false)

protected := {lower(name) | some name in object.get(gate, "protected", [])}

# Only what is created, updated, replaced or destroyed counts: planned_impact of a job without a change is what an earlier
# apply did. Forgetting a job (removed with destroy = false) changes no account.
jobs contains resource if {
	some resource in input.resource_changes
	resource.mode == "managed"
	resource.type == "provisioning_job"
	some action in resource.change.actions
	action in {"create", "update", "delete"}
}

committed contains resource if {
	some resource in jobs
	some action in resource.change.actions
	action in {"create", "update"}
}

destroyed contains resource if {
	some resource in jobs
	"delete" in resource.change.actions
}

# The impacts of the plan, each with the job it belongs to. One that is not known is not there.
impacts contains {"address": resource.address, "kind": "commit", "impact": impact} if {
	some resource in committed
	not unknown(resource)
	impact := resource.change.after.planned_impact
	counts(impact)
}

impacts contains {"address": resource.address, "kind": "destroy", "impact": impact} if {
	some resource in destroyed
	impact := resource.change.before.destroy_impact
	counts(impact)
}

unknown(resource) if {
	walk(resource.change.after_unknown.planned_impact, [_, value])
	value == true
}

counts(impact) if {
	is_number(impact.disable_count)
	is_number(impact.delete_count)
}

losses(impact) := (impact.disable_count + impact.delete_count) + object.get(impact, "membership_removal_count", 0)

# Accounts that are named, with the job they belong to.
named contains {"address": found.address, "account": account} if {
	some found in impacts
	some account in object.get(found.impact, "accounts", [])
}

is_plan if {
	startswith(input.format_version, "1.")
	is_object(input.planned_values)
}

deny contains "this is not the JSON of a plan" if not is_plan

deny contains "planning failed, so the plan says nothing about accounts" if input.errored

deny contains sprintf("%s: who loses access is not known before apply", [resource.address]) if {
	some resource in committed
	not known(resource.address, "commit")
}

deny contains sprintf("%s: what destroying it does is not known", [resource.address]) if {
	some resource in destroyed
	not known(resource.address, "destroy")
}

deny contains sprintf("%s: what it does is put off until a later plan", [deferred.resource_change.address]) if {
	some deferred in input.deferred_changes
	deferred.resource_change.type == "provisioning_job"
}

known(address, kind) if {
	some found in impacts
	found.address == address
	found.kind == kind
}

total := sum([losses(found.impact) | some found in impacts])

deny contains sprintf("%d would lose access, %d may", [total, max_losses]) if total > max_losses

# How many lose access for one cause. Destroying has only one.
by_cause(cause) := n if {
	n := sum([each.count |
		some found in impacts
		some each in object.get(found.impact, "causes", [])
		each.cause == cause
	]) + destroyed_by(cause)
}

destroyed_by("job_destroyed") := sum([losses(found.impact) | some found in impacts; found.kind == "destroy"])

destroyed_by(cause) := 0 if cause != "job_destroyed"

deny contains sprintf("%d would lose access because of %q, %d may", [by_cause(cause), cause, most]) if {
	some cause, most in max_by_cause
	by_cause(cause) > most
}

deletes := sum([found.impact.delete_count | some found in impacts])

deny contains sprintf("%d would be deleted, and nobody has approved deletes", [deletes]) if {
	deletes > 0
	not deletes_approved == true
}

deny contains sprintf("%s: somebody who is protected would lose access", [found.address]) if {
	some found in named
	some name in protected
	is(found.account, name)
}

# A membership has the name of its group, and its member besides.
is(account, name) if lower(account.name) == name

is(account, name) if lower(account.member) == name

# Plans of versions that named no member name half of a membership.
nameless(account) if {
	account.action == "remove_membership"
	not is_string(object.get(account, "member", null))
}

deny contains sprintf("%s: not everybody who loses access is named, so it is not known whether somebody is protected", [found.address]) if {
	count(protected) > 0
	some found in impacts
	count([account | some account in object.get(found.impact, "accounts", []); not nameless(account)]) < losses(found.impact)
}
