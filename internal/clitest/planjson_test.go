package clitest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// planFile is the part of the JSON of a plan that the scripts look at.
type planFile struct {
	Errored         bool `json:"errored"`
	ResourceChanges []struct {
		Address string `json:"address"`
		Type    string `json:"type"`
		Mode    string `json:"mode"`
		Change  struct {
			Actions      []string                   `json:"actions"`
			Before       map[string]json.RawMessage `json:"before"`
			After        map[string]json.RawMessage `json:"after"`
			AfterUnknown map[string]json.RawMessage `json:"after_unknown"`
			Importing    *struct {
				ID string `json:"id"`
			} `json:"importing"`
		} `json:"change"`
	} `json:"resource_changes"`
}

type impact struct {
	DisableCount           *int64 `json:"disable_count"`
	DeleteCount            *int64 `json:"delete_count"`
	MembershipRemovalCount *int64 `json:"membership_removal_count"`
	AccountsTruncated      bool   `json:"accounts_truncated"`
	AccountsDigest         string `json:"accounts_digest"`
	Accounts               []struct {
		ObjectType string `json:"object_type"`
		Name       string `json:"name"`
		Action     string `json:"action"`
		Reason     string `json:"reason"`
	} `json:"accounts"`
}

type changes struct {
	CreateCount        *int64 `json:"create_count"`
	UpdateCount        *int64 `json:"update_count"`
	MembershipAddCount *int64 `json:"membership_add_count"`
	FailureCount       *int64 `json:"failure_count"`
}

func (s *stage) planjson(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: planjson PLAN")
	}
	var plan planFile
	ts.Check(json.Unmarshal(s.show(ts, args[0]), &plan))
	ts.Check(plan.print(ts.Stdout()))
}

func (p planFile) print(out io.Writer) error {
	if p.Errored {
		_, _ = fmt.Fprintln(out, "errored")
	}
	for _, r := range p.ResourceChanges {
		if r.Mode != "managed" || slices.Equal(r.Change.Actions, []string{"no-op"}) && r.Change.Importing == nil {
			continue
		}
		_, _ = fmt.Fprintf(out, "%s %s", strings.Join(r.Change.Actions, "-"), r.Address)
		if r.Change.Importing != nil {
			_, _ = fmt.Fprintf(out, " (import %s)", r.Change.Importing.ID)
		}
		_, _ = fmt.Fprintln(out)
		if r.Type != "provisioning_job" {
			continue
		}
		if slices.Contains(r.Change.Actions, "delete") {
			if err := printImpact(out, "destroy_impact", r.Change.Before["destroy_impact"]); err != nil {
				return err
			}
		}
		if slices.Contains(r.Change.Actions, "create") || slices.Contains(r.Change.Actions, "update") {
			if err := printPreview(out, r.Change.After, r.Change.AfterUnknown); err != nil {
				return err
			}
		}
	}
	return nil
}

func printPreview(out io.Writer, after, unknown map[string]json.RawMessage) error {
	if string(unknown["planned_impact"]) == "true" {
		_, _ = fmt.Fprintln(out, "  planned_impact known after apply")
	} else if err := printImpact(out, "planned_impact", after["planned_impact"]); err != nil {
		return err
	}
	if string(unknown["planned_changes"]) == "true" {
		_, _ = fmt.Fprintln(out, "  planned_changes known after apply")
		return nil
	}
	var c changes
	if err := json.Unmarshal(after["planned_changes"], &c); err != nil {
		return fmt.Errorf("planned_changes: %w", err)
	}
	_, _ = fmt.Fprintf(out, "  planned_changes create=%s update=%s membership_add=%s failure=%s\n",
		count(c.CreateCount), count(c.UpdateCount), count(c.MembershipAddCount), count(c.FailureCount))
	return nil
}

func printImpact(out io.Writer, name string, raw json.RawMessage) error {
	var i impact
	if err := json.Unmarshal(raw, &i); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, _ = fmt.Fprintf(out, "  %s disable=%s delete=%s", name, count(i.DisableCount), count(i.DeleteCount))
	if name == "planned_impact" {
		_, _ = fmt.Fprintf(out, " membership_removal=%s", count(i.MembershipRemovalCount))
	}
	if i.AccountsTruncated {
		_, _ = fmt.Fprint(out, " truncated")
	}
	if i.AccountsDigest == "" {
		_, _ = fmt.Fprint(out, " without digest")
	}
	_, _ = fmt.Fprintln(out)
	for _, a := range i.Accounts {
		_, _ = fmt.Fprintf(out, "    %s %s %s: %s\n", a.ObjectType, a.Name, a.Action, a.Reason)
	}
	return nil
}

// count tells a count that is missing from a zero.
func count(n *int64) string {
	if n == nil {
		return "?"
	}
	return fmt.Sprint(*n)
}
