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
	// NestedGroups makes members of groups inside assigned groups count as assigned, at any depth; otherwise only direct
	// members do (mappings-and-scoping.md 14; an option of this project).
	NestedGroups bool `json:"nested_groups,omitempty"`
	// Parameters are the values of %Name% in expressions (expressions.md 8).
	Parameters map[string]string `json:"parameters,omitempty"`
	// SkipOutOfScopeDeletions leaves accounts alone that go out of scope (engine.md 13, column Skip-OOS).
	SkipOutOfScopeDeletions bool `json:"skip_out_of_scope_deletions,omitempty"`
	// Drift says what becomes of accounts that somebody changed in the target. Empty means DriftIgnore.
	Drift DriftMode `json:"drift,omitempty"`
	// Restart asks for parts of what the job remembers to be forgotten; a change of it is carried out at commit. Nil: never.
	Restart *Restart `json:"restart,omitempty"`
	// LogRetentionDays is how long records of the provisioning log are kept. 0 means DefaultLogRetentionDays.
	LogRetentionDays int64 `json:"log_retention_days,omitempty"`
}

// The default is how long Microsoft's premium service keeps its log (engine.md 23); the most is ten years.
const (
	DefaultLogRetentionDays = 30
	MaximumLogRetentionDays = 3650
)

// DriftMode says what a cycle does about accounts that are not as they were last written (engine.md 6, 13 row 21).
type DriftMode string

// The drift modes.
const (
	// DriftIgnore: changes in the target are not looked for, as in Microsoft's service.
	DriftIgnore DriftMode = "ignore"
	// DriftReport: every cycle compares the target with what was last written and reports differences.
	DriftReport DriftMode = "report"
	// DriftRepair: differences are written back, missing accounts created again, under the same plan and limits as any change.
	DriftRepair DriftMode = "repair"
)

// App is the application that receives accounts.
type App struct {
	Key         string `json:"key"`
	DisplayName string `json:"display_name"`
	// Template is the key of a well-known product (package template). Empty: none.
	Template string `json:"template,omitempty"`
}

// ID of the app is its key.
func (a App) ID() string { return a.Key }

