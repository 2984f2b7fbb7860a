package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// managerAttribute is the manager in the enterprise extension's own spelling.
const managerAttribute = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"

const (
	membersAttribute = "members"
	activeAttribute  = "active"
)

// defaultPageSize is small enough that ordinary tests see more than one page.
const defaultPageSize = 100

// Options configure a target.
type Options struct {
	// Unique lists the attributes no two accounts of a type may share. Nil means userName for users and
	// displayName for groups; an empty map means none.
	Unique map[directory.ObjectType][]string
	// PageSize is how many accounts one page of List holds; 0 means 100.
	PageSize int
	// Discovery is what the target says about itself.
	Discovery connector.Discovery
	// Refuses says of a change of an account that the target does not take it; nil: it takes all. A new account has no anchor yet.
	Refuses func(account directory.Anchor, change connector.Change) bool
}

// Connector keeps users and groups in memory. The zero value is not usable; call New.
type Connector struct {
	unique    map[directory.ObjectType][]string
	pageSize  int
	discovery connector.Discovery
	refuses   func(directory.Anchor, connector.Change) bool

	mu      sync.Mutex
	entries map[directory.ObjectType]map[directory.Anchor]*entry
	order   map[directory.ObjectType][]directory.Anchor
	issued  map[directory.ObjectType]int
	calls   Calls
}

// entry is one account. members is used by groups only.
type entry struct {
	attributes map[string]directory.Value
	members    map[directory.Anchor]bool
}

var (
	_ connector.Connector  = (*Connector)(nil)
	_ connector.Discoverer = (*Connector)(nil)
)

// New returns an empty target.
func New(options Options) *Connector {
	c := &Connector{
		unique:    options.Unique,
		pageSize:  options.PageSize,
		discovery: options.Discovery,
		refuses:   options.Refuses,
		entries:   map[directory.ObjectType]map[directory.Anchor]*entry{},
		order:     map[directory.ObjectType][]directory.Anchor{},
		issued:    map[directory.ObjectType]int{},
	}
	if c.unique == nil {
		c.unique = map[directory.ObjectType][]string{directory.User: {"userName"}, directory.Group: {"displayName"}}
	}
	if c.pageSize <= 0 {
		c.pageSize = defaultPageSize
	}
	for _, objectType := range directory.ObjectTypes() {
		c.entries[objectType] = map[directory.Anchor]*entry{}
	}
	return c
}

// Capabilities says what the target can do.
func (c *Connector) Capabilities() connector.Capabilities {
	return connector.Capabilities{
		ObjectTypes:         directory.ObjectTypes(),
		ActiveAttribute:     activeAttribute,
		ImmutableAttributes: []string{"id"},
		ExactAttributes:     []string{"externalId", "id"},
		ReferenceAttributes: map[directory.ObjectType][]string{directory.User: {"manager", managerAttribute}},
		MembersAttribute:    membersAttribute,
		Concurrency:         8,
	}
}

// Canonical makes booleans of active and of every primary, and text of everything that is neither an
// integer nor a list. The elements of a list are texts or records of texts.
func (c *Connector) Canonical(_ directory.ObjectType, attribute string, value directory.Value) (directory.Value, error) {
	switch strings.ToLower(attribute) {
	case "":
		return directory.Null(), directory.Errorf(directory.Invalid, "the target attribute has no name")
	case "id", "meta", "schemas", "password":
		return directory.Null(), directory.Errorf(directory.Invalid, "attribute %s cannot be written", attribute)
	}
	switch value.Kind() {
	case directory.KindNull, directory.KindInteger:
		return value, nil
	case directory.KindRecord:
		return directory.Null(), directory.Errorf(directory.Invalid, "attribute %s cannot hold a record", attribute)
	case directory.KindList:
		return canonicalList(attribute, value.Elements())
	}
	return canonicalText(attribute, value)
}

func canonicalText(attribute string, value directory.Value) (directory.Value, error) {
	text, _ := value.Text()
	if !isBoolean(attribute) {
		return directory.Text(text), nil
	}
	switch strings.ToLower(text) {
	case "true":
		return directory.Boolean(true), nil
	case "false":
		return directory.Boolean(false), nil
	default:
		return directory.Null(), directory.Errorf(directory.Invalid, "attribute %s takes true or false, and the value is neither", attribute)
	}
}

func isBoolean(attribute string) bool {
	lower := strings.ToLower(attribute)
	return lower == activeAttribute || strings.HasSuffix(lower, ".primary")
}

// Test always succeeds, unless the context has ended.
func (c *Connector) Test(ctx context.Context, _ connector.Probe) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls.Test++
	return ended(ctx, "test the connection")
}

