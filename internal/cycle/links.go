package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// DeleteLink forgets the link of an object; neither object is touched (engine.md 10). The next cycle evaluates everything, so
// that the object is matched again and nothing that hung on the link is missed. Deleting what is not there is a success and
// changes nothing.
//
// Errors: NotFound when there is no such job, Conflict when it is not paused.
func (e *Engine) DeleteLink(ctx context.Context, jobID string, key store.LinkKey) error {
	if err := e.refuseUnlessPaused(ctx, jobID); err != nil {
		return err
	}
	l, err := e.acquire(ctx, jobID)
	if err != nil {
		return err
	}
	defer l.release(ctx)
	// Somebody may have started the job while this one waited.
	record, err := e.Store.GetJob(ctx, jobID)
	if err == nil {
		err = pausedOnly(record)
	}
	if err != nil {
		return err
	}
	links, err := e.Store.LinksBySource(ctx, jobID, key.Type, []directory.Anchor{key.Source})
	if err != nil {
		return err
	}
	if _, there := links[key.Source]; !there {
		return nil
	}
	batch := store.Batch{DeleteLinks: []store.LinkKey{key}}
	if record.Initialised {
		batch.Watermark = &store.Watermark{CopyID: record.CopyID}
	}
	return e.Store.Record(ctx, jobID, l.current(), batch)
}

func (e *Engine) refuseUnlessPaused(ctx context.Context, jobID string) error {
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return err
	}
	return pausedOnly(record)
}

func pausedOnly(record store.JobRecord) error {
	if record.Definition.State == job.Paused {
		return nil
	}
	return directory.Errorf(directory.Conflict,
		"job %s is not paused, and a running job would make the link anew while it is being deleted. Nothing was changed; pause the job, delete the link, and start the job again", record.Definition.ID)
}