// Source says where people and groups are read. Exactly one of the kinds is set.
type Source struct {
	Key  string      `json:"key"`
	File *FileSource `json:"file,omitempty"`
	// DefaultDomain is what DefaultDomain() yields: the tenant's default verified domain (expressions.md 8).
	DefaultDomain string `json:"default_domain,omitempty"`
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

// Mapping maps the attributes of one object type of one app.
type Mapping struct {
	AppKey     string               `json:"app_key"`
	ObjectType directory.ObjectType `json:"object_type"`
	// Enabled false skips the object type; user mappings cannot be disabled (mappings-and-scoping.md 10).
	Enabled bool `json:"enabled"`
	// Actions that may be taken on target objects (mappings-and-scoping.md 10).
	Actions Actions `json:"actions"`
	// Preset is the name of a table of default mappings that Attributes override by target. Empty: none.
	Preset string `json:"preset,omitempty"`
	// TemplateRows is the table of PresetTemplate, sorted by target: that of the app's template, as it was when the definition was
	// put together. Nil for other presets, and for an app without such a table.
	TemplateRows []AttributeMapping `json:"template_rows,omitempty"`
	// Exclude are targets of the preset that are left out, sorted.
	Exclude []string `json:"exclude,omitempty"`
	// Attributes sorted by target.
	Attributes []AttributeMapping `json:"attributes"`
	// CompositeMatching lets attributes share a matching precedence: an account has to hold the values of all of them. Entra
	// has no such thing (engine.md 9).
	CompositeMatching bool `json:"composite_matching,omitempty"`
	// SourceAttributes and TargetAttributes say what is special about attributes: the attribute list of
	// mappings-and-scoping.md 6. Attributes that are not listed have the defaults. Sorted by name.
	SourceAttributes []SourceAttribute `json:"source_attributes,omitempty"`
	TargetAttributes []TargetAttribute `json:"target_attributes,omitempty"`
	// Deprovisioning overrides, per event, what is asked of the target when an object leaves; events that are not listed
	// have Microsoft's behaviour (engine.md 13). Sorted by event.
	Deprovisioning []DeprovisionRule `json:"deprovisioning,omitempty"`
}

// DeprovisionRule says what is asked of the target for one event.
type DeprovisionRule struct {
	Event  DeprovisionEvent  `json:"event"`
	Action DeprovisionAction `json:"action"`
	// Attributes to write, sorted by target; only for DeprovisionSetAttributes. Values are constants.
	Attributes []AttributeValue `json:"attributes,omitempty"`
	// AfterDays delays a delete; until then the account is disabled. Only for DeprovisionDelete.
	AfterDays int64 `json:"after_days,omitempty"`
}

// AttributeValue is a constant for a target attribute.
type AttributeValue struct {
	Target string `json:"target"`
	Value  string `json:"value"`
}

// DeprovisionEvent is an event that can take access away (engine.md 13).
type DeprovisionEvent string

// The events.
const (
	EventUnassigned   DeprovisionEvent = "unassigned"
	EventFilterFailed DeprovisionEvent = "filter_failed"
	EventDisabled     DeprovisionEvent = "disabled"
	EventSoftDeleted  DeprovisionEvent = "soft_deleted"
	EventHardDeleted  DeprovisionEvent = "hard_deleted"
)

// DeprovisionAction is what is asked of the target.
type DeprovisionAction string

// The actions.
const (
	DeprovisionNone          DeprovisionAction = "none"
	DeprovisionDisable       DeprovisionAction = "disable"
	DeprovisionSetAttributes DeprovisionAction = "set_attributes"
	DeprovisionDelete        DeprovisionAction = "delete"
)

// SourceAttribute describes an attribute of the source.
type SourceAttribute struct {
	Name string `json:"name"`
	// FlowNullValues is the first of the two switches that let an empty value clear the target
	// (mappings-and-scoping.md 3.3); the second one is the mapping's.
	FlowNullValues bool `json:"flow_null_values,omitempty"`
}

// TargetAttribute describes an attribute of the target.
type TargetAttribute struct {
	// Name is the attribute's path, as in AttributeMapping.Target.
	Name string `json:"name"`
	// Type that values are converted to. Empty: what the target itself says.
	Type AttributeType `json:"type,omitempty"`
	// Required: no account is created without a value.
	Required bool `json:"required,omitempty"`
	// Multivalued: nil leaves it to the target.
	Multivalued *bool `json:"multivalued,omitempty"`
	// CaseExact: a change of case alone is a change. Nil leaves it to the target.
	CaseExact *bool `json:"case_exact,omitempty"`
	// Mutability: empty means ReadWrite.
	Mutability Mutability `json:"mutability,omitempty"`
	// DefaultValue is used when a required attribute has no value and its mapping no default. Nil: none.
	DefaultValue *string `json:"default_value,omitempty"`
}

// AttributeType is the type of a target attribute (mappings-and-scoping.md 6).
type AttributeType string

// The attribute types.
const (
	TypeString    AttributeType = "String"
	TypeInteger   AttributeType = "Integer"
	TypeBoolean   AttributeType = "Boolean"
	TypeBinary    AttributeType = "Binary"
	TypeDateTime  AttributeType = "DateTime"
	TypeReference AttributeType = "Reference"
)

// Mutability says when a target attribute can be written (mappings-and-scoping.md 6).
type Mutability string

// The mutabilities.
const (
	ReadWrite Mutability = "ReadWrite"
	ReadOnly  Mutability = "ReadOnly"
	Immutable Mutability = "Immutable"
	WriteOnly Mutability = "WriteOnly"
)

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
	// FlowAlways: create and update.
	FlowAlways FlowType = "Always"
	// FlowObjectAddOnly: create only.
	FlowObjectAddOnly FlowType = "ObjectAddOnly"
	// FlowMultiValueAddOnly: only additions to a multi-valued attribute.
	FlowMultiValueAddOnly FlowType = "MultiValueAddOnly"
	// FlowValueAddOnly: if the target has a value, additions flow and removals do not.
	FlowValueAddOnly FlowType = "ValueAddOnly"
	// FlowAttributeAddOnly: only if the target has no value.
	FlowAttributeAddOnly FlowType = "AttributeAddOnly"
)

