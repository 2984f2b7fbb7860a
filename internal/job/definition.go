package job

import (
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// Definition is the whole configuration of a job: what is committed as a generation.
type Definition struct {
	// ID is "<app key>/<job name>".
	ID   string `json:"id"`
	Name string `json:"name"`

	App         App          `json:"app"`
	Source      Source       `json:"source"`
	Connection  Connection   `json:"connection"`
	Mappings    []Mapping    `json:"mappings"`              // sorted by object type
	Filters     []Filter     `json:"filters,omitempty"`     // sorted by id
	Assignments []Assignment `json:"assignments,omitempty"` // sorted by id

	Scope     scope.Mode      `json:"scope"`
	State     DesiredState    `json:"state"`
	Run       RunMode         `json:"run"`
	Limits    Limits          `json:"limits"`
	OnDestroy DestroyPolicy   `json:"on_destroy"`
	Unplanned UnplannedPolicy `json:"on_unplanned"`
	// SkipOutOfScopeDeletions leaves accounts alone that go out of scope (engine.md 13, column Skip-OOS).
	SkipOutOfScopeDeletions bool `json:"skip_out_of_scope_deletions,omitempty"`
}

// App is the application that receives accounts.
type App struct {
	Key         string `json:"key"`
	DisplayName string `json:"display_name"`
}

// ID of the app is its key.
func (a App) ID() string { return a.Key }

// Source says where people and groups are read. Exactly one of the kinds is set.
type Source struct {
	Key  string      `json:"key"`
	File *FileSource `json:"file,omitempty"`
}

// ID of the source is its key.
func (s Source) ID() string { return s.Key }

// FileSource reads a JSON or CSV file (internal/source/file).
type FileSource struct {
	Path string `json:"path"`
	// Format is "json", "csv", or empty for "by the file's extension".
	Format string `json:"format,omitempty"`
	// GroupsColumn is the CSV column that names a user's groups, separated by semicolons. Empty: "groups".
	GroupsColumn string `json:"groups_column,omitempty"`
}

// Connection is an endpoint of an app with its credentials. Secrets are not part of it: they are kept sealed
// under (connection id, secret version).
type Connection struct {
	AppKey string          `json:"app_key"`
	Name   string          `json:"name"`
	SCIM   *SCIMConnection `json:"scim,omitempty"`
}

// ID is "<app key>/<name>".
func (c Connection) ID() string { return c.AppKey + "/" + c.Name }

// SCIMConnection speaks SCIM 2.0.
type SCIMConnection struct {
	BaseURL string `json:"base_url"`
	// TokenVersion is the version of the bearer token, chosen by the user. 0: no token.
	TokenVersion int64     `json:"token_version"`
	Profile      string    `json:"profile"`
	RateLimit    RateLimit `json:"rate_limit"`
	TLS          TLS       `json:"tls"`
}

// RateLimit bounds what is sent through a connection. Zero values mean the defaults (scim-client.md 14).
type RateLimit struct {
	RequestsPerSecond float64 `json:"requests_per_second,omitempty"`
	Concurrency       int     `json:"concurrency,omitempty"`
}

// TLS settings of a connection. Verification cannot be turned off.
type TLS struct {
	CABundlePEM string `json:"ca_bundle_pem,omitempty"`
	ServerName  string `json:"server_name,omitempty"`
}

// Mapping maps the attributes of one object type of one app.
type Mapping struct {
	AppKey     string               `json:"app_key"`
	ObjectType directory.ObjectType `json:"object_type"`
	// Enabled false skips the object type; user mappings cannot be disabled (mappings-and-scoping.md 10).
	Enabled bool `json:"enabled"`
	// Actions that may be taken on target objects (mappings-and-scoping.md 10).
	Actions Actions `json:"actions"`
	// Attributes sorted by target.
	Attributes []AttributeMapping `json:"attributes"`
}

// ID is "<app key>/<object type>".
func (m Mapping) ID() string { return m.AppKey + "/" + string(m.ObjectType) }

// Actions are the target object actions: Add, Update and Delete of a mapping's flowTypes.
type Actions struct {
	Create bool `json:"create"`
	Update bool `json:"update"`
	Delete bool `json:"delete"`
}

// FlowType says when a mapping applies (mappings-and-scoping.md 4).
type FlowType string

// The flow types.
const (
	FlowAlways           FlowType = "Always"
	FlowObjectAddOnly    FlowType = "ObjectAddOnly"
	FlowAttributeAddOnly FlowType = "AttributeAddOnly"
)

// FlowTypes lists the flow types.
func FlowTypes() []FlowType { return []FlowType{FlowAlways, FlowObjectAddOnly, FlowAttributeAddOnly} }

// AttributeMapping says what one target attribute receives.
type AttributeMapping struct {
	// Target is the attribute's path in the target, for example emails[type eq "work"].value.
	Target string `json:"target"`
	// Expression in the mapping language; a bare [name] is a direct mapping, a quoted text a constant.
	Expression string `json:"expression"`
	// DefaultValue is written on create when the expression yields null. Nil: none.
	DefaultValue *string `json:"default_value,omitempty"`
	// MatchingPrecedence above 0 makes it a matching attribute; lowest first (engine.md 9).
	MatchingPrecedence int      `json:"matching_precedence,omitempty"`
	FlowType           FlowType `json:"flow_type"`
}

// Filter is a named scoping filter for one object type; its clauses are ANDed, the filters of a job are ORed.
type Filter struct {
	AppKey     string               `json:"app_key"`
	Name       string               `json:"name"`
	ObjectType directory.ObjectType `json:"object_type"`
	Clauses    []scope.Clause       `json:"clauses"`
}

// ID is "<app key>/<name>".
func (f Filter) ID() string { return f.AppKey + "/" + f.Name }

// Assignment is a named set of users and groups of a source that are assigned to an app.
type Assignment struct {
	AppKey string             `json:"app_key"`
	Name   string             `json:"name"`
	Users  []directory.Anchor `json:"users,omitempty"`  // sorted
	Groups []directory.Anchor `json:"groups,omitempty"` // sorted
}

// ID is "<app key>/<name>".
func (a Assignment) ID() string { return a.AppKey + "/" + a.Name }

// DesiredState is what the configuration asks of the job.
type DesiredState string

// The desired states.
const (
	Started DesiredState = "started"
	Paused  DesiredState = "paused"
)

// RunMode says when cycles run.
type RunMode string

// The run modes of the embedded engine.
const (
	// RunOnApply runs one cycle in every apply; what is pending shows as a change of the job in every plan.
	RunOnApply RunMode = "on_apply"
	// RunManually runs no cycle in an apply.
	RunManually RunMode = "manual"
)

// DestroyPolicy says what happens to managed accounts when the job is destroyed.
type DestroyPolicy string

// The destroy policies.
const (
	DestroyKeep    DestroyPolicy = "keep"
	DestroyDisable DestroyPolicy = "disable"
	DestroyDelete  DestroyPolicy = "delete"
)

// UnplannedPolicy says what happens at commit to accounts whose disable or delete the plan did not show.
type UnplannedPolicy string

// The policies for unplanned deprovisionings (design.md 6.1).
const (
	HoldUnplanned UnplannedPolicy = "hold"
	FailUnplanned UnplannedPolicy = "fail"
)

// Limits bound how many accounts one commit or one cycle may disable and delete. Nil: no such limit.
type Limits struct {
	MaxDisable *int64 `json:"max_disable,omitempty"`
	MaxDelete  *int64 `json:"max_delete,omitempty"`
	// MaxPercent bounds disables and deletes together as a percentage of the managed accounts.
	MaxPercent *float64 `json:"max_percent,omitempty"`
}

// Mapping returns the mapping of an object type and whether there is one that is enabled.
func (d Definition) Mapping(objectType directory.ObjectType) (Mapping, bool) {
	for _, mapping := range d.Mappings {
		if mapping.ObjectType == objectType {
			return mapping, mapping.Enabled
		}
	}
	return Mapping{}, false
}

// FiltersOf returns the scoping filters of an object type.
func (d Definition) FiltersOf(objectType directory.ObjectType) []scope.Filter {
	var filters []scope.Filter
	for _, filter := range d.Filters {
		if filter.ObjectType == objectType {
			filters = append(filters, scope.Filter{Name: filter.Name, Clauses: filter.Clauses})
		}
	}
	return filters
}
