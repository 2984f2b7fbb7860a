# The policy of policy/provisioning.rego for jq 1.6 or later. -n makes an input that is not there an error:
#
#   jq -n -r -f gate.jq --slurpfile gate gate.json plan.json
#
# It ends with status 1 and one line for each reason, or says that the plan may be applied. What it cannot judge it denies.

def losses: .disable_count + .delete_count + (.membership_removal_count // 0);
def counts: type == "object" and (.disable_count | type) == "number" and (.delete_count | type) == "number";
# Plans of versions that named no member name half of a membership.
def nameless: .action == "remove_membership" and (.member | type) != "string";
def unknown: [.. | select(. == true)] | length > 0;

($gate[0].gate // {}) as $gate
| ([$gate.protected // [] | .[] | ascii_downcase]) as $protected
| input as $plan
| [ $plan.resource_changes[]? | select(.mode == "managed" and .type == "provisioning_job") ] as $jobs
| [ $jobs[]
    | (select(.change.actions | index("create") or index("update"))
       | { address, kind: "commit", impact: (if (.change.after_unknown.planned_impact | unknown) then null else .change.after.planned_impact end) }),
      (select(.change.actions | index("delete"))
       | { address, kind: "destroy", impact: .change.before.destroy_impact }) ] as $parts
| [ $parts[] | select(.impact | counts) ] as $known
| ([ $known[].impact | losses ] | add // 0) as $total
| ([ $known[].impact.delete_count ] | add // 0) as $deletes
| [
    (if ($plan.format_version // "" | startswith("1.")) and ($plan.planned_values | type) == "object" then empty
     else "this is not the JSON of a plan" end),
    (if $plan.errored then "planning failed, so the plan says nothing about accounts" else empty end),
    ($parts[] | select(.impact | counts | not)
     | if .kind == "commit" then "\(.address): who loses access is not known before apply"
       else "\(.address): what destroying it does is not known" end),
    ($plan.deferred_changes[]?.resource_change | select(.type == "provisioning_job")
     | "\(.address): what it does is put off until a later plan"),
    (if $total > ($gate.max_losses // 0) then "\($total) would lose access, \($gate.max_losses // 0) may" else empty end),
    ($gate.max_by_cause // {} | to_entries[] | . as $most
     | ([ ($known[].impact.causes[]? | select(.cause == $most.key) | .count),
          ($known[] | select(.kind == "destroy" and $most.key == "job_destroyed") | .impact | losses) ] | add // 0)
     | select(. > $most.value) | "\(.) would lose access because of \"\($most.key)\", \($most.value) may"),
    (if $deletes > 0 and $gate.deletes_approved != true then "\($deletes) would be deleted, and nobody has approved deletes" else empty end),
    ([ $known[] | .address as $address | .impact.accounts[]?
       | [ .name, .member | strings | ascii_downcase ] as $names
       | select(any($protected[]; . as $who | any($names[]; . == $who)))
       | "\($address): somebody who is protected would lose access" ] | unique[]),
    ($known[] | select(($protected | length) > 0 and (([ .impact.accounts[]? | select(nameless | not) ] | length) < (.impact | losses)))
     | "\(.address): not everybody who loses access is named, so it is not known whether somebody is protected")
  ]
| unique
| if length > 0 then map("fail: " + . + "\n") | join("") | halt_error(1) else "this plan may be applied" end
