package scim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// maxLadder bounds the requests of one update that was refused. What is not tried by then is left out.
const maxLadder = 40

// updating is one Update under way.
type updating struct {
	connector *Connector
	at        endpoint
	operation connector.Operation
	// inBulk says that it was part of a bulk request.
	inBulk bool
	// requests is how many were sent.
	requests int
	// first is the first refusal of what is left out.
	first error
	left  []string
	// refused says that nothing was written, because everything was left out.
	refused bool
	// remark is what people should know although everything counts as written.
	remark string
	// stayedOn says that the account could not be switched off; first says why.
	stayedOn bool
}

// update writes the changes of one account. A PATCH that is refused is climbed down the ladder.
func (c *Connector) update(ctx context.Context, at endpoint, operation connector.Operation) connector.Outcome {
	u := &updating{connector: c, at: at, operation: operation}
	err := u.run(ctx)
	switch {
	case err == nil && renames(operation):
		err = u.stillThere(ctx)
	case directory.KindOf(err) == directory.NotFound:
		err = u.reallyGone(ctx, err)
	}
	return u.outcome(err)
}

// renames reports whether an update changes what an account is called.
func renames(operation connector.Operation) bool {
	return operation.Kind == connector.Update && slices.ContainsFunc(operation.Changes, func(change connector.Change) bool {
		return isName(operation.Type, change.Attribute)
	})
}

// stillThere reads an account that was renamed: some servers make its id from its name, and some take a rename for a delete
// (scim-client.md 17, row 18). The error is of kind NotFound when the id is nobody's any more; whoever cannot be read is
// believed to be there.
func (u *updating) stillThere(ctx context.Context) error {
	if _, err := u.read(ctx); directory.KindOf(err) == directory.NotFound {
		return err
	}
	return nil
}

// reallyGone reads an account that is said not to be there, before anybody drops its link and looks for another: the target may not
// have the method, or lose its way now and then.
func (u *updating) reallyGone(ctx context.Context, err error) error {
	if _, missing := u.read(ctx); missing != nil {
		return err
	}
	said, ok := errors.AsType[*directory.Error](err)
	if !ok {
		return err
	}
	return directory.Errorf(directory.Incompatible, "%s, and the account is there when it is read; it is tried again in the next cycle; if it stays, ask the target's vendor",
		strings.TrimSuffix(said.Message, "; "+verdictGone))
}

func (u *updating) outcome(err error) connector.Outcome {
	outcome := connector.Outcome{Target: u.operation.Target, Err: err}
	switch left := strings.Join(slices.Sorted(slices.Values(u.left)), ", "); {
	case err != nil && !u.refused:
		return outcome
	case left == "":
		outcome.Warning = u.remark
		return outcome
	case u.stayedOn:
		// Whoever is not switched off must not be taken for it: that is no success, although the rest was written.
		outcome.Err = u.first
		return outcome
	case u.refused:
		outcome.Err, outcome.Warning = nil, fmt.Sprintf("nothing was written, %s was refused: %v", left, u.first)
	default:
		outcome.Warning = fmt.Sprintf("written without %s: %v", left, u.first)
	}
	outcome.Unwritten = slices.Sorted(slices.Values(u.left))
	return outcome
}

// nothing ends an update of which everything was left out. The error is the first refusal: whoever asks whether the way of
// writing is accepted has no proof of it.
func (u *updating) nothing() error {
	u.refused = true
	return u.first
}

func (u *updating) run(ctx context.Context) error {
	c := u.connector
	if c.puts(u.at) {
		return u.put(ctx)
	}
	if err := u.checkOnly(ctx); err != nil {
		return err
	}
	operations, err := planPatch(c.dialect(), u.operation)
	if err != nil || len(operations) == 0 {
		return err
	}
	answered, err := u.patch(ctx, operations)
	if c.lacksPatch(err) {
		return c.insteadOfPatch(u.at, err, func() error { return u.put(ctx) })
	}
	if err != nil {
		if err := u.climb(ctx, operations, err); err != nil {
			return err
		}
		// What was written one by one says nothing of its effect.
		return u.checkEffect(ctx, operations, nil)
	}
	c.accepted.Store(true)
	return u.checkEffect(ctx, operations, answered)
}

