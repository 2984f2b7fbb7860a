package template

import (
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Template is what is known about one product. Nil facts are not known.
type Template struct {
	// Key names the template in configurations: lower-case letters, digits and hyphens.
	Key    string `json:"key"`
	Name   string `json:"name"`
	Vendor string `json:"vendor"`
	// Status is Documented when the addresses and the attributes are, and otherwise Reported.
	Status Status `json:"status"`
	// Documentation lists where the vendor explains provisioning.
	Documentation []string `json:"documentation"`
	// Sources are what the facts were taken from, sorted by name.
	Sources []Source `json:"sources"`
	// BaseURLs are the forms of the endpoint's address; braces enclose what differs from customer to customer.
	BaseURLs []Fact[string] `json:"base_urls"`
	// Authentication lists the kinds that work (Bearer, ClientCredentials, Basic), with a note on where the credentials come
	// from.
	Authentication []Fact[string] `json:"authentication"`
	Connection     Connection     `json:"connection"`
	Users          Objects        `json:"users"`
	// Groups is nil when nothing is known about groups.
	Groups *Objects `json:"groups,omitempty"`
	// Peculiarities are one sentence each.
	Peculiarities []Fact[string] `json:"peculiarities,omitempty"`
}

// Status says how well something is established.
type Status string

// The statuses.
const (
	// Documented: the vendor, or the vendor of an identity provider that integrates the product, says so.
	Documented Status = "documented"
	// Reported: somebody else says so.
	Reported Status = "reported"
)

// Source is a public document.
type Source struct {
	// Name is what facts call it.
	Name string `json:"name"`
	// Address is its URL, or a repository on GitHub and a path in it, separated by a blank.
	Address string `json:"address"`
	// Dated is the date the document carries, as written there in the order year, month, day. Empty: it carries none.
	Dated  string `json:"dated,omitempty"`
	Status Status `json:"status"`
}

// Fact is a value with its origin.
type Fact[T any] struct {
	Value T `json:"value"`
	// Note qualifies the value. It is a sentence, or empty.
	Note string `json:"note,omitempty"`
	// Source is the name of one of the template's Sources.
	Source string `json:"source"`
}

// The kinds of authentication.
const (
	Bearer            = "bearer"
	ClientCredentials = "client_credentials"
	Basic             = "basic"
)

// AuthenticationKinds lists the kinds.
func AuthenticationKinds() []string { return []string{Bearer, ClientCredentials, Basic} }

// Connection is what a connection takes from the template where it says nothing itself.
type Connection struct {
	// Profile is the wire profile (scim-client.md, table before section 1).
	Profile *Fact[string] `json:"profile,omitempty"`
	// RequestsPerSecond is the lowest limit that is stated for a sustained load.
	RequestsPerSecond *Fact[float64] `json:"requests_per_second,omitempty"`
	// UpdateMethod is "patch" or "put".
	UpdateMethod *Fact[string] `json:"update_method,omitempty"`
	Bulk         *Fact[bool]   `json:"bulk,omitempty"`
	// MembersPerPatch is how many members one request may add or remove.
	MembersPerPatch *Fact[int] `json:"members_per_patch,omitempty"`
	// PageSize is how many resources one page of a list holds at most.
	PageSize *Fact[int] `json:"page_size,omitempty"`
}

// Objects is what is known about the users, or the groups, of a product.
type Objects struct {
	Create *Fact[bool] `json:"create,omitempty"`
	Update *Fact[bool] `json:"update,omitempty"`
	// Delete is what DELETE does: "delete" removes the object, "deactivate" only disables it, "none" is refused.
	Delete *Fact[string] `json:"delete,omitempty"`
	// Disable is what active = false does, with the same words. Only for users.
	Disable *Fact[string] `json:"disable,omitempty"`
	// Rename is whether a group's name can change. Only for groups.
	Rename *Fact[bool] `json:"rename,omitempty"`
	// Members is whether memberships can be written. Only for groups.
	Members *Fact[bool] `json:"members,omitempty"`
	// Searchable are the attributes a filter finds objects by.
	Searchable *Fact[[]string] `json:"searchable,omitempty"`
	// Required are the attributes without which no object is created.
	Required *Fact[[]string] `json:"required,omitempty"`
	// Mapping is the default mapping, sorted by target. That the product takes the attributes is the source's word; from where
	// they are filled is this project's choice, as in the preset entra-default.
	Mapping *Fact[[]Row] `json:"mapping,omitempty"`
}

// Row is one attribute of a default mapping. It always applies and has no default.
type Row struct {
	Target     string `json:"target"`
	Expression string `json:"expression"`
	// MatchingPrecedence above 0 makes it a matching attribute.
	MatchingPrecedence int `json:"matching_precedence,omitempty"`
}

// Objects returns what is known about a type of object, or nil.
func (t Template) Objects(objectType directory.ObjectType) *Objects {
	switch objectType {
	case directory.User:
		return &t.Users
	case directory.Group:
		return t.Groups
	default:
		return nil
	}
}

// Mapping returns the default mapping of an object type, sorted by target, or nil when there is none.
func (t Template) Mapping(objectType directory.ObjectType) []job.AttributeMapping {
	objects := t.Objects(objectType)
	if objects == nil || objects.Mapping == nil {
		return nil
	}
	var mapped []job.AttributeMapping
	for _, row := range objects.Mapping.Value {
		mapped = append(mapped, job.AttributeMapping{
			Target: row.Target, Expression: row.Expression, MatchingPrecedence: row.MatchingPrecedence,
			FlowType: job.FlowAlways, FlowBehavior: job.FlowWhenChanged,
		})
	}
	return mapped
}
