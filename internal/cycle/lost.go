package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

// believable takes creates back whose answer names an account that is another object's, or that two answers name: the
// account was perhaps made, under an id that nobody told, and has to be looked for.
func (w *writing) believable(ctx context.Context, writes []item, outcomes []connector.Outcome) ([]connector.Outcome, error) {
	var made []directory.Anchor
	for i, it := range writes {
		if it.decision.Action == engine.Create && outcomes[i].Err == nil {
			made = append(made, outcomes[i].Target)
		}
	}
	if len(made) == 0 {
		return outcomes, nil
	}
	owned, err := w.store.LinksByTarget(context.WithoutCancel(ctx), w.jobID, writes[0].object.Type, made)
	if err != nil {
		return outcomes, err
	}
	named := map[directory.Anchor]int{}
	for _, target := range made {
		named[target]++
	}
	for i, it := range writes {
		target := outcomes[i].Target
		if it.decision.Action != engine.Create || outcomes[i].Err != nil || named[target] == 1 && managedByOther(owned[target], it.object.Anchor) == "" {
			continue
		}
		outcomes[i] = connector.Outcome{Err: &directory.Error{
			Kind: directory.Incompatible, OutcomeUnknown: true,
			Message: "create " + string(it.object.Type) + ": the target answered with the id of another account; ask its vendor",
		}}
	}
	return outcomes, nil
}
