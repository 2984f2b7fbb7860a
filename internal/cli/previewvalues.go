package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// planValues are the attributes of a job in a plan.
type planValues struct{ before, after, unknown map[string]json.RawMessage }

func (v *planValues) read(change planChange) error {
	for _, part := range []struct {
		raw  json.RawMessage
		into *map[string]json.RawMessage
	}{{change.Change.Before, &v.before}, {change.Change.After, &v.after}, {change.Change.AfterUnknown, &v.unknown}} {
		// after_unknown is false for what is destroyed.
		if raw := bytes.TrimSpace(part.raw); len(raw) > 0 && raw[0] == '{' {
			if err := json.Unmarshal(raw, part.into); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill takes over what the plan says of the job. planned_impact says something only of a job that is created, updated or
// replaced: otherwise it is what an earlier apply did (plan-preview-mechanics.md 6 no. 8).
func (v planValues) fill(j *previewJob, deferred bool) (err error) {
	j.ID = v.id(j.Address)
	j.Paused = text(v.after["state"]) == "paused"
	j.Known = !deferred
	if n, known, err := number(v.before["managed_account_count"]); err != nil {
		return fmt.Errorf("managed_account_count: %w", err)
	} else if known {
		j.Managed = &n
	}
	switch j.Action {
	case previewNone:
		return nil
	case previewForget:
		j.Warnings = append(j.Warnings, leftBehind)
		return nil
	case previewDestroy, previewReplace:
		if j.Destroy, err = impactIn(v.before["destroy_impact"]); err != nil {
			return fmt.Errorf("destroy_impact: %w", err)
		}
		j.Known = j.Known && j.Destroy != nil
		if j.Action == previewDestroy {
			return nil
		}
	}
	if j.Impact, err = v.impact(); err != nil {
		return fmt.Errorf("planned_impact: %w", err)
	}
	if j.Known = j.Known && j.Impact != nil; j.Impact != nil {
		for _, cause := range j.Impact.Causes {
			if cause.Origin == "held" {
				j.Held += cause.Count
			}
		}
	}
	if j.Changes, err = v.changes(); err != nil {
		return fmt.Errorf("planned_changes: %w", err)
	}
	return nil
}

// id is the id of the job, or its address where the plan does not know it.
func (v planValues) id(address string) string {
	for _, values := range []map[string]json.RawMessage{v.after, v.before} {
		if id := text(values["id"]); id != "" {
			return id
		}
		if app, name := text(values["app_id"]), text(values["name"]); app != "" && name != "" {
			return app + "/" + name
		}
	}
	return address
}

func (v planValues) impact() (*previewImpact, error) {
	if unknownWithin(v.unknown["planned_impact"]) {
		return nil, nil
	}
	return impactIn(v.after["planned_impact"])
}

func (v planValues) changes() (*previewChanges, error) {
	if unknownWithin(v.unknown["planned_changes"]) {
		return nil, nil
	}
	var found map[string]json.RawMessage
	if err := object(v.after["planned_changes"], &found); err != nil || found == nil {
		return nil, err
	}
	changes := &previewChanges{}
	for name, into := range map[string]*int64{
		"create_count": &changes.Create, "update_count": &changes.Update, "membership_add_count": &changes.Additions, "failure_count": &changes.Failures,
	} {
		n, known, err := number(found[name])
		if err != nil || !known {
			return nil, err
		}
		*into = n
	}
	return changes, nil
}

// impactIn reads an impact; nil when a number in it is missing. destroy_impact counts no memberships.
func impactIn(raw json.RawMessage) (*previewImpact, error) {
	var found map[string]json.RawMessage
	if err := object(raw, &found); err != nil || found == nil {
		return nil, err
	}
	for _, name := range []string{"disable_count", "delete_count", "membership_removal_count", "group_count"} {
		_, known, err := number(found[name])
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		case !known && (name == "disable_count" || name == "delete_count"):
			return nil, nil
		}
	}
	impact := &previewImpact{}
	if err := json.Unmarshal(raw, impact); err != nil {
		return nil, err
	}
	for _, cause := range impact.Causes {
		if cause.Count < 0 {
			return nil, errors.New("a count below zero")
		}
	}
	return impact, nil
}

// object reads an object; null and nothing are none.
func object(raw json.RawMessage, into *map[string]json.RawMessage) error {
	if len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// number reads a count. It is not known when it is missing or null.
func number(raw json.RawMessage) (n int64, known bool, err error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return 0, false, nil
	}
	if err := json.Unmarshal(raw, &n); err != nil {
		return 0, false, err
	}
	if n < 0 || n > 1<<53 {
		return 0, false, fmt.Errorf("%d is no number of accounts", n)
	}
	return n, true, nil
}

// text is a string, or empty when it is none.
func text(raw json.RawMessage) (s string) {
	if err := json.Unmarshal(raw, &s); err != nil {
		return ""
	}
	return s
}

// unknownWithin reports whether anything inside is only known after apply.
func unknownWithin(raw json.RawMessage) bool {
	// In after_unknown there are objects, lists and true; nothing else holds this word.
	return bytes.Contains(raw, []byte("true"))
}
