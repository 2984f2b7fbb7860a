package cycle_test

import (
	"context"
	"errors"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
)

// errWithheld is a run that was not to be now.
var errWithheld = errors.New("withheld")

// runOnce runs a cycle as a schedule does; one that is withheld is an error.
func runOnce(ctx context.Context, w *world, request cycle.RunRequest) (cycle.Report, error) {
	ran, err := w.engine.RunJob(ctx, request, nil)
	if err == nil && ran.Withheld != "" {
		err = errors.Join(errWithheld, errors.New(ran.Withheld))
	}
	return ran.Report, err
}
