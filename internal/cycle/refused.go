package cycle

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

// A target may refuse attributes of an account and take the others: it is provisioned without them (scim-client.md 17, step 4
// of the ladder). The link goes on remembering what they hold, so that they still differ, and the object is escrowed, so that
// they are tried when they are due and not in every cycle.

// codeAttributeRefused is the code of attributes that a target takes in no form.
const codeAttributeRefused = "AttributeRefused"

// taken is an item with that part of its decision that the target took, and what the log says of it.
func (w *writing) taken(it item, outcome connector.Outcome) (item, provlog.Status) {
	if outcome.Warning == "" && len(outcome.Unwritten) == 0 {
		return it, provlog.StatusSuccess
	}
	if it.decision.Action.TakesAccessAway() { // why it does is said first
		it.decision.Reason += "; " + outcome.Warning
	} else {
		it.decision.Reason = outcome.Warning
	}
	if len(outcome.Unwritten) > 0 {
		it.decision = w.program.Without(it.decision, outcome.Unwritten)
		it.decision.Code = codeAttributeRefused
	}
	return it, provlog.StatusWarning
}

// refused escrows an object that was provisioned without some attributes. When the others were written it counts as references
// that fail do: it is no sign that the target takes nothing, and no reason for quarantine. An update of which nothing was taken is a
// failure like any other (engine.md 15, 17).
func (w *writing) refused(it item, attributes []string) {
	message := "the target refused " + strings.Join(attributes, ", ") + "; what it takes is written, and this is tried again. Its answer is in the provisioning log"
	if len(it.decision.Changes) > 0 {
		w.cycle.Counts.ReferencesFailed++
	}
	w.fail(it.object.Type, it.decision.Name, codeAttributeRefused, message)
	w.escrow(it, directory.Invalid, codeAttributeRefused, message)
}

// whole is the error of a write that is of no use in part.
func whole(outcome connector.Outcome) error {
	if outcome.Err != nil || len(outcome.Unwritten) == 0 {
		return outcome.Err
	}
	return &directory.Error{Kind: directory.Invalid, Code: codeAttributeRefused, Message: outcome.Warning}
}

// keepsAccess reports whether a deprovisioning was not carried out because the target refused attributes. Of what is written to
// the account of somebody who leaves, everything takes access away. Somebody who stays is switched off by one attribute alone.
func (w *writing) keepsAccess(it item, outcome connector.Outcome) bool {
	active := w.connector.Capabilities().ActiveAttribute
	return len(outcome.Unwritten) > 0 && (it.decision.Event != engine.TurnedOff || slices.Contains(outcome.Unwritten, active))
}
