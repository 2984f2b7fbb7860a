package clitest_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

const benchPeople = 100_000

// BenchmarkPlan measures what a plan costs once 100,000 people are linked (design.md 10): through the real Terraform and the real
// provider, with nothing changed and with a changed filter that disables one in ten. "plan" is the whole command; "floor" is
// a plan of an empty configuration, which is what Terraform costs by itself. "peak" is the most
// memory that a provider process had at any time (VmHWM).
func BenchmarkPlan(b *testing.B) {
	if os.Getenv("TF_ACC") == "" {
		b.Skip("benchmarks of Terraform run with TF_ACC=1")
	}
	p := newPlanner(b)
	p.run(b, "apply", "-auto-approve")
	nothing := p.bare(b)
	for _, test := range []struct{ name, department string }{{"nothing changed", "nobody"}, {"changed filter", "HR"}} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				plan := p.run(b, "plan", "-var", "spared="+test.department, "-out", "bench.tfplan")
				b.ReportMetric(plan.took.Seconds(), "s/plan")
				b.ReportMetric(nothing.took.Seconds(), "s/floor")
				b.ReportMetric(plan.cpu.Seconds(), "cpu-s/plan")
				b.ReportMetric(nothing.cpu.Seconds(), "cpu-s/floor")
				b.ReportMetric(float64(plan.peak)/1024, "MB-peak")
			}
		})
	}
}

// planner runs Terraform in a directory of its own.
type planner struct {
	terraform, dir, provider string
	env                      []string
}

func newPlanner(b *testing.B) planner {
	b.Helper()
	terraform, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		b.Fatal(err)
	}
	cliConfig := install(b)
	server := httptest.NewServer(wikiapp.New(wikiapp.Options{Token: token}))
	b.Cleanup(server.Close)
	p := planner{terraform: terraform, dir: b.TempDir(), provider: filepath.Join(filepath.Dir(cliConfig), binary), env: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+cliConfig, "TF_CLI_ARGS=-no-color", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "TF_VAR_base_url="+server.URL+wikiapp.Prefix, "TF_VAR_token="+token)}
	var people strings.Builder
	people.WriteString(`{"users":[`)
	for i := range benchPeople {
		if i > 0 {
			people.WriteString(",\n")
		}
		department := "Sales"
		if i%10 == 0 {
			department = "HR"
		}
		fmt.Fprintf(&people, `{"id":"u%07d","userPrincipalName":"user%d@example.com","displayName":"User %d","department":%q,"accountEnabled":true}`, i, i, i, department)
	}
	people.WriteString("]}\n")
	for name, text := range map[string]string{"people.json": people.String(), "main.tf": benchConfiguration} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return p
}

// cost is what a command costs: time on the wall, processor time of Terraform and its providers, which a busy machine does not
// lengthen as much, and the peak memory of the provider in KB.
type cost struct {
	took, cpu time.Duration
	peak      int64
}

// run runs Terraform.
func (p planner) run(b *testing.B, args ...string) cost {
	b.Helper()
	command := exec.CommandContext(b.Context(), p.terraform, args...)
	var out bytes.Buffer
	command.Dir, command.Env, command.Stdout, command.Stderr = p.dir, p.env, &out, &out
	began := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	var peak int64
	for {
		select {
		case err := <-done:
			if err != nil {
				b.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, &out)
			}
			return cost{time.Since(began), command.ProcessState.UserTime() + command.ProcessState.SystemTime(), peak}
		case <-ticker.C:
			peak = max(peak, highWater(p.provider))
		}
	}
}

// bare is what Terraform costs by itself.
func (p planner) bare(b *testing.B) cost {
	b.Helper()
	p.dir = b.TempDir()
	if err := os.WriteFile(filepath.Join(p.dir, "main.tf"), []byte("output \"nothing\" { value = 1 }\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	return p.run(b, "plan")
}

// highWater is the greatest VmHWM, in KB, among the processes that run a program; 0 where /proc does not tell.
func highWater(program string) (peak int64) {
	processes, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return 0
	}
	for _, link := range processes {
		if target, err := os.Readlink(link); err != nil || target != program {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(link), "status"))
		if err != nil {
			continue // it has ended
		}
		for line := range strings.Lines(string(status)) {
			if value, found := strings.CutPrefix(line, "VmHWM:"); found {
				kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
				if err == nil {
					peak = max(peak, kilobytes)
				}
			}
		}
	}
	return peak
}

const benchConfiguration = `
terraform {
  required_providers {
    provisioning = { source = "app-provisioning/provisioning" }
  }
}

variable "base_url" { type = string }
variable "spared" { default = "nobody" }
variable "token" {
  type      = string
  ephemeral = true
}

resource "provisioning_source" "people" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}

resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "wiki" {
  app_id                  = provisioning_app.wiki.id
  base_url                = var.base_url
  bearer_token_wo         = var.token
  bearer_token_wo_version = 1
  rate_limit              = { requests_per_second = 10000, concurrency = 8 }
}

resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  attributes = {
    "userName"    = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"      = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "displayName" = { expression = "[displayName]" }
  }
}

resource "provisioning_scoping_filter" "people" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  name        = "department"
  clauses     = [{ attribute = "department", operator = "NOT EQUALS", value = var.spared }]
}

resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = provisioning_scim_connection.wiki.id
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.people.id]
  timeouts           = { create = "60m", update = "60m" }
}
`
