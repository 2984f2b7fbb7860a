package cycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

// reservations remembers which unique values were chosen in this cycle, so that two new objects of one page do not choose
// the same one: neither has an account yet that the target could find (expressions.md 4.6).
type reservations struct {
	connector connector.Connector
	program   *engine.Program
	// owners are the objects that chose a value.
	owners map[string]directory.Anchor
	// unanswered counts the searches in a row that got no answer.
	unanswered int
}

// choosing is the choice of unique values for one object.
type choosing struct {
	*reservations
	ctx    context.Context
	object directory.Object
	// err is why the target could not say whether a value is taken; stop is set when no other object need be tried.
	err, stop error
}

func (r *reservations) forObject(ctx context.Context, object directory.Object) *choosing {
	return &choosing{reservations: r, ctx: ctx, object: object}
}

// taken reports whether another object of this cycle or an account of the target has the value. A value that is free is
// the object's from now on.
func (c *choosing) taken(target string, candidate directory.Value) (bool, error) {
	key := string(c.object.Type) + " " + c.program.MatchKey(target, candidate)
	if owner, reserved := c.owners[key]; reserved && owner != c.object.Anchor {
		return true, nil
	}
	taken, err := c.held(target, candidate)
	if err == nil && !taken {
		c.owners[key] = c.object.Anchor
	}
	return taken, err
}

// held asks the target.
func (c *choosing) held(target string, candidate directory.Value) (bool, error) {
	accounts, err := c.connector.Find(c.ctx, connector.Query{Type: c.object.Type, Attribute: target, Value: candidate})
	if err == nil {
		c.unanswered = 0
		return len(accounts) > 0, nil
	}
	c.err = err
	if errors.Is(err, directory.Transient) {
		c.unanswered++
	}
	switch {
	case errors.Is(err, directory.Unauthorised), c.ctx.Err() != nil:
		c.stop = err
	case c.unanswered > outageAbove:
		c.stop = fmt.Errorf("none of %d searches in a row was answered, the target seems to be down: %w", c.unanswered, err)
	}
	return false, fmt.Errorf("whether a value is taken could not be asked: %w", err)
}
