package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown is the JSON of a plan with a job that changes, one that does not, and one that is destroyed. Its %s is what the
// plan knows of the first job.
const shown = `{"format_version":"1.2","resource_changes":[
	{"address":"provisioning_scoping_filter.sales","type":"provisioning_scoping_filter","change":{"actions":["update"],"after":{}}},
	{"address":"provisioning_job.wiki","type":"provisioning_job","change":{"actions":["update"],"after":{%s}}},
	{"address":"provisioning_job.same","type":"provisioning_job","change":{"actions":["no-op"],"after":{"planned_impact":{"disable_count":99}}}},
	{"address":"provisioning_job.gone","type":"provisioning_job","change":{"actions":["delete"],"after":null}}]}`

const two = `"planned_changes":{"create_count":4,"update_count":0,"membership_add_count":0,"failure_count":1},
	"planned_impact":{"disable_count":1,"delete_count":1,"membership_removal_count":0,"accounts_truncated":%t,"accounts":[
		{"object_type":"user","name":"zoe@x","action":"disable","reason":"left"},
		{"object_type":"user","name":"ann@x","action":"delete","reason":"gone"}]}`

func view(args []string, in string) (string, error) {
	var out strings.Builder
	err := run(args, strings.NewReader(in), &out, io.Discard)
	return out.String(), err
}

func TestPrint(t *testing.T) {
	t.Parallel()
	const changes = `update   provisioning_scoping_filter.sales
update   provisioning_job.wiki
delete   provisioning_job.gone

provisioning_job.wiki
`
	tests := map[string]struct{ in, want string }{
		"counts and names": {fmt.Sprintf(shown, fmt.Sprintf(two, true)), changes +
			"  gives or changes access: 4 create, 0 update, 0 membership add, 1 failure\n" +
			"  takes access away:       1 disable, 1 delete, 0 membership removal\n" +
			"    disable  zoe@x (left)\n    delete   ann@x (gone)\n    and more\n"},
		"unknown": {fmt.Sprintf(shown, ``), changes +
			"  gives or changes access: known after apply\n  takes access away:       known after apply\n"},
		"nothing": {`{"format_version":"1.2"}`, "nothing changes\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := view(nil, test.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Each check with a word its error must contain; no word means that the plan passes.
func TestChecks(t *testing.T) {
	t.Parallel()
	plain, truncated := fmt.Sprintf(shown, fmt.Sprintf(two, false)), fmt.Sprintf(shown, fmt.Sprintf(two, true))
	unknown, nothing := fmt.Sprintf(shown, ``), `{"format_version":"1.2"}`
	tests := map[string]struct {
		in, args, want string
	}{
		"counts fit":             {plain, "-expect create=4,disable=1,delete=1", ""},
		"count differs":          {plain, "-expect create=4,disable=2", "disable is 1, expected 2"},
		"count is not known":     {unknown, "-expect disable=0", "disable is unknown"},
		"unknown count expected": {unknown, "-expect disable=unknown", ""},
		"no job changes":         {nothing, "-expect disable=0", ""},
		"no such count":          {plain, "-expect disabled=1", "no count"},
		"names fit":              {plain, "-loses zoe@x,ann@x", ""},
		"name is missing":        {plain, "-loses ann@x", "from ann@x, zoe@x, expected ann@x"},
		"nobody expected":        {plain, "-loses none", "expected nobody"},
		"nobody loses":           {nothing, "-loses none", ""},
		"somebody expected":      {nothing, "-loses ann@x", "from nobody"},
		"names are cut off":      {truncated, "-loses zoe@x,ann@x", "and more"},
		"failed plan":            {`{"format_version":"1.2","errored":true}`, "", "planning failed"},
		"state, not a plan":      {`{}`, "", "not the output"},
		"no JSON":                {`Terraform will`, "", "read plan"},
		"odd counts":             {fmt.Sprintf(shown, `"planned_impact":4`), "", "provisioning_job.wiki"},
		"odd accounts":           {fmt.Sprintf(shown, `"planned_impact":{"accounts":4}`), "", "accounts of provisioning_job.wiki"},
		"argument":               {plain, "plan.json", "standard input"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := view(strings.Fields(test.args), test.in)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	if _, err := view([]string{"-h"}, ""); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h ends with %v", err)
	}
}
