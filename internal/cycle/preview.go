package cycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Preview is what committing a definition would do.
type Preview struct {
	// Digest of the definition and Position the preview is kept under.
	Digest   string `json:"digest"`
	Position string `json:"position"`
	// Affected is everything that takes access away, complete and sorted.
	Affected []engine.Affected `json:"affected"`
	Changes  Changes           `json:"changes"`
	// Managed is the number of managed accounts before.
	Managed int64 `json:"managed"`
	// Toll is what the limits judge: the affected accounts, without those that were approved one by one.
	Toll engine.Toll `json:"toll"`
	// Forgotten is what the restart of the definition forgets; nil when it forgets no links.
	Forgotten *Forgotten `json:"forgotten,omitempty"`
	// Warnings are for people, one each; the first line of each names nobody.
	Warnings []string `json:"warnings,omitempty"`
}

// Changes count what gives or changes access, in objects.
type Changes struct {
	Creates          int64 `json:"creates"`
	Updates          int64 `json:"updates"`
	MembershipsToAdd int64 `json:"membershipsToAdd"`
	Failures         int64 `json:"failures"`
}

func (p *Preview) manage(managed map[directory.ObjectType]int64) {
	p.Toll.Manage(managed)
	for _, count := range managed {
		p.Managed += count
	}
}

// affect adds an account that would lose access. One that somebody said no to would not, and does not show.
func (p *Preview) affect(affected engine.Affected, ruling engine.Ruling) {
	if ruling == engine.Rejected {
		return
	}
	p.Affected = append(p.Affected, affected)
	if ruling != engine.Approved {
		p.Toll.Count(affected.Type, affected.Action)
	}
}

// Position names the state of the world a preview can be pinned to: position of the source copy, revision of the job,
// and the moment it was read. The moment makes every pin unique, so that a stored preview serves exactly the plan that
// made it (plan-preview-mechanics.md 3.4: only Read's private data reaches the second planning pass).
func (e *Engine) pin(copyPosition, revision int64) string {
	return strconv.FormatInt(copyPosition, 10) + "." + strconv.FormatInt(revision, 10) + "." + strconv.FormatInt(e.Now().UnixMilli(), 10)
}

// PreviewJob computes what committing the definition would do, or returns what was computed before for the same pinned
// position. An empty position asks for the newest state and keeps nothing.
func (e *Engine) PreviewJob(ctx context.Context, definition job.Definition, position string) (Preview, error) {
	if err := definition.Validate(); err != nil {
		return Preview{}, err
	}
	digest := definition.Digest()
	if position != "" {
		stored, err := e.storedPreview(ctx, definition.ID, digest, position)
		if err == nil || !errors.Is(err, directory.NotFound) {
			return stored, err
		}
	}
	record, err := e.Store.GetJob(ctx, definition.ID)
	if err != nil && !errors.Is(err, directory.NotFound) {
		return Preview{}, err
	}
	moved, err := e.moves(ctx, record, definition)
	if err != nil {
		return Preview{}, err
	}
	// The committed source was read when the position was pinned; a source that is not committed yet was not.
	pinned := position != "" && record.Definition.Source.CopyID() == definition.Source.CopyID()
	ready, err := e.prepare(ctx, definition, !pinned)
	if err != nil {
		return Preview{}, err
	}
	defer e.close(ctx, ready.target)
	// What the committed definition watches was compared when the position was pinned, and by its mappings.
	if record.Initialised && watchesDrift(definition) && !watchesAlike(record.Definition, definition) && moved == "" {
		if err := e.checkDrift(ctx, ready); err != nil {
			return Preview{}, err
		}
	}
	preview, err := e.preview(ctx, ready, definition, record)
	if err == nil && moved == "" {
		var drifted []string
		drifted, err = e.driftWarnings(ctx, definition, true)
		preview.Warnings = append(preview.Warnings, drifted...)
	}
	if err != nil {
		return Preview{}, err
	}
	preview.Digest, preview.Position = digest, position
	if position == "" {
		return preview, nil
	}
	return preview, e.keepPreview(ctx, definition.ID, preview)
}

