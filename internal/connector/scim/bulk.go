package scim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// The forms of Options.Bulk and topicBulk.
const (
	bulkAuto = "auto"
	bulkOff  = "off"
)

const (
	bulkPath             = "/Bulk"
	bulkRequestURN       = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	maxBulkOperations    = 100     // bounds what nobody knows about when an answer is lost
	maxBulkPayload       = 1 << 20 // bytes, where a target announces no limit
	bulkOverhead         = 256     // bytes of a bulk request around its operations
	bulkOperationFraming = 128     // bytes of an operation around its data
)

// bulkOperation is one operation of a bulk request (RFC 7644 3.7).
type bulkOperation struct {
	Method string `json:"method"`
	BulkID string `json:"bulkId"`
	Path   string `json:"path"`
	Data   any    `json:"data,omitempty"`
}

// bulkItem is an operation that goes into a bulk request.
type bulkItem struct {
	// index is where the operation stands in the call of Apply.
	index     int
	operation connector.Operation
	at        endpoint
	request   request
	// patch are the operations of a PATCH.
	patch []patchOperation
	size  int
}

func (i bulkItem) id() string { return fmt.Sprintf("b%d", i.index) }

// bulkItem plans an operation as one request. Those that need more than one, or none, or may have to be tried in several
// forms first, go alone.
func (c *Connector) bulkItem(p profile, index int, operation connector.Operation) (item bulkItem, ok bool) {
	at, err := endpointOf(operation.Type)
	if err != nil || operation.Kind != connector.Create && !travels(operation.Target) {
		return bulkItem{}, false
	}
	item = bulkItem{index: index, operation: operation, at: at}
	switch operation.Kind {
	case connector.Create:
		item.request = request{method: http.MethodPost, path: at.path}
		item.request.body, err = newResource(p, at, operation.Changes)
	case connector.Delete:
		item.request = byID(http.MethodDelete, at, operation.Target)
	case connector.Update:
		item.patch, err = planPatch(p, operation)
		if p.selectsOnly(operation.Changes) {
			return bulkItem{}, false
		}
	case connector.AddMembers:
		item.patch = addMembers(p, operation.Members)
	case connector.RemoveMembers:
		form := c.client.learned.form(topicRemoveMembers, "")
		if p.valueRemoval && form == "" {
			return bulkItem{}, false
		}
		item.patch = removeMembers(p, form == removeByValue, operation.Members)
	default:
		return bulkItem{}, false
	}
	membership := operation.Kind == connector.AddMembers || operation.Kind == connector.RemoveMembers
	if err != nil || membership && (operation.Type != directory.Group || len(operation.Members) > c.membersBatch() || c.verifyMembers) {
		return bulkItem{}, false
	}
	if operation.Kind == connector.Update || membership {
		// Whoever is renamed is looked at afterwards.
		if len(item.patch) == 0 || c.puts(at) || renames(operation) {
			return bulkItem{}, false
		}
		item.request = byID(http.MethodPatch, at, operation.Target)
		item.request.body = newPatch(item.patch)
	}
	encoded, err := encode(item.request.body)
	item.size = len(encoded) + len(item.request.path) + bulkOperationFraming
	return item, err == nil
}

// applyBulk writes what it can in bulk requests and fills in the outcomes. It returns the indexes of the operations that go
// alone: because they must, because the target refused them in the form they had, or because it takes no bulk.
func (c *Connector) applyBulk(ctx context.Context, operations []connector.Operation, outcomes []connector.Outcome) (alone []int) {
	var limits bulkLimits
	if len(operations) > 1 && ctx.Err() == nil {
		limits = c.bulkLimits(ctx)
		limits.operations = min(limits.operations, c.bulkOperations())
	}
	p := c.dialect()
	var items []bulkItem
	for i, operation := range operations {
		item, ok := bulkItem{}, false
		if limits.operations > 0 {
			item, ok = c.bulkItem(p, i, operation)
		}
		if !ok || item.size+bulkOverhead > limits.payload {
			alone = append(alone, i)
			continue
		}
		items = append(items, item)
	}
	batches := batched(items, limits)
	rest := make([][]int, len(batches))
	c.sideBySide(len(batches), func(i int) { rest[i] = c.sendBulk(ctx, batches[i], outcomes) })
	alone = append(alone, slices.Concat(rest...)...)
	slices.Sort(alone)
	return alone
}

