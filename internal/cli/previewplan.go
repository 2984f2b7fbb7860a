package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// planChange is the change of one resource in the JSON of a plan.
type planChange struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Type    string `json:"type"`
	Deposed string `json:"deposed"`
	Change  struct {
		Actions      []string        `json:"actions"`
		Before       json.RawMessage `json:"before"`
		After        json.RawMessage `json:"after"`
		AfterUnknown json.RawMessage `json:"after_unknown"`
	} `json:"change"`
}

var errNoPlan = errors.New("this is not a plan: it takes the output of terraform show -json for a saved plan (terraform plan -out=plan.out; terraform show -json plan.out)")

// readPlan reads what terraform show -json says of a saved plan. A plan that failed is a report as well, an errored one.
// One value at a time is kept in memory.
func readPlan(r io.Reader) (previewReport, error) { return readPlanWithin(r, previewMaxBytes) }

// readPlanWithin reads a plan of at most so many bytes.
func readPlanWithin(r io.Reader, most int64) (previewReport, error) {
	report := previewReport{Version: previewVersion, Origin: "plan", Jobs: []previewJob{}}
	limited := &io.LimitedReader{R: r, N: most + 1}
	buffered := bufio.NewReader(limited)
	if start, _ := buffered.Peek(4); bytes.HasPrefix(start, []byte("PK")) {
		return report, errors.New("this is a plan file itself; give what terraform show -json says of it")
	}
	decoder := json.NewDecoder(buffered)
	isPlan, err := report.readTop(decoder)
	if err == nil {
		if _, end := decoder.Token(); !errors.Is(end, io.EOF) {
			err = fmt.Errorf("%w; something follows its first object, as in the log of terraform plan -json", errNoPlan)
		}
	}
	syntax := (*json.SyntaxError)(nil)
	switch {
	case limited.N <= 0:
		return report, fmt.Errorf("the plan is larger than %d bytes", most)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return report, errors.New("the plan ends too early; did terraform show -json fail? (set -o pipefail makes a pipeline say so)")
	case errors.As(err, &syntax):
		return report, fmt.Errorf("%w; %w", errNoPlan, err)
	case err != nil:
		return report, err
	case !isPlan:
		return report, errNoPlan
	}
	if report.Errored { // whatever else it holds is not what an apply would do
		report.Jobs = []previewJob{}
	}
	report.sort()
	return report, nil
}

// readTop reads the outermost object. It reports whether that is a plan.
func (r *previewReport) readTop(decoder *json.Decoder) (isPlan bool, err error) {
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return false, cmp.Or(err, errNoPlan)
	}
	var versioned bool
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return false, err
		}
		switch key {
		case "format_version":
			var version string
			if err := decoder.Decode(&version); err != nil {
				return false, unreadable("format_version", err)
			}
			if !strings.HasPrefix(version, "1.") && !strings.HasPrefix(version, "0.") {
				return false, fmt.Errorf("the plan has format version %q, this program knows 1; is there a newer release of it?", version)
			}
			versioned = true
		case "errored":
			var errored bool
			if err := decoder.Decode(&errored); err != nil {
				return false, unreadable("errored", err)
			}
			r.Errored = r.Errored || errored
		case "complete":
			var complete *bool
			if err := decoder.Decode(&complete); err != nil {
				return false, unreadable("complete", err)
			}
			r.Partial = r.Partial || complete != nil && !*complete
		case "resource_changes":
			isPlan = true
			err := eachElement(decoder, func() error {
				var change planChange
				if err := decoder.Decode(&change); err != nil {
					return unreadable("resource_changes", err)
				}
				return r.add(change, false)
			})
			if err != nil {
				return false, err
			}
		case "deferred_changes":
			err := eachElement(decoder, func() error {
				var deferred struct {
					Change planChange `json:"resource_change"`
				}
				if err := decoder.Decode(&deferred); err != nil {
					return unreadable("deferred_changes", err)
				}
				return r.add(deferred.Change, true)
			})
			if err != nil {
				return false, err
			}
		case "values":
			return false, errors.New("this is a state, not a plan: name the plan file, terraform show -json plan.out")
		default:
			isPlan = isPlan || key == "planned_values"
			var ignored json.RawMessage
			if err := decoder.Decode(&ignored); err != nil {
				return false, err
			}
		}
	}
	_, err = decoder.Token()
	return isPlan && versioned, err
}

// eachElement calls read for each element of an array, or not at all for null.
func eachElement(decoder *json.Decoder, read func() error) error {
	start, err := decoder.Token()
	switch {
	case err != nil:
		return err
	case start == nil:
		return nil
	case start != json.Delim('['):
		return errNoPlan
	}
	for decoder.More() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}

// unreadable says where the plan is another one than Terraform writes. What ends too early stays recognisable.
func unreadable(where string, err error) error {
	return fmt.Errorf("%s of the plan cannot be read: %w", where, err)
}

// add takes over a change of a job; other resources are none of a preview's business.
func (r *previewReport) add(change planChange, deferred bool) error {
	if change.Mode != "managed" || change.Type != "provisioning_job" {
		return nil
	}
	j := previewJob{Address: change.Address}
	if change.Deposed != "" {
		j.Address += " (deposed " + change.Deposed + ")"
	}
	actions := slices.Clone(change.Change.Actions)
	slices.Sort(actions)
	switch strings.Join(actions, " ") {
	case "no-op":
		j.Action = previewNone
	case "create":
		j.Action = previewCreate
	case "update":
		j.Action = previewUpdate
	case "delete":
		j.Action = previewDestroy
	case "create delete":
		j.Action = previewReplace
	case "forget":
		j.Action = previewForget
	case "create forget":
		j.Action, j.Warnings = previewCreate, []string{leftBehind}
	default:
		return fmt.Errorf("the plan does %q to %s, which this program does not know; is there a newer release of it?", change.Change.Actions, change.Address)
	}
	var values planValues
	if err := values.read(change); err != nil {
		return fmt.Errorf("%s in the plan cannot be read: %w", change.Address, err)
	}
	if err := values.fill(&j, deferred); err != nil {
		return fmt.Errorf("%s in the plan cannot be read: %w", change.Address, err)
	}
	r.Jobs = append(r.Jobs, j)
	return nil
}

const leftBehind = "Terraform forgets the job without asking the engine: the job and its accounts stay as they are, and cycles may still run."
