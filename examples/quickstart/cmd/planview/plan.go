package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// plan is what a plan does, as far as it concerns a reviewer.
type plan struct {
	changes []change // those that do something
	jobs    []job    // jobs that are created or updated
}

type change struct {
	address, action string
}

// job is one provisioning_job with its preview.
type job struct {
	address string
	counts  map[string]string // by the names of countNames
	losing  []account
	more    bool // further accounts lose access, which the plan does not name
}

type account struct {
	Name, Action, Reason string
}

// countNames are the counts -expect knows, in the order they are printed. Each is an attribute without its "_count".
var countNames = slices.Concat(gives, takes)

var (
	gives = []string{"create", "update", "membership_add", "failure"}
	takes = []string{"disable", "delete", "membership_removal"}
)

// unknown stands for a count that is known after apply only.
const unknown = "unknown"

// readPlan reads the JSON of `terraform show -json`. A plan that failed has no changes to look at and is an error.
func readPlan(r io.Reader) (plan, error) {
	var in struct {
		FormatVersion   string `json:"format_version"`
		Errored         bool   `json:"errored"`
		ResourceChanges []struct {
			Address, Type string
			Change        struct {
				Actions []string
				After   json.RawMessage
			}
		} `json:"resource_changes"`
	}
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return plan{}, fmt.Errorf("read plan: %w", err)
	}
	switch {
	case in.FormatVersion == "":
		return plan{}, errors.New("read plan: this is not the output of terraform show -json for a saved plan")
	case in.Errored:
		return plan{}, errors.New("read plan: planning failed, so the plan says nothing about access")
	}
	var p plan
	for _, rc := range in.ResourceChanges {
		action := strings.Join(rc.Change.Actions, "/")
		if action == "no-op" || action == "read" {
			continue
		}
		p.changes = append(p.changes, change{rc.Address, action})
		if rc.Type != "provisioning_job" || action == "delete" {
			continue
		}
		j, err := readJob(rc.Address, rc.Change.After)
		if err != nil {
			return plan{}, err
		}
		p.jobs = append(p.jobs, j)
	}
	return p, nil
}

func readJob(address string, after json.RawMessage) (job, error) {
	var known struct {
		Changes map[string]json.RawMessage `json:"planned_changes"`
		Impact  map[string]json.RawMessage `json:"planned_impact"`
	}
	if err := json.Unmarshal(after, &known); err != nil {
		return job{}, fmt.Errorf("read plan of %s: %w", address, err)
	}
	j := job{address: address, counts: map[string]string{}}
	read := func(from map[string]json.RawMessage, names []string) {
		for _, name := range names {
			j.counts[name] = unknown
			if v, ok := from[name+"_count"]; ok && string(v) != "null" {
				j.counts[name] = string(v)
			}
		}
	}
	read(known.Changes, gives)
	read(known.Impact, takes)
	for key, into := range map[string]any{"accounts": &j.losing, "accounts_truncated": &j.more} {
		if v, ok := known.Impact[key]; ok {
			if err := json.Unmarshal(v, into); err != nil {
				return job{}, fmt.Errorf("read %s of %s: %w", key, address, err)
			}
		}
	}
	return j, nil
}

// total adds one count over all jobs. Without a job that does something it is "0".
func (p plan) total(name string) string {
	sum := 0
	for _, j := range p.jobs {
		n, err := strconv.Atoi(j.counts[name])
		if err != nil {
			return unknown
		}
		sum += n
	}
	return strconv.Itoa(sum)
}

// losers are the names of the accounts that lose access, sorted.
func (p plan) losers() []string {
	var names []string
	for _, j := range p.jobs {
		for _, a := range j.losing {
			names = append(names, a.Name)
		}
		if j.more {
			names = append(names, "and more")
		}
	}
	slices.Sort(names)
	return names
}

func (p plan) print(w io.Writer) {
	out := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	if len(p.changes) == 0 {
		out("nothing changes")
		return
	}
	for _, c := range p.changes {
		out("%-8s %s", c.action, c.address)
	}
	for _, j := range p.jobs {
		out("\n%s", j.address)
		out("  gives or changes access: %s", j.row(gives))
		out("  takes access away:       %s", j.row(takes))
		for _, a := range j.losing {
			out("    %-8s %s (%s)", a.Action, a.Name, a.Reason)
		}
		if j.more {
			out("    and more")
		}
	}
}

func (j job) row(names []string) string {
	var parts []string
	for _, name := range names {
		if j.counts[name] == unknown {
			return "known after apply"
		}
		parts = append(parts, j.counts[name]+" "+strings.ReplaceAll(name, "_", " "))
	}
	return strings.Join(parts, ", ")
}