// FlowTypes lists the flow types.
func FlowTypes() []FlowType {
	return []FlowType{FlowAlways, FlowObjectAddOnly, FlowMultiValueAddOnly, FlowValueAddOnly, FlowAttributeAddOnly}
}

// FlowBehavior says whether an unchanged value is written (mappings-and-scoping.md 4).
type FlowBehavior string

// The flow behaviours.
const (
	// FlowWhenChanged: a value that the target has already is not written.
	FlowWhenChanged FlowBehavior = "FlowWhenChanged"
	// FlowInEveryUpdate is FlowAlways in Microsoft's schema: every update of the object carries the value.
	FlowInEveryUpdate FlowBehavior = "FlowAlways"
)

// FlowBehaviors lists the flow behaviours.
func FlowBehaviors() []FlowBehavior { return []FlowBehavior{FlowWhenChanged, FlowInEveryUpdate} }

// AttributeMapping says what one target attribute receives.
type AttributeMapping struct {
	// Target is the attribute's path in the target, for example emails[type eq "work"].value.
	Target string `json:"target"`
	// Expression in the mapping language; a bare [name] is a direct mapping, a quoted text a constant. Empty is the
	// mapping type None: the target is left alone, or gets DefaultValue when it has no value (mappings-and-scoping.md 2).
	Expression string `json:"expression"`
	// DefaultValue is written on create when the expression yields null. Nil: none.
	DefaultValue *string `json:"default_value,omitempty"`
	// MatchingPrecedence above 0 makes it a matching attribute; lowest first (engine.md 9). Only with
	// Mapping.CompositeMatching may two have the same.
	MatchingPrecedence int      `json:"matching_precedence,omitempty"`
	FlowType           FlowType `json:"flow_type"`
	// FlowBehavior: empty means FlowWhenChanged.
	FlowBehavior FlowBehavior `json:"flow_behavior,omitempty"`
	// FlowNullValues is the second of the two switches that let an empty value clear the target; the first one is the
	// source attribute's (mappings-and-scoping.md 3.3).
	FlowNullValues bool `json:"flow_null_values,omitempty"`
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
	// PercentFloor: MaxPercent is ignored while fewer accounts are managed. Nil: DefaultPercentFloor.
	PercentFloor *int64 `json:"percent_floor,omitempty"`
	// Users and Groups bound one object type each, besides the limits for all.
	Users  *TypeLimits `json:"users,omitempty"`
	Groups *TypeLimits `json:"groups,omitempty"`
}

// TypeLimits are limits for one object type. Nil: no such limit.
type TypeLimits struct {
	MaxDisable *int64   `json:"max_disable,omitempty"`
	MaxDelete  *int64   `json:"max_delete,omitempty"`
	MaxPercent *float64 `json:"max_percent,omitempty"`
	// PercentFloor of the object type. Nil: that of the limits for all.
	PercentFloor *int64 `json:"percent_floor,omitempty"`
}

// DefaultPercentFloor is 10: of fewer accounts a single leaver is more than a tenth, so that a percentage would stop every
// ordinary departure. It is no more than that, because below the floor nothing but max_disable and max_delete protects: an app
// with 60 people should not lose all of them while its configuration says max_percent.
const DefaultPercentFloor int64 = 10

// ForAll are the limits for all accounts together.
func (l Limits) ForAll() TypeLimits {
	return TypeLimits{MaxDisable: l.MaxDisable, MaxDelete: l.MaxDelete, MaxPercent: l.MaxPercent, PercentFloor: l.PercentFloor}
}

// Floor is the number of managed accounts from which on a percentage counts, of one object type or, with nil, of all.
func (l Limits) Floor(of *TypeLimits) int64 {
	switch {
	case of != nil && of.PercentFloor != nil:
		return *of.PercentFloor
	case l.PercentFloor != nil:
		return *l.PercentFloor
	default:
		return DefaultPercentFloor
	}
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
