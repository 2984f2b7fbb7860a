package exchange

import (
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// before writes what mappings and filters rest on. What the schema does not know has a marked place.
func (w *writer) before() {
	w.line(`
terraform {
  required_providers {
    provisioning = {
      source = "app-provisioning/provisioning"
    }
  }
}

variable "scim_token" {
  description = "Bearer token of the SCIM endpoint."
  type = string
  ephemeral = true
}

resource "provisioning_app" %[1]s {
  key = %[2]s
  display_name = %[3]s
}

# Fill in: where people and groups are read.
resource "provisioning_source" "people" {
  key = "people"
  file = { path = "${path.module}/people.json" }
}

# Fill in: the address of the SCIM endpoint, without its query (the Tenant URL in Entra).
resource "provisioning_scim_connection" %[1]s {
  app_id = provisioning_app.%[4]s.id
  base_url = "https://scim.example.com/v2"
  bearer_token_wo = var.scim_token
  bearer_token_wo_version = 1
}`, quoted(w.app), quoted(w.App.Key), quoted(w.App.DisplayName), w.app)
}

// job writes the job. It is paused, so that nothing happens before somebody has read the plan.
func (w *writer) job() {
	w.line("")
	w.comment("", "The job commits all of it. Read the plan, then change state to \"started\". In Entra, stop the job first.")
	commented := ""
	if !slices.ContainsFunc(w.Mappings, func(m job.Mapping) bool { return m.ObjectType == directory.User }) {
		w.comment("", "It needs a mapping of users: add one, then remove the comment signs.")
		commented = "# "
	}
	write := func(format string, args ...any) { w.line(commented+format, args...) }
	write("resource \"provisioning_job\" %s {", quoted(w.app))
	write("  app_id        = provisioning_app.%s.id", w.app)
	write("  source_id     = provisioning_source.people.id")
	write("  connection_id = provisioning_scim_connection.%s.id", w.app)
	write("  mapping_ids = [")
	for _, m := range w.Mappings {
		write("    provisioning_attribute_mapping.%s.id,", m.ObjectType)
	}
	write("  ]")
	if len(w.Filters) > 0 {
		write("  scoping_filter_ids = [")
		for _, f := range w.Filters {
			write("    provisioning_scoping_filter.%s.id,", filterLabel(f))
		}
		write("  ]")
	}
	write("  # The schema does not say who is in scope: \"assigned\" (what a provisioning_app_assignment names) or \"all\".")
	write("  scope = \"assigned\"")
	write("  state = \"paused\"")
	write("}")
}
