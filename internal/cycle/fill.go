package cycle

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"golang.org/x/sync/errgroup"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

// lookBeforeFilling reads linked accounts that would get a value only because their link remembers none, and decides again
// with what they hold. A mapping that is for accounts without a value must not overwrite one that was there before the
// mapping was (mappings-and-scoping.md 2, 4). The error is one that stops the cycle.
func (v *evaluation) lookBeforeFilling(ctx context.Context, items []item) error {
	var asking []int
	for i := range items {
		writes := items[i].decision.Action == engine.Update || items[i].decision.Action == engine.Disable
		if writes && items[i].link != nil && items[i].link.Managed && len(items[i].decision.Fills()) > 0 {
			asking = append(asking, i)
		}
	}
	target := v.unique.connector
	accounts, failures := make([]connector.Account, len(asking)), make([]error, len(asking))
	var group errgroup.Group
	group.SetLimit(max(1, target.Capabilities().Concurrency))
	for n, i := range asking {
		group.Go(func() error {
			it := items[i]
			accounts[n], failures[n] = target.Get(ctx, it.object.Type, it.link.Target, it.decision.Fills())
			if err := failures[n]; errors.Is(err, directory.Unauthorised) || ctx.Err() != nil {
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	unanswered := 0
	for n, i := range asking {
		switch err := failures[n]; {
		case err == nil:
			v.learn(&items[i], accounts[n])
		case errors.Is(err, directory.NotFound): // the write finds out, and the object is matched again
		default:
			items[i].decision = items[i].decision.Unread(errorCode(err), err)
		}
		if errors.Is(failures[n], directory.Transient) {
			unanswered++
		}
	}
	if unanswered > outageAbove && unanswered == len(asking) {
		return fmt.Errorf("none of %d accounts could be read, the target seems to be down: %w", unanswered, failures[0])
	}
	return nil
}

// learn decides again with what the account holds.
func (v *evaluation) learn(it *item, account connector.Account) {
	link := *it.link
	link.Exported = maps.Clone(link.Exported)
	if link.Exported == nil {
		link.Exported = map[string]directory.Value{}
	}
	for _, attribute := range it.decision.Fills() {
		if value, ok := account.Attributes[attribute]; ok && !value.IsEmpty() {
			link.Exported[attribute] = value
			it.learned = true
		}
	}
	if !it.learned {
		return
	}
	it.link = &link
	linked := linkedBy(link)
	linked.Away = awayBy(v.staged[link.LinkKey])
	it.decision = v.program.Assess(it.object, it.assigned, linked, v.inputs(nil)).Decision
	it.explainDrift()
}