// Discover returns what the options say.
func (c *Connector) Discover(ctx context.Context) (connector.Discovery, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls.Discover++
	if err := ended(ctx, "describe the target"); err != nil {
		return connector.Discovery{}, err
	}
	return c.discovery, nil
}

// Find compares case-insensitively, except for externalId and id.
func (c *Connector) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls.Find++
	if err := ended(ctx, "find "+query.Attribute); err != nil {
		return nil, err
	}
	if query.Value.IsEmpty() {
		return nil, directory.Errorf(directory.Invalid, "find %s by %s: there is no value to look for", query.Type, query.Attribute)
	}
	var hits []connector.Account
	for _, anchor := range c.order[query.Type] {
		if c.entries[query.Type][anchor].holds(anchor, query.Attribute, query.Value) {
			hits = append(hits, c.account(query.Type, anchor, append([]string{query.Attribute}, query.Attributes...)))
		}
	}
	return hits, nil
}

// List delivers the accounts in the order in which they were created.
func (c *Connector) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	c.mu.Lock()
	c.calls.List++
	anchors := slices.Clone(c.order[listing.Type])
	c.mu.Unlock()
	for page := range slices.Chunk(anchors, c.pageSize) {
		if err := ended(ctx, fmt.Sprintf("list %ss", listing.Type)); err != nil {
			return err
		}
		if err := deliver(c.page(listing, page)); err != nil {
			return err
		}
	}
	return ended(ctx, fmt.Sprintf("list %ss", listing.Type))
}

// page reads what is still there of the anchors.
func (c *Connector) page(listing connector.Listing, anchors []directory.Anchor) []connector.Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls.Pages++
	var accounts []connector.Account
	for _, anchor := range anchors {
		if c.entries[listing.Type][anchor] != nil {
			accounts = append(accounts, c.account(listing.Type, anchor, listing.Attributes))
		}
	}
	return accounts
}

// Get returns one account with the attributes asked for.
func (c *Connector) Get(ctx context.Context, objectType directory.ObjectType, anchor directory.Anchor, attributes []string) (connector.Account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls.Get++
	if err := ended(ctx, fmt.Sprintf("get %s %s", objectType, anchor)); err != nil {
		return connector.Account{}, err
	}
	if c.entries[objectType][anchor] == nil {
		return connector.Account{}, missing("get", objectType, anchor)
	}
	return c.account(objectType, anchor, attributes), nil
}

// account copies what was asked for of an entry, under the names used in the question.
func (c *Connector) account(objectType directory.ObjectType, anchor directory.Anchor, attributes []string) connector.Account {
	e := c.entries[objectType][anchor]
	account := connector.Account{Type: objectType, Anchor: anchor, Attributes: map[string]directory.Value{}}
	for _, name := range attributes {
		if value := e.value(name); !value.IsNull() && !strings.EqualFold(name, membersAttribute) {
			account.Attributes[name] = value
		}
	}
	return account
}

// holds reports whether the entry has the value, as SCIM compares: case-insensitively except for externalId and id.
func (e *entry) holds(anchor directory.Anchor, attribute string, wanted directory.Value) bool {
	value := e.value(attribute)
	if strings.EqualFold(attribute, "id") {
		value = directory.Text(string(anchor))
	}
	want, ok := wanted.Text()
	if !ok {
		return value.Equal(wanted)
	}
	for _, element := range value.Elements() {
		if element.Kind() == directory.KindRecord {
			element = element.Field("value")
		}
		if have, ok := element.Text(); ok && sameText(attribute, have, want) {
			return true
		}
	}
	return false
}

func sameText(attribute, a, b string) bool {
	if strings.EqualFold(attribute, "externalId") || strings.EqualFold(attribute, "id") {
		return a == b
	}
	return strings.EqualFold(a, b)
}

// value looks an attribute up; names are case-insensitive.
func (e *entry) value(name string) directory.Value { return e.attributes[e.key(name)] }

// key returns the spelling under which an attribute is kept.
func (e *entry) key(name string) string {
	if _, ok := e.attributes[name]; ok {
		return name
	}
	for kept := range e.attributes {
		if strings.EqualFold(kept, name) {
			return kept
		}
	}
	return name
}

func ended(ctx context.Context, doing string) error {
	if err := ctx.Err(); err != nil {
		return directory.Errorf(directory.Transient, "%s: %w", doing, err)
	}
	return nil
}

func missing(doing string, objectType directory.ObjectType, anchor directory.Anchor) error {
	err := directory.Errorf(directory.NotFound, "%s %s %s: there is no such account in the target", doing, objectType, anchor)
	err.Code = "InvalidAnchor"
	return err
}

// Close gives nothing back: there is nothing to hold.
func (c *Connector) Close() error { return nil }
