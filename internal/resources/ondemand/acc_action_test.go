package ondemand_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// TestAccOnDemandAction triggers the action with an apply. Older versions of Terraform cannot read the configuration.
func TestAccOnDemandAction(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: s.Factories(),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{{
			ConfigDirectory: config.StaticDirectory("testdata/action"),
			ConfigVariables: s.Variables(),
			Check:           resource.TestCheckResourceAttrSet("terraform_data.pilot", "id"),
		}},
	})
	if !t.Skipped() {
		s.accounts(map[string]bool{"ann Ann": true})
	}
}