// batched divides items into requests within the limits.
func batched(items []bulkItem, limits bulkLimits) [][]bulkItem {
	var batches [][]bulkItem
	size := 0
	for _, item := range items {
		last := len(batches) - 1
		if last < 0 || len(batches[last]) >= limits.operations || size+item.size > limits.payload {
			batches, size = append(batches, nil), bulkOverhead
			last++
		}
		batches[last] = append(batches[last], item)
		size += item.size
	}
	return batches
}

// bulkRefusals are the answers to /Bulk itself that say that it takes no bulk request, or not this one.
var bulkRefusals = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
	http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusNotImplemented}

// refusedWhole divides the operations of a bulk request that was refused. Those that may be done twice go alone, and creates as well
// where nothing was done for certain. A target may also refuse the whole because of one operation, with others done: then accounts
// are matched again first.
func refusedWhole(items []bulkItem, refusal error, outcomes []connector.Outcome) (alone []int) {
	told, _ := refused(refusal)
	doubtful := told.status == http.StatusBadRequest || told.status == http.StatusUnprocessableEntity
	said, ok := errors.AsType[*directory.Error](refusal)
	for _, item := range items {
		if !doubtful || !ok || item.operation.Kind != connector.Create {
			alone = append(alone, item.index)
			continue
		}
		unknown := *said
		unknown.OutcomeUnknown = true
		outcomes[item.index] = connector.Outcome{Err: &unknown}
	}
	return alone
}

// minHalved is how many operations a bulk request must have to be halved after it was too large: a target that takes fewer takes none.
const minHalved = 20

// sendBulk sends operations in one bulk request, in halves when that is too large, and not at all any more once the target is known to
// take none. It returns the indexes of those that go alone.
func (c *Connector) sendBulk(ctx context.Context, items []bulkItem, outcomes []connector.Outcome) (alone []int) {
	if c.client.learned.form(topicBulk, "") == bulkOff {
		return indexes(items)
	}
	if len(items) <= c.bulkOperations() {
		tooLarge := false
		if alone, tooLarge = c.sendBulkOnce(ctx, items, outcomes); !tooLarge {
			return alone
		}
		c.client.learned.learn(topicBulkOperations, "", strconv.Itoa(len(items)/2), fmt.Sprintf("it answered 413 to %d operations", len(items)))
	}
	half := len(items) / 2
	return slices.Concat(c.sendBulk(ctx, items[:half], outcomes), c.sendBulk(ctx, items[half:], outcomes))
}

// sendBulkOnce sends one bulk request and tells the operations' outcomes from the answer. When the target refuses the request
// itself, everything goes alone; that, and an answer that leaves operations in the dark, is remembered. One that is too large did
// nothing.
func (c *Connector) sendBulkOnce(ctx context.Context, items []bulkItem, outcomes []connector.Outcome) (alone []int, tooLarge bool) {
	release, err := c.lockAll(ctx, items)
	if err != nil {
		return indexes(items), false
	}
	defer release()
	body := map[string]any{"schemas": []string{bulkRequestURN}}
	list := make([]bulkOperation, len(items))
	for i, item := range items {
		list[i] = bulkOperation{Method: item.request.method, BulkID: item.id(), Path: item.request.path, Data: item.request.body}
	}
	body["Operations"] = list
	sent := request{method: http.MethodPost, path: bulkPath, body: body}
	a, err := c.client.send(ctx, sent)
	if told, answered := refused(err); answered && directory.KindOf(err) != directory.Throttled && slices.Contains(bulkRefusals, told.status) {
		if told.status == http.StatusRequestEntityTooLarge && len(items) >= minHalved {
			return nil, true
		}
		c.noBulk(fmt.Sprintf("it announced bulk requests and answered %d to one", told.status))
		return refusedWhole(items, err, outcomes), false
	}
	if told, _ := refused(err); told.status == http.StatusInternalServerError {
		// It may have been done; asked again in the same way, it may never be answered.
		c.noBulk("it answered 500 to a bulk request")
	}
	var results []bulkResult
	if err == nil {
		if results, err = decodeBulk(a.body); err != nil {
			err = c.client.incompatibleAnswer(sent, a, err.Error())
			c.noBulk("it answered a bulk request with something else than a bulk answer")
		}
	}
	throttled := false
	for i, item := range items {
		outcome := &outcomes[item.index]
		outcome.Target = item.operation.Target
		if err != nil {
			outcome.Err = err
			continue
		}
		result, found := answerFor(results, item)
		if !found {
			c.noBulk("it did not say of each operation of a bulk request what became of it")
			outcome.Err = c.client.incompatibleAnswer(sent, a, fmt.Sprintf("no word about operation %d of %d", i+1, len(items)))
			continue
		}
		throttled = throttled || result.status == http.StatusTooManyRequests
		if !c.concluded(ctx, item, result.answer(a.path), outcome) {
			alone = append(alone, item.index)
		}
	}
	if throttled {
		c.client.pacer.Throttled(0)
	}
	return alone, false
}

