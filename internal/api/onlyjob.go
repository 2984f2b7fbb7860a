package api

import (
	"context"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// theJob returns the id a request names. A request may leave it empty when the engine has exactly one job, which is what
// people have who type commands.
func (s operationService) theJob(ctx context.Context, id string) (string, error) {
	if id != "" {
		return id, nil
	}
	records, err := s.jobs.engine.Store.ListJobs(ctx)
	if err != nil {
		return "", err
	}
	switch len(records) {
	case 0:
		return "", directory.Errorf(directory.NotFound, "there is no job in this store; was it made with another store?")
	case 1:
		return records[0].Definition.ID, nil
	}
	ids := make([]string, len(records))
	for i, record := range records {
		ids[i] = record.Definition.ID
	}
	return "", directory.Errorf(directory.Invalid, "there are %d jobs, so the request must name one: %s", len(ids), strings.Join(ids, ", "))
}
