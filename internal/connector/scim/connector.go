package scim

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const (
	activeAttribute  = "active"
	membersAttribute = "members"
	managerAttribute = enterpriseUserURN + ":manager"
	// defaultMembersPerPatch is scim-client.md 10.
	defaultMembersPerPatch = 100
)

// Connector provisions one SCIM target. It is safe for concurrent use.
type Connector struct {
	client  *client
	profile profile
	// membersPerPatch is how many members one request adds or removes.
	membersPerPatch int
	// updateMethod is how accounts are updated: auto, patch or put.
	updateMethod string
	// verifyMembers reads a group back after its members were written.
	verifyMembers bool
	locks         locks
	// bulk is off, or auto; announced is what the target says of it.
	bulk      string
	announced announcement
	// trialOver and tellingTried say that a trial took place; the holder of the trial's lock may change them.
	trialOver, tellingTried bool
	// accepted says that the target took a PATCH: the operation names are right.
	accepted atomic.Bool
	// switchedOff says that an account was seen to be off after it was switched off.
	switchedOff atomic.Bool
	// mostMembers is how many members were seen in a group after it was written whole.
	mostMembers atomic.Int64
	// placesTrue says that a place in the answer to a bulk request was seen to be that of the new account.
	placesTrue atomic.Bool
	// deletes says that something was seen to be gone after it was deleted.
	deletes atomic.Bool

	mu sync.Mutex
	// givenUpOn counts how often no form was accepted, by attribute, and no new account with less in it, by path of the endpoint.
	givenUpOn map[string]int
	// looked are the elements for which an account was read after it was created.
	looked map[string]bool
	// seenForms are the forms of PATCH operations that were seen to have an effect.
	seenForms map[string]bool
	// glanced are the attributes of which an update was read back.
	glanced map[string]bool
}

var _ connector.Connector = (*Connector)(nil)

// New returns a connector and sends nothing. The error is of kind Invalid and says which option is wrong.
func New(options Options) (*Connector, error) {
	p, err := profileNamed(options.Profile)
	if err != nil {
		return nil, invalid("", "%v", err)
	}
	c, err := newClient(options)
	if err != nil {
		return nil, err
	}
	if options.MembersPerPatch < 0 {
		return nil, invalid("", "members_per_patch must be positive, not %d", options.MembersPerPatch)
	}
	if !slices.Contains([]string{"", updateAuto, updatePatch, updatePut}, options.UpdateMethod) {
		return nil, invalid("", "update_method %q is not known; use %s, %s or %s", options.UpdateMethod, updateAuto, updatePatch, updatePut)
	}
	if !slices.Contains([]string{"", bulkAuto, bulkOff}, options.Bulk) {
		return nil, invalid("", "bulk %q is not known; use %s or %s", options.Bulk, bulkAuto, bulkOff)
	}
	c.learned = newKnowledge(options.Learned)
	c.reading, c.notFoundIsEmpty = newReading(), options.NotFoundIsEmpty
	c.headers = p.headers
	made := &Connector{client: c, profile: p, membersPerPatch: cmp.Or(options.MembersPerPatch, defaultMembersPerPatch),
		updateMethod: cmp.Or(options.UpdateMethod, updateAuto), verifyMembers: options.VerifyMembers, givenUpOn: map[string]int{}, looked: map[string]bool{}, glanced: map[string]bool{}, seenForms: map[string]bool{},
		bulk: cmp.Or(options.Bulk, bulkAuto)}
	if options.Described != nil {
		made.announced.set(options.Described.Features)
	}
	return made, nil
}

// Capabilities says what a SCIM target can do by its protocol.
func (c *Connector) Capabilities() connector.Capabilities {
	return connector.Capabilities{
		ObjectTypes:         directory.ObjectTypes(),
		ActiveAttribute:     activeAttribute,
		ImmutableAttributes: readOnlyAttributes(),
		ExactAttributes:     []string{"externalId", "id"},
		ReferenceAttributes: map[directory.ObjectType][]string{directory.User: {"manager", managerAttribute}},
		MembersAttribute:    membersAttribute,
		Concurrency:         c.client.pacer.Limit().Concurrency,
	}
}

// Canonical returns the form in which a SCIM server keeps a value.
func (c *Connector) Canonical(_ directory.ObjectType, attribute string, value directory.Value) (directory.Value, error) {
	return canonical(attribute, value)
}

// Test looks for an account that does not exist; anything but an empty list of hits is a failure, except that
// a target that ignores filters is tolerated, and one that refuses the search as long as it can be listed.
func (c *Connector) Test(ctx context.Context, probe connector.Probe) error {
	s, err := newSearch(c.dialect(), probe.Type, probe.Attribute, directory.Text(probe.Value))
	if err != nil {
		return err
	}
	if err := c.client.answersSearch(ctx, s); err != nil {
		return c.testFailure(s, probe, err)
	}
	return nil
}