// noBulk remembers that everything goes alone from now on.
func (c *Connector) noBulk(reason string) {
	c.client.learned.learn(topicBulk, "", bulkOff, reason)
	c.client.learned.forget(topicBulkOperations, "")
}

func indexes(items []bulkItem) []int {
	all := make([]int, len(items))
	for i, item := range items {
		all[i] = item.index
	}
	return all
}

// lockAll keeps other writes of the same resources away, in one order for everybody.
func (c *Connector) lockAll(ctx context.Context, items []bulkItem) (release func(), err error) {
	var names []string
	for _, item := range items {
		if item.operation.Kind != connector.Create {
			names = append(names, lockName(item.at, item.operation.Target))
		}
	}
	slices.Sort(names)
	var releases []func()
	release = func() {
		for _, one := range slices.Backward(releases) {
			one()
		}
	}
	for _, name := range slices.Compact(names) {
		one, err := c.locks.acquire(ctx, name)
		if err != nil {
			release()
			return nil, err
		}
		releases = append(releases, one)
	}
	return release, nil
}

// concluded tells the outcome of one operation from its answer. It is false when the operation goes alone: its form was
// refused, so nothing was done, and there may be another; it was one too many; or one of several members is wrong.
func (c *Connector) concluded(ctx context.Context, item bulkItem, a answer, outcome *connector.Outcome) bool {
	operation := item.operation
	a, err := c.client.judge(item.request, a)
	told, refusedIt := refused(err)
	off, _ := offApart(operation.Changes, err)
	switch {
	case err == nil:
	case operation.Kind == connector.Delete, directory.KindOf(err) == directory.Throttled,
		refusedIt && (divisible(err) || told.status == http.StatusRequestEntityTooLarge || directory.KindOf(err) == directory.Unsupported || aboutPath(told) && operation.Kind == connector.Update),
		operation.Kind == connector.Update && len(off) > 0,
		item.patch != nil && operation.Kind != connector.Update && slices.Contains([]int{http.StatusNotFound, http.StatusConflict}, told.status):
		return false
	case operation.Kind == connector.Update && directory.KindOf(err) == directory.NotFound:
		u := &updating{connector: c, at: item.at, operation: operation}
		outcome.Err = u.reallyGone(ctx, err)
		return true
	default:
		outcome.Err = err
		return true
	}
	switch operation.Kind {
	case connector.Create:
		// The bulkId ties the answer to what was sent, and a place is all that is promised (RFC 7644 3.7.3).
		if place := placed(a.header.Get("Location"), item.at); place != "" && len(a.body) == 0 {
			made, err := c.atPlace(ctx, item, place)
			if outcome.Err = err; err == nil {
				outcome.Target = place
				c.learnSelections(ctx, item.at, operation.Changes, made)
			}
			return true
		}
		made, err := c.made(ctx, item.at, operation, item.request, a)
		outcome.Err = err
		if err == nil {
			outcome.Target = made.id()
			c.learnSelections(ctx, item.at, operation.Changes, made)
		}
	case connector.Delete:
		outcome.Err = c.removed(ctx, item.at, operation.Target, item.request, a)
	default:
		c.accepted.Store(true)
		r, err := c.resourceOf(item.request, a, operation.Target)
		if err == nil && operation.Kind == connector.Update {
			u := &updating{connector: c, at: item.at, operation: operation, inBulk: true}
			*outcome = u.outcome(u.checkEffect(ctx, item.patch, r))
			return true
		}
		outcome.Err = err
	}
	return true
}

// sideBySide does n things, as many at a time as the connection allows.
func (c *Connector) sideBySide(n int, do func(int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(n, cmp.Or(c.client.pacer.Limit().Concurrency, 1)) {
		workers.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}