// patch sends operations. A 404 that is about a path, in the words of the target, is a refusal: the account is there, or reading
// tells that it is not.
func (u *updating) patch(ctx context.Context, operations []patchOperation) (resource, error) {
	u.requests++
	r, err := u.connector.patch(ctx, u.at, u.operation.Target, operations)
	told, _ := refused(err)
	said, ok := errors.AsType[*directory.Error](err)
	if !ok || !aboutPath(told) {
		return r, err
	}
	refusal := *said
	told.status = http.StatusBadRequest
	refusal.Kind, refusal.Code, refusal.Err = directory.Invalid, codeIncompatible, told
	return r, &refusal
}

// aboutPath reports whether a target answers 404 because a path of a PATCH leads nowhere (RFC 7644 3.12 has 400 for that).
func aboutPath(told refusal) bool {
	return told.status == http.StatusNotFound && (strings.EqualFold(told.scimType, "noTarget") || strings.EqualFold(told.scimType, "invalidPath"))
}

func (u *updating) read(ctx context.Context) (resource, error) {
	u.requests++
	return u.connector.read(ctx, u.at, u.operation.Target)
}

// seen reads the account; nil when nobody says how it is.
func (u *updating) seen(ctx context.Context) resource {
	u.requests++
	return u.connector.seen(ctx, u.at, u.operation.Target)
}

// turnsOff reports whether a change switches an account off.
func turnsOff(change connector.Change) bool {
	on, _ := change.Value.AsBoolean()
	return !on && isCore(change.Attribute, activeAttribute)
}

// leave takes changes out of the update, because the target refuses them, or answers and does nothing.
func (u *updating) leave(changes []connector.Change, err error) {
	for _, change := range changes {
		u.left = append(u.left, change.Attribute)
		if turnsOff(change) {
			u.stayedOn, u.first = true, err
		}
	}
	if u.first == nil {
		u.first = err
	}
}

// know takes over what the account holds.
func (u *updating) know(p profile, r resource) {
	current := map[string]directory.Value{}
	attributes := slices.Sorted(maps.Keys(u.operation.Current))
	for _, change := range u.operation.Changes {
		attributes = append(attributes, change.Attribute)
	}
	for _, attribute := range attributes {
		if value := p.read(r, attribute); !value.IsNull() {
			current[attribute] = value
		}
	}
	u.operation.Current = current
}

// climb is the fallback ladder of scim-client.md 17 for a PATCH that was refused. It reads the account, because what is
// known of it may be out of date, and a server may have written a part; plans once more; and else writes attribute by
// attribute, each in the forms the target may take, and leaves out what it takes in none.
func (u *updating) climb(ctx context.Context, sent []patchOperation, refusal error) error {
	if !divisible(refusal) {
		return u.offAlone(refusal, func(operation connector.Operation) error {
			operations, err := planPatch(u.connector.dialect(), operation)
			if err == nil {
				_, err = u.patch(ctx, operations)
			}
			return err
		})
	}
	before, err := u.read(ctx)
	if directory.KindOf(err) == directory.NotFound {
		return err
	} else if err != nil {
		return refusal
	}
	p := u.connector.dialect()
	u.know(p, before)
	units := u.units(p, before)
	if len(units) == 0 {
		return nil
	}
	again, err := planPatch(p, u.operation)
	switch {
	case err != nil:
		return refusal
	case len(again) == 0:
		return nil
	case !reflect.DeepEqual(again, sent):
		if _, err = u.patch(ctx, again); err == nil || !divisible(err) {
			return err
		}
		sent, refusal = again, err
	}
	written := false
	for _, unit := range units {
		tried := [][]patchOperation{sent}
		err := u.write(ctx, attempt{before: before, unit: unit, tried: tried, refusal: refusal})
		switch {
		case err == nil:
			written = true
		case !divisible(err):
			return err
		default:
			u.leave(unit, err)
		}
	}
	if !written {
		return u.nothing()
	}
	u.learnDivided(sent)
	return nil
}

// learnDivided remembers that a target which did not take several attributes in one operation took each alone.
func (u *updating) learnDivided(sent []patchOperation) {
	together := slices.ContainsFunc(sent, func(operation patchOperation) bool { return operation.Path == "" })
	for _, v := range variations() {
		if together && len(u.left) == 0 && v.topic == topicMerged {
			u.connector.learn([]variation{v})
		}
	}
}

