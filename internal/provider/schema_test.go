package provider_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

func schemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test", func(context.Context, provider.Embedded) (planwalk.Engine, error) {
		t.Error("the engine was opened for a schema")
		return planwalk.Engine{}, nil
	})())()
	resp, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	return resp
}

// The documentation is generated from these descriptions.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	resp := schemas(t)
	describe(t, "provider", resp.Provider)
	for name, schema := range resp.ResourceSchemas {
		describe(t, name, schema)
	}
	for name, schema := range resp.DataSourceSchemas {
		describe(t, name, schema)
	}
}

func describe(t *testing.T, name string, schema *tfprotov6.Schema) {
	t.Helper()
	if schema.Block.Description == "" {
		t.Errorf("%s is not described", name)
	}
	if len(schema.Block.BlockTypes) > 0 {
		t.Errorf("%s has blocks; use nested attributes", name)
	}
	describeAttributes(t, name, schema.Block.Attributes)
}

func describeAttributes(t *testing.T, parent string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		name := parent + "." + attribute.Name
		if attribute.Description == "" || !strings.HasSuffix(attribute.Description, ".") {
			t.Errorf("%s is not described by a sentence: %q", name, attribute.Description)
		}
		if attribute.WriteOnly && (!strings.HasSuffix(attribute.Name, "_wo") || !attribute.Sensitive) {
			t.Errorf("%s is write-only, so it has to be sensitive and to end in _wo", name)
		}
		if attribute.NestedType != nil {
			describeAttributes(t, name, attribute.NestedType.Attributes)
		}
	}
}

func TestResourceTypes(t *testing.T) {
	t.Parallel()
	var names []string
	for name := range schemas(t).ResourceSchemas {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"provisioning_app", "provisioning_app_assignment", "provisioning_attribute_mapping", "provisioning_job",
		"provisioning_on_demand",
		"provisioning_scim_connection", "provisioning_scoping_filter", "provisioning_source",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
