package connector

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Connector reads and writes the accounts and groups of one application through one connection. It is safe
// for concurrent use. Building one sends nothing.
type Connector interface {
	// Capabilities says what this connector can do. It is known without asking the target.
	Capabilities() Capabilities

	// Canonical returns the form in which the target keeps a value of an attribute ("True" becomes a boolean
	// where the attribute is one), so that values can be compared before anything is sent. It is pure: the same
	// arguments always give the same result, without asking the target. An error of kind Invalid says that
	// the target can never take this value, or that there can be no such attribute.
	Canonical(objectType directory.ObjectType, attribute string, value directory.Value) (directory.Value, error)

	// Test proves that the target answers and accepts the credentials (engine.md 21): it looks for an account
	// that does not exist. The error says which request was sent and what came back.
	Test(ctx context.Context, probe Probe) error

	// Find returns the accounts whose attribute has the value, compared as the target compares it. Each hit
	// was verified: it really holds the value. No account is an empty result, never an error. More than one
	// hit is returned as such; a connector may stop after two, unless the query asks for all.
	Find(ctx context.Context, query Query) ([]Account, error)

	// List calls deliver with every account of a type, page by page. It never loops: a target that does not
	// advance, or whose list cannot be relied on, is an error of kind Incompatible, one that does not hand out everything
	// Unsupported; both are errors.Is Unsupported, because whoever can do without the list searches. An account may occur
	// twice when the target changes meanwhile. A page holds at most 1000 accounts.
	List(ctx context.Context, listing Listing, deliver func([]Account) error) error

	// Get returns one account by its anchor. The error is of kind NotFound when there is none.
	Get(ctx context.Context, objectType directory.ObjectType, anchor directory.Anchor, attributes []string) (Account, error)

	// Apply executes operations and returns one outcome for each, at the same index. The operations of one call
	// address different accounts; they may run at the same time and in any order, within the limits of the
	// connection. A cancelled context ends the call early: operations not started have an outcome whose error
	// wraps the context's.
	Apply(ctx context.Context, operations []Operation) []Outcome

	// Close gives connections back. It may be called twice; nothing else may be called after it.
	Close() error
}

// Capabilities are facts about a connector that its callers plan with. Callers ask for them and never for a
// connector's name.
type Capabilities struct {
	// ObjectTypes that can be provisioned.
	ObjectTypes []directory.ObjectType
	// ActiveAttribute is the attribute that turns an account on and off, empty when the target knows no such thing. It
	// holds a boolean, true for on; a connector may compute it.
	ActiveAttribute string
	// ImmutableAttributes cannot be mapping targets (the anchor; engine.md 11).
	ImmutableAttributes []string
	// ReferenceAttributes hold the target anchor of another account (manager), by object type.
	ReferenceAttributes map[directory.ObjectType][]string
	// ExactAttributes are those that Find compares with regard to case; it ignores case in all others. Names are compared
	// without regard to case.
	ExactAttributes []string
	// MembersAttribute is the attribute of a group that holds its members, empty when groups have none.
	MembersAttribute string
	// Concurrency is how many operations are executed at the same time.
	Concurrency int
}

// Probe says what Test looks for: an account whose Attribute has a value that cannot exist.
type Probe struct {
	Type      directory.ObjectType
	Attribute string
	// Value is random, given by the caller.
	Value string
}

// Query looks for accounts by one attribute.
type Query struct {
	Type      directory.ObjectType
	Attribute string
	Value     directory.Value
	// Attributes to return with each hit, besides the queried one; members are never returned.
	Attributes []string
	// All asks for every hit. Otherwise a connector may stop after two: more only say that the value is ambiguous.
	All bool
}

// Listing asks for all accounts of a type.
type Listing struct {
	Type directory.ObjectType
	// Attributes to return with each account; members are never returned.
	Attributes []string
}

// Account is an account or group in the target.
type Account struct {
	Type   directory.ObjectType
	Anchor directory.Anchor
	// Attributes by mapping target path, in canonical form. An attribute without value is absent.
	Attributes map[string]directory.Value
}

// OperationKind says what an operation does.
type OperationKind string

// The kinds of operation.
const (
	Create        OperationKind = "create"
	Update        OperationKind = "update"
	Delete        OperationKind = "delete"
	AddMembers    OperationKind = "add_members"
	RemoveMembers OperationKind = "remove_members"
)

// Operation is one write.
type Operation struct {
	// ID identifies the operation and never repeats, in no cycle and no retirement: a connector may recognise a repeated
	// operation by it. It is the change id of the provisioning log and the call identity of fault schedules.
	ID   string
	Kind OperationKind
	Type directory.ObjectType
	// Target is the account to write; empty for Create.
	Target directory.Anchor
	// Changes to write, sorted by attribute; for Create and Update.
	Changes []Change
	// Current holds the last known values of the account's mapped attributes, in canonical form, so that a
	// connector knows which parts exist already. It may be out of date; a connector succeeds in spite of it. Empty for
	// Create.
	Current map[string]directory.Value
	// Essential lists attributes without which no account may be made, because it is found again by them, sorted; for Create.
	Essential []string
	// Members are target anchors to add or remove, sorted; for AddMembers and RemoveMembers. Adding a member
	// that is there and removing one that is not are successes.
	Members []directory.Anchor
}

// Change is the new value of one attribute.
type Change struct {
	// Attribute is the mapping's target path, for example emails[type eq "work"].value.
	Attribute string
	// Value in canonical form; null removes the attribute.
	Value directory.Value
	// Reference says that Value is the target anchor of another account.
	Reference bool
	// Add says that Value holds elements to add to a multi-valued attribute: those that are there stay, and adding one
	// that is there changes nothing. Only for Update.
	Add bool
}

// Outcome is what became of one operation.
type Outcome struct {
	// Target is the anchor of the account, also for Create.
	Target directory.Anchor
	// Err is nil on success. Its kind says what may be done; OutcomeUnknown says that the write may have
	// happened; an Update that failed may have been written in part. Deleting what is gone is a success. For an Update of an account that does not exist it is NotFound.
	Err error
	// Warning says what was left out of a write that succeeded, or is empty.
	Warning string
	// Unwritten lists the attributes of an Update or a Create that the target refused, sorted; the others, if there are any, were
	// written. The Warning says so too. They hold what they held before, and in a new account nothing. Turning an account off
	// is never among them: an account that stays on is a failure, whatever else was written. Nor is what names a new account,
	// or is Essential.
	Unwritten []string
	// Failed lists the members of AddMembers and RemoveMembers that the target refused, while the others
	// were written.
	Failed []directory.Anchor
}
