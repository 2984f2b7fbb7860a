package connector

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// The interfaces below are abilities that not every connector has. A caller asks for one once, with a type assertion, and does
// without it otherwise. Wrappers pass them on.

// MemberReader tells who is in a group, so that memberships can be compared with what was written (engine.md 14).
type MemberReader interface {
	// Members returns the members of a group, sorted, each once; they may be anchors nobody knows. The error is of kind NotFound
	// when there is no such group, and Unsupported when the target never tells its members.
	Members(ctx context.Context, group directory.Anchor) ([]directory.Anchor, error)
}

// Learner finds out, while it works, how its target wants its requests (scim-client.md 17, the fallback ladder).
type Learner interface {
	// Learned returns everything that is known now, what the connector was built with included. It sends nothing.
	Learned() Learning
}

// Learning is what was found out about a target.
type Learning struct {
	// Document is what the next connector to the same target is built with: versioned JSON, the same bytes for the same
	// knowledge, without secrets and without anybody's data. Empty: nothing was learned.
	Document []byte
	// Facts say the same to people, sorted by name.
	Facts []Fact
}

// Fact is one thing that was found out about a target.
type Fact struct {
	// Name is what it is about, for example "boolean values in PATCH".
	Name string
	// Value is how it is done now, for example "strings".
	Value string
	// Reason is what the target did that taught it.
	Reason string
}

// ManyFinder answers many queries with fewer requests than one after the other would take: a target that cannot be searched is
// listed once for all of them.
type ManyFinder interface {
	// FindMany does what Find does for each of the queries, and returns what came of each at the same index. The error is
	// Unsupported, and nothing was asked, when a connector that wraps another finds that this one cannot do it.
	FindMany(ctx context.Context, queries []Query) ([]Found, error)
}

// Found is what came of one query of FindMany.
type Found struct {
	Accounts []Account
	Err      error
}

// Discoverer reads what the target says about itself (RFC 7644 4, scim-client.md 11).
type Discoverer interface {
	// Discover asks the target. What it does not offer is absent from the answer, and a problem says so; an error means that
	// the target could not be asked at all.
	Discover(ctx context.Context) (Discovery, error)
}

// Discovery is what a target says about itself. Everything is sorted by name.
type Discovery struct {
	// Features the target announces; nil when it does not say.
	Features *Features
	// Attributes of each object type, by mapping target path; none when the target has no schemas.
	Attributes []TargetAttribute
	// Problems are what is missing or wrong in the answers, one sentence each.
	Problems []string
}

// Features are a target's own words about what it can do (RFC 7643 5).
type Features struct {
	Patch, Bulk, Filter, Sort, ETag, ChangePassword bool
	// Cursor says that lists can be read by cursor (RFC 9865).
	Cursor bool
	// MaxOperations and MaxPayloadBytes bound one bulk request, MaxResults one list; 0 when the target does not say.
	MaxOperations, MaxPayloadBytes, MaxResults int64
	// Authentication schemes, by type, sorted.
	Authentication []string
}

// TargetAttribute is an attribute as the target's schema has it (RFC 7643 7).
type TargetAttribute struct {
	ObjectType directory.ObjectType
	// Path is the mapping target path, with the extension's URN where it has one; sub-attributes are paths of their own.
	Path string
	// Type is string, boolean, decimal, integer, dateTime, binary, reference or complex.
	Type        string
	MultiValued bool
	Required    bool
	CaseExact   bool
	// Mutability is readOnly, readWrite, immutable or writeOnly.
	Mutability string
	// Uniqueness is none, server or global.
	Uniqueness      string
	CanonicalValues []string
	Description     string
}
