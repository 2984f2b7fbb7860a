package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/app"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/appassignment"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/apptemplates"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/attributemapping"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/links"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/logs"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/ondemand"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/preview"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/scimconnection"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/scimschema"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/scopingfilter"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/source"
)

// resources is the one list of resources, in the order in which a configuration usually names them.
func resources() []func() resource.Resource {
	return []func() resource.Resource{
		source.NewResource,
		app.NewResource,
		appassignment.NewResource,
		scimconnection.NewResource,
		attributemapping.NewResource,
		scopingfilter.NewResource,
		job.NewResource,
		ondemand.NewResource,
	}
}

// actions is the one list of actions, for Terraform 1.14 and later.
func actions() []func() action.Action {
	return []func() action.Action{ondemand.NewAction}
}

// dataSources is the one list of data sources.
func dataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{
		job.NewDataSource,
		logs.NewDataSource,
		links.NewDataSource,
		preview.NewDataSource,
		apptemplates.NewDataSource,
		scimschema.NewDataSource,
	}
}