// PreviewCommitted computes what applying a job's committed definition would do now; without a position after looking for
// drift, if the job does.
func (e *Engine) PreviewCommitted(ctx context.Context, jobID, position string) (job.Definition, Preview, error) {
	record, err := e.Store.GetJob(ctx, jobID)
	if err == nil && position == "" {
		err = e.refreshDrift(ctx, record)
	}
	if err != nil {
		return job.Definition{}, Preview{}, err
	}
	preview, err := e.PreviewJob(ctx, record.Definition, position)
	return record.Definition, preview, err
}

// keepPreview stores a preview under its digest and position, so that what it shows can be approved.
func (e *Engine) keepPreview(ctx context.Context, jobID string, preview Preview) error {
	body, err := json.Marshal(preview)
	if err != nil {
		return fmt.Errorf("encode preview: %w", err)
	}
	return e.Store.PutPreview(ctx, store.Preview{JobID: jobID, Digest: preview.Digest, Position: preview.Position, Body: body, At: e.Now()}, previewKeep)
}

func (e *Engine) storedPreview(ctx context.Context, jobID, digest, position string) (Preview, error) {
	stored, err := e.Store.GetPreview(ctx, jobID, digest, position)
	if err != nil {
		return Preview{}, err
	}
	var preview Preview
	if err := json.Unmarshal(stored.Body, &preview); err != nil {
		return Preview{}, fmt.Errorf("decode stored preview of %s: %w", jobID, err)
	}
	return preview, nil
}

// preview runs the loop without acting, on the newest state.
func (e *Engine) preview(ctx context.Context, ready prepared, definition job.Definition, record store.JobRecord) (Preview, error) {
	managed, err := e.Store.CountManaged(ctx, definition.ID)
	if err != nil {
		return Preview{}, err
	}
	var preview Preview
	preview.manage(managed)
	reset, err := restarting(record, definition)
	if err != nil {
		return Preview{}, err
	}
	if reset.Links {
		forgotten, err := e.forgottenIn(ctx, ready, record, definition)
		if err != nil {
			return Preview{}, err
		}
		preview.Forgotten = &forgotten
	}
	if reset.Watermark {
		record.Watermark, record.Running = 0, nil
	}
	if definition.State == job.Paused { // nothing is evaluated, nothing is lost
		return preview, nil
	}
	tally := &tally{preview: &preview, creating: map[directory.Anchor]bool{}, leaving: map[directory.Anchor]bool{}, unlinked: map[directory.Anchor]bool{}, returning: map[directory.Anchor]bool{}, silent: map[store.LinkKey]bool{}}
	v := &evaluation{store: afterReset{Store: e.Store, reset: reset, engine: e}, program: ready.program, jobID: definition.ID, copyID: ready.copyID, now: e.Now(), random: e.Random, matcher: noMatcher{}, size: previewPageSize, claims: map[string]directory.Anchor{}}
	s := spanOf(record, definition, ready)
	against := e.blaming(ready, definition, record, v)
	preview.Warnings = against.unattended(ready.program, managed)
	for _, objectType := range ready.program.ObjectTypes() {
		err := v.visit(ctx, objectType, s, s.from, func(objects []directory.Object, _ map[directory.Anchor]store.Escrow, _ int64) error {
			items, err := v.decide(ctx, objectType, objects)
			if err != nil {
				return err
			}
			if err := against.complete(ctx, v, objectType, items); err != nil {
				return err
			}
			for _, it := range items {
				tally.add(it, v.ruling(it))
			}
			return nil
		})
		if err != nil {
			return Preview{}, err
		}
	}
	if err := tally.references(ctx, v); err != nil {
		return Preview{}, err
	}
	doubted, err := doubtedMembers(ctx, e.Store, definition.ID)
	if err != nil {
		return Preview{}, err
	}
	drifted, err := v.membersDrifted(ctx)
	if err != nil {
		return Preview{}, err
	}
	if ready.program.Memberships() && (!settled(record, s) || tally.looked || doubted || drifted) {
		if err := tally.memberships(ctx, v); err != nil {
			return Preview{}, err
		}
	}
	engine.SortAffected(preview.Affected)
	return preview, nil
}

// spanOf says what has to be evaluated: everything when the job is new, when its source is another one, or when
// something that decides about objects changed (engine.md 7); otherwise what changed since the watermark.
func spanOf(record store.JobRecord, definition job.Definition, ready prepared) span {
	s := span{from: record.Watermark, to: ready.position}
	if record.CopyID != ready.copyID || record.Watermark == 0 || record.Definition.EvaluationDigest() != definition.EvaluationDigest() {
		s.full, s.from = true, 0
	}
	return s
}

