package apptemplates

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

// Model is the data source in Terraform's terms.
type Model struct {
	Key       types.String    `tfsdk:"key"`
	Search    types.String    `tfsdk:"search"`
	Templates []templateModel `tfsdk:"templates"`
}

type templateModel struct {
	Key               types.String           `tfsdk:"key"`
	Name              types.String           `tfsdk:"name"`
	Vendor            types.String           `tfsdk:"vendor"`
	Status            types.String           `tfsdk:"status"`
	Documentation     []types.String         `tfsdk:"documentation"`
	BaseURLs          []types.String         `tfsdk:"base_urls"`
	Authentication    []types.String         `tfsdk:"authentication"`
	Profile           types.String           `tfsdk:"profile"`
	RequestsPerSecond types.Float64          `tfsdk:"requests_per_second"`
	UpdateMethod      types.String           `tfsdk:"update_method"`
	Bulk              types.Bool             `tfsdk:"bulk"`
	MembersPerPatch   types.Int64            `tfsdk:"members_per_patch"`
	PageSize          types.Int64            `tfsdk:"page_size"`
	UserAttributes    map[string]mappedModel `tfsdk:"user_attributes"`
	GroupAttributes   map[string]mappedModel `tfsdk:"group_attributes"`
	Facts             []factModel            `tfsdk:"facts"`
	Sources           []sourceModel          `tfsdk:"sources"`
}

type mappedModel struct {
	Expression         types.String `tfsdk:"expression"`
	MatchingPrecedence types.Int64  `tfsdk:"matching_precedence"`
}

type factModel struct {
	Subject types.String `tfsdk:"subject"`
	Value   types.String `tfsdk:"value"`
	Note    types.String `tfsdk:"note"`
	Source  types.String `tfsdk:"source"`
}

type sourceModel struct {
	Name   types.String `tfsdk:"name"`
	URL    types.String `tfsdk:"url"`
	Dated  types.String `tfsdk:"dated"`
	Status types.String `tfsdk:"status"`
}

func modelOf(t template.Template) templateModel {
	c := t.Connection
	m := templateModel{
		Key: types.StringValue(t.Key), Name: types.StringValue(t.Name), Vendor: types.StringValue(t.Vendor), Status: types.StringValue(string(t.Status)),
		Documentation: []types.String{}, BaseURLs: values(t.BaseURLs), Authentication: values(t.Authentication),
		Profile: known(c.Profile, types.StringValue, types.StringNull()), UpdateMethod: known(c.UpdateMethod, types.StringValue, types.StringNull()),
		RequestsPerSecond: known(c.RequestsPerSecond, types.Float64Value, types.Float64Null()), Bulk: known(c.Bulk, types.BoolValue, types.BoolNull()),
		MembersPerPatch: known(c.MembersPerPatch, whole, types.Int64Null()), PageSize: known(c.PageSize, whole, types.Int64Null()),
		UserAttributes: attributes(t, directory.User), GroupAttributes: attributes(t, directory.Group),
	}
	for _, link := range t.Documentation {
		m.Documentation = append(m.Documentation, types.StringValue(link))
	}
	for _, line := range t.Lines() {
		m.Facts = append(m.Facts, factModel{
			Subject: types.StringValue(line.Subject), Value: types.StringValue(line.Value), Note: draft.Text(line.Note), Source: types.StringValue(line.Source),
		})
	}
	for _, source := range t.Sources {
		m.Sources = append(m.Sources, sourceModel{
			Name: types.StringValue(source.Name), URL: types.StringValue(source.URL()), Dated: draft.Text(source.Dated), Status: types.StringValue(string(source.Status)),
		})
	}
	return m
}

func values(facts []template.Fact[string]) []types.String {
	found := []types.String{}
	for _, fact := range facts {
		found = append(found, types.StringValue(fact.Value))
	}
	return found
}

// known returns a fact's value in Terraform's type, or null.
func known[T, V any](fact *template.Fact[T], value func(T) V, null V) V {
	if fact == nil {
		return null
	}
	return value(fact.Value)
}

func whole(n int) types.Int64 { return types.Int64Value(int64(n)) }

func attributes(t template.Template, objectType directory.ObjectType) map[string]mappedModel {
	rows := t.Mapping(objectType)
	if rows == nil {
		return nil
	}
	mapped := map[string]mappedModel{}
	for _, row := range rows {
		mapped[row.Target] = mappedModel{Expression: types.StringValue(row.Expression), MatchingPrecedence: draft.Whole(int64(row.MatchingPrecedence))}
	}
	return mapped
}