// List delivers all accounts of a type.
func (c *Connector) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	at, err := endpointOf(listing.Type)
	if err != nil {
		return err
	}
	paths, err := c.paths(listing.Attributes)
	if err != nil {
		return err
	}
	places := placeCheck{connector: c, at: at}
	return c.client.listAll(ctx, at, func(resources []resource) error {
		if err := places.check(ctx, resources); err != nil {
			return err
		}
		accounts, err := c.accounts(paths, listing.Type, resources)
		if err != nil {
			return err
		}
		return deliver(accounts)
	})
}

// Get returns one account by its id.
func (c *Connector) Get(ctx context.Context, objectType directory.ObjectType, anchor directory.Anchor, attributes []string) (connector.Account, error) {
	at, err := endpointOf(objectType)
	if err != nil {
		return connector.Account{}, err
	}
	paths, err := c.paths(attributes)
	if err != nil {
		return connector.Account{}, err
	}
	r, err := c.read(ctx, at, anchor)
	if err != nil {
		return connector.Account{}, err
	}
	return paths.account(objectType, r)
}

func (c *Connector) read(ctx context.Context, at endpoint, anchor directory.Anchor) (resource, error) {
	r, _, err := c.readWith(ctx, at, anchor)
	return r, err
}

// readWith reads one resource, and what the head of the answer says of it.
func (c *Connector) readWith(ctx context.Context, at endpoint, anchor directory.Anchor) (resource, http.Header, error) {
	if !travels(anchor) {
		return nil, nil, unsendable("GET", at, anchor)
	}
	asked := byID(http.MethodGet, at, anchor)
	// Whoever asks for members gets them.
	asked.query, asked.lean = at.query, at.query != ""
	a, err := c.client.send(ctx, asked)
	if err != nil {
		return nil, nil, c.unaddressable(ctx, at, anchor, err)
	}
	r, err := decodeResource(a.body)
	switch {
	case err != nil:
		return nil, nil, c.client.incompatibleAnswer(asked, a, "something that is not a JSON object")
	case r.id() != anchor:
		return nil, nil, c.client.incompatibleAnswer(asked, a, fmt.Sprintf("the resource with id %q", c.client.redact(string(r.id()))))
	}
	return r, a.header, nil
}

// byID addresses one resource. Ids are opaque, and may hold slashes.
func byID(method string, at endpoint, anchor directory.Anchor) request {
	return request{method: method, path: at.path + "/" + url.PathEscape(string(anchor)), byID: true}
}

// Apply executes operations: in bulk requests where the target takes them, and else side by side; how many at a time is the
// pacer's to decide.
func (c *Connector) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	outcomes := make([]connector.Outcome, len(operations))
	alone := c.applyBulk(ctx, operations, outcomes)
	c.sideBySide(len(alone), func(i int) { outcomes[alone[i]] = c.execute(ctx, operations[alone[i]]) })
	return outcomes
}

func (c *Connector) execute(ctx context.Context, operation connector.Operation) connector.Outcome {
	outcome := connector.Outcome{Target: operation.Target}
	if err := ctx.Err(); err != nil {
		outcome.Err = directory.Errorf(directory.Transient, "%s %s: not started: %w", operation.Kind, operation.Type, err)
		return outcome
	}
	at, err := endpointOf(operation.Type)
	if err != nil {
		outcome.Err = err
		return outcome
	}
	if operation.Kind != connector.Create && operation.Target != "" && !travels(operation.Target) {
		outcome.Err = unsendable(string(operation.Kind), at, operation.Target)
		return outcome
	}
	if operation.Kind != connector.Create && operation.Target == "" {
		outcome.Err = invalid("", "%s %s: the operation names no account", operation.Kind, operation.Type)
		return outcome
	}
	if operation.Kind != connector.Create {
		release, err := c.locks.acquire(ctx, lockName(at, operation.Target))
		if err != nil {
			outcome.Err = directory.Errorf(directory.Transient, "%s %s: not started: %w", operation.Kind, operation.Type, err)
			return outcome
		}
		defer release()
	}
	switch operation.Kind {
	case connector.Create:
		return c.create(ctx, at, operation)
	case connector.Update:
		return c.update(ctx, at, operation)
	case connector.Delete:
		outcome.Err = c.remove(ctx, at, operation.Target)
	case connector.AddMembers, connector.RemoveMembers:
		return c.changeMembers(ctx, at, operation)
	default:
		outcome.Err = invalid("", "unknown operation %q", operation.Kind)
	}
	return outcome
}

// Close closes connections that are kept for the next request.
func (c *Connector) Close() error {
	c.client.CloseIdleConnections()
	return nil
}