// settled reports whether nothing has moved since a cycle that left nothing behind: memberships, which are compared as whole
// sets, need not be compared then.
func settled(record store.JobRecord, s span) bool {
	last := record.LastCycle
	return !s.full && s.from == s.to && record.Running == nil && last != nil && last.Failure == "" && last.Counts.Failed == 0 && last.Counts.Held == 0
}

// tally turns decisions into a preview.
type tally struct {
	preview *Preview
	// creating are the users that will get an account.
	creating map[directory.Anchor]bool
	// referencing are objects whose only change is a reference, with what they wait for.
	referencing []waiting
	updated     map[store.LinkKey]bool
	// leaving are the users who join no group any more, and the groups nobody joins; unlinked are those whose memberships
	// are not compared at all, or went with an account that is gone.
	leaving, unlinked map[directory.Anchor]bool
	// returning are the groups that were let go and are managed again.
	returning map[directory.Anchor]bool
	// looked says that some object is decided about: it may be linked by it, so that memberships are compared.
	looked bool
	// silent are the objects for which no reference is written any more.
	silent map[store.LinkKey]bool
}

type waiting struct {
	key    store.LinkKey
	wanted []directory.Anchor
}

func (t *tally) add(it item, ruling engine.Ruling) {
	t.looked = true
	key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
	ends := it.decision.Action == engine.Skip && it.link != nil && it.decision.Aftermath != engine.KeepLink
	if leavesGroups(it) || ends { // who is no longer managed when memberships are compared has none
		t.leaving[it.object.Anchor] = true
	}
	if it.gone || ends && (it.object.Type == directory.Group || it.decision.Aftermath == engine.DropLink) {
		t.unlinked[it.object.Anchor] = true
	}
	if it.object.Type == directory.Group && comesBack(it) {
		t.returning[it.object.Anchor] = true
	}
	switch it.decision.Action {
	case engine.Create:
		if it.link != nil { // its account was released before: it comes back
			t.update(key)
		} else {
			t.preview.Changes.Creates++
		}
		if it.object.Type == directory.User {
			t.creating[it.object.Anchor] = true
		}
	case engine.Update:
		t.update(key)
	case engine.Disable, engine.Delete:
		t.silent[key] = !it.drifted
		t.preview.affect(affected(it), ruling)
	case engine.Fail:
		t.preview.Changes.Failures++
	case engine.Link, engine.Skip:
		t.silent[key] = it.decision.Event != engine.NoEvent && !it.drifted
		if len(it.decision.References) > 0 {
			w := waiting{key: key}
			for _, reference := range it.decision.References {
				w.wanted = append(w.wanted, reference.Wanted)
			}
			t.referencing = append(t.referencing, w)
		}
	}
}

func (t *tally) update(key store.LinkKey) {
	if t.updated == nil {
		t.updated = map[store.LinkKey]bool{}
	}
	if !t.updated[key] {
		t.updated[key] = true
		t.preview.Changes.Updates++
	}
}

// references counts objects that are updated only because a reference can be written now.
func (t *tally) references(ctx context.Context, v *evaluation) error {
	for page := range slices.Chunk(t.referencing, previewPageSize) {
		var anchors []directory.Anchor
		for _, w := range page {
			anchors = append(anchors, w.wanted...)
		}
		links, err := v.store.LinksBySource(ctx, v.jobID, directory.User, anchors)
		if err != nil {
			return err
		}
		for _, w := range page {
			for _, wanted := range w.wanted {
				if wanted == "" || links[wanted].Managed || t.creating[wanted] {
					t.update(w.key)
				}
			}
		}
	}
	for _, objectType := range v.program.ObjectTypes() {
		var after store.Reference
		for {
			ready, err := v.store.ReadyReferences(ctx, v.jobID, objectType, after, previewPageSize)
			if err != nil {
				return err
			}
			for _, reference := range ready {
				if !t.silent[reference.LinkKey] {
					t.update(reference.LinkKey)
				}
				after = reference.Reference
			}
			if len(ready) < previewPageSize {
				break
			}
		}
	}
	return nil
}