// attempt is what is known when changes that belong together are written alone.
type attempt struct {
	before resource
	unit   []connector.Change
	// tried were refused, or had no effect.
	tried   [][]patchOperation
	refusal error
	// verify says that the target answers with success and does nothing.
	verify bool
}

func (a *attempt) again(operations []patchOperation) bool {
	again := slices.ContainsFunc(a.tried, func(tried []patchOperation) bool { return reflect.DeepEqual(tried, operations) })
	a.tried = append(a.tried, operations)
	return again
}

// write writes changes that belong together: as the target is known to want it, unless that was tried, and then in the
// alternative forms. What the target takes is learned when the account shows it: an answer alone teaches nothing. The error is
// the refusal of the known form.
func (u *updating) write(ctx context.Context, a attempt) error {
	c := u.connector
	operation := u.operation
	operation.Changes = a.unit
	known := alternative{profile: c.dialect()}
	for i, form := range append([]alternative{known}, known.profile.alternatives()...) {
		if i == 1 && (!mayBeForm(a.refusal) || c.givenUp(a.unit)) {
			return a.refusal
		}
		operations, err := planPatch(form.profile, operation)
		if err != nil {
			return err
		}
		if len(operations) == 0 || a.again(operations) || u.requests+2 > maxLadder || !a.verify && c.accepted.Load() && form.renames() {
			continue
		}
		if _, err = u.patch(ctx, operations); err != nil {
			if !divisible(err) {
				return err
			}
			if i == 0 {
				a.refusal = err
			}
			continue
		}
		if i > 0 || a.verify {
			after, err := u.read(ctx)
			if err != nil {
				return err
			}
			if form.profile.unmoved(a.unit, a.before, after) {
				continue
			}
		}
		c.learn(form.variations)
		return nil
	}
	c.giveUp(a.unit)
	return a.refusal
}

// units groups the changes that the account does not show yet.
func (u *updating) units(p profile, r resource) [][]connector.Change {
	return grouped(slices.DeleteFunc(slices.Clone(u.operation.Changes), func(change connector.Change) bool { return p.shows(r, change) }))
}

// grouped puts together the changes that belong together: those of one element.
func grouped(changes []connector.Change) [][]connector.Change {
	var units [][]connector.Change
	var elements []Path
	for _, change := range changes {
		path, err := ParsePath(change.Attribute)
		if err != nil {
			continue
		}
		path = path.resolved()
		at := -1
		if path.FilterBy != "" {
			at = slices.IndexFunc(elements, path.element().same)
		}
		if at >= 0 {
			units[at] = append(units[at], change)
			continue
		}
		units, elements = append(units, []connector.Change{change}), append(elements, path.element())
	}
	return units
}

// checkOnly leaves out changes of an element that the target finds only by its being the only one, when it is not: writing
// it would take the others away.
func (u *updating) checkOnly(ctx context.Context) error {
	p := u.connector.dialect()
	var affected, others []connector.Change
	for _, change := range u.operation.Changes {
		if p.selectsOnly([]connector.Change{change}) {
			affected = append(affected, change)
		} else {
			others = append(others, change)
		}
	}
	if len(affected) == 0 {
		return nil
	}
	before, err := u.read(ctx)
	if err != nil {
		return err
	}
	u.know(p, before)
	u.operation.Changes = others
	for _, change := range affected {
		path, err := ParsePath(change.Attribute)
		if err != nil {
			return invalid("", "%v", err)
		}
		if elements, _ := before.whole(path.resolved()).([]any); len(elements) > 1 {
			u.leave([]connector.Change{change}, invalid("", "the target keeps nothing that tells the elements of %s apart, and the account has %d", path.Attribute, len(elements)))
			continue
		}
		u.operation.Changes = append(u.operation.Changes, change)
	}
	slices.SortStableFunc(u.operation.Changes, func(a, b connector.Change) int { return strings.Compare(a.Attribute, b.Attribute) })
	if len(u.operation.Changes) == 0 {
		return u.nothing()
	}
	return nil
}
