package cycle

import (
	"context"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// moves returns the endpoint that a job with accounts leaves when the definition points it at another system, where other
// accounts are; empty when it stays, or has nobody to leave behind. Its links name accounts of the old system, so that moving
// needs a restart which forgets them, in the same commit, by somebody who knows what it means.
//
// Errors: Invalid when the definition moves the job without saying so. It quotes the connection, and says how many accounts
// would stay behind and what can be done.
func (e *Engine) moves(ctx context.Context, record store.JobRecord, definition job.Definition) (string, error) {
	if record.Generation == 0 || record.Definition.Connection.Endpoint() == definition.Connection.Endpoint() {
		return "", nil
	}
	managed, err := e.Store.CountManaged(ctx, definition.ID)
	if err != nil {
		return "", err
	}
	var total int64
	for _, count := range managed {
		total += count
	}
	from, to := place(record.Definition), place(definition)
	if total == 0 {
		return "", nil
	}
	reset, err := restarting(record, definition)
	if err != nil {
		return "", err
	}
	if reset.Links && definition.Restart.AcknowledgeOrphans {
		return from, nil
	}
	return "", directory.Errorf(directory.Invalid,
		"job %s manages %d accounts at %s and connection %q is now at %s, where other accounts are: the %d would stay behind, untouched, and nobody would "+
			"disable them any more. Ways out: destroy the job first (on_destroy decides what happens to its accounts); give the other system an app and a "+
			"job of its own; or leave them behind knowingly with restart = { scope = [%q], acknowledge_orphans = true } in the same change (and a new value "+
			"in restart.triggers if the job had this restart before). The plan then names them, and people are matched anew at the other system",
		definition.ID, total, from, definition.Connection.ID(), to, total, job.ResetConnectorDataStore)
}

// place is where a job's accounts are, for people.
func place(definition job.Definition) string {
	return strings.TrimPrefix(definition.Connection.Endpoint(), "scim ")
}

// forgottenIn is what a commit forgets that forgets links: all that is managed when it moves the job to another system, else
// what its own system would not find again.
func (e *Engine) forgottenIn(ctx context.Context, ready prepared, record store.JobRecord, definition job.Definition) (Forgotten, error) {
	if record.Definition.Connection.Endpoint() == definition.Connection.Endpoint() {
		return e.forgotten(ctx, ready, definition.ID)
	}
	f := Forgotten{MovedFrom: place(record.Definition)}
	for _, objectType := range directory.ObjectTypes() {
		var after directory.Anchor
		for {
			page, err := e.Store.ListLinks(ctx, definition.ID, objectType, after, previewPageSize)
			if err != nil {
				return Forgotten{}, err
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].Source
			f.Links += int64(len(page))
			for _, link := range page {
				if link.Managed {
					f.Orphans = append(f.Orphans, engine.Affected{
						Type: objectType, Source: link.Source, Target: link.Target, Name: link.Name, Action: engine.LeaveBehind,
						Reason: "it stays at " + f.MovedFrom + " as it is and is not managed any more", Cause: engine.LostLink, Origin: engine.FromConfiguration,
					})
				}
			}
		}
	}
	engine.SortAffected(f.Orphans)
	return f, nil
}
