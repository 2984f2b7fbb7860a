package scim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// maxCreates bounds how often one account is asked for, the first request included.
const maxCreates = 6

// creating is a create that was refused.
type creating struct {
	connector *Connector
	at        endpoint
	operation connector.Operation
	// refusal is the answer to what was sent last, posts how much was.
	refusal error
	posts   int
	// looked says that nobody of this name was found.
	looked bool
}

// climb is the fallback ladder of scim-client.md 17 for a POST that was refused: the same account in the other forms that the
// target may take, and then with less in it. What the account was made without is written to it as an update, whose ladder
// finds out what it is that the target refuses. The error is the first refusal.
//
// An account is asked for again only while it is certain that none was made, and never without what tells it from others: then
// there might be two.
func (g *creating) climb(ctx context.Context) connector.Outcome {
	first := g.refusal
	if g.connector.refusals(g.at.path) >= maxGiveUps {
		return connector.Outcome{Err: first}
	}
	if err := g.nothingMade(ctx); err != nil {
		return connector.Outcome{Err: err}
	}
	made, err := g.otherForm(ctx)
	if made != nil || err != nil { // a conflict, for one
		return connector.Outcome{Target: made.id(), Err: err}
	}
	var tried [][]connector.Change
	for _, choose := range []func(connector.Change) bool{g.wasRefused, g.isNamed, g.isExtra, func(connector.Change) bool { return true }} {
		left, kept := g.without(choose)
		same := func(other []connector.Change) bool { return reflect.DeepEqual(other, left) }
		if len(left) == 0 || slices.ContainsFunc(tried, same) || g.posts >= maxCreates {
			continue
		}
		tried = append(tried, left)
		operation := g.operation
		operation.Changes = kept
		body, err := newResource(g.connector.dialect(), g.at, kept)
		if err != nil {
			return connector.Outcome{Err: err}
		}
		made, err := g.post(ctx, operation, body)
		if err != nil {
			return connector.Outcome{Err: err}
		}
		if made != nil {
			g.connector.learnSelections(ctx, g.at, kept, made)
			return g.complete(ctx, made.id(), operation, left)
		}
	}
	g.connector.giveUpOn(g.at.path)
	return connector.Outcome{Err: first}
}

// post asks for the account; nil without an error when that was refused too.
func (g *creating) post(ctx context.Context, operation connector.Operation, body resource) (resource, error) {
	g.posts++
	made, err := g.connector.post(ctx, g.at, operation, body)
	switch {
	case err == nil:
		return made, nil
	case !divisible(err) || directory.OutcomeUnknown(err):
		return nil, err
	}
	g.refusal = err
	return nil, g.nothingMade(ctx)
}

// nothingMade makes sure that a refused request made no account, by a search for its name. A target that refuses in SCIM's words did
// nothing (RFC 7644 3.12), so that one look is enough, and none where it cannot search; of what anything else answers, nobody knows
// what happened behind it. The error is a conflict when there is an account of this name now, so that it is matched again, and the
// refusal when nobody can say.
func (g *creating) nothingMade(ctx context.Context) error {
	told, _ := refused(g.refusal)
	var said scimError
	inWords := told.from != nil && json.Unmarshal(told.from.body, &said) == nil && said.is()
	if inWords && g.looked {
		return nil
	}
	g.looked = true
	at := slices.IndexFunc(g.operation.Changes, func(change connector.Change) bool {
		return isName(g.operation.Type, change.Attribute) && !change.Value.IsNull()
	})
	if at < 0 {
		return g.refusal
	}
	s, err := newSearch(g.connector.dialect(), g.operation.Type, g.operation.Changes[at].Attribute, g.operation.Changes[at].Value)
	if err != nil {
		return err
	}
	if s.cursory = inWords; !g.connector.client.searchable(s) { // reading the whole list for each refusal is too much
		if inWords {
			return nil
		}
		return g.refusal
	}
	switch hits, err := g.connector.client.find(ctx, s); {
	case err != nil:
		return g.refusal
	case len(hits) > 0:
		return g.connector.client.failure(request{method: http.MethodPost, path: g.at.path}, g.at.path, verdicts[http.StatusConflict],
			fmt.Sprintf("answered %d, and there is an account of this name now; it is matched again", told.status))
	}
	return nil
}

// otherForm asks for the same account in another form.
func (g *creating) otherForm(ctx context.Context) (resource, error) {
	if !mayBeForm(g.refusal) {
		return nil, nil
	}
	p := g.connector.dialect()
	sent, err := newResource(p, g.at, g.operation.Changes)
	if err != nil {
		return nil, err
	}
	for _, v := range variations() {
		other := p
		v.set(&other)
		body, err := newResource(other, g.at, g.operation.Changes)
		if err != nil || reflect.DeepEqual(body, sent) {
			continue
		}
		made, err := g.post(ctx, g.operation, body)
		if made != nil {
			g.connector.learn([]variation{v})
			g.connector.learnSelections(ctx, g.at, g.operation.Changes, made)
		}
		if made != nil || err != nil {
			return made, err
		}
	}
	return nil, nil
}

// without divides the changes into those that are chosen to be left out, with those that belong to the same element, and the
// others. What an account must have is never left out.
func (g *creating) without(chosen func(connector.Change) bool) (left, kept []connector.Change) {
	for _, unit := range grouped(g.operation.Changes) {
		if slices.ContainsFunc(unit, chosen) && !slices.ContainsFunc(unit, g.essential) {
			left = append(left, unit...)
		} else {
			kept = append(kept, unit...)
		}
	}
	slices.SortStableFunc(kept, func(a, b connector.Change) int { return strings.Compare(a.Attribute, b.Attribute) })
	return left, kept
}

// attributeTypes are the scimTypes that say that a target does not know an attribute, or does not let it be written; then it is
// not that somebody else has the value.
var attributeTypes = []string{"invalidpath", "mutability", "notarget"}

// essential reports whether no account may be made without a change: it names the account, it is what the account is matched by, or
// keeps somebody switched off. What tells people apart may have been refused because somebody has it already, whatever the target
// calls that; without it there would be a second account.
func (g *creating) essential(change connector.Change) bool {
	switch {
	case change.Value.IsNull(), isName(g.operation.Type, change.Attribute), turnsOff(change), slices.Contains(g.operation.Essential, change.Attribute):
		return true
	case !identifies(change.Attribute):
		return false
	}
	told, _ := refused(g.refusal)
	return !slices.Contains(attributeTypes, strings.ToLower(told.scimType))
}

// identifies recognises the attributes that targets demand to be unique, or take for the same person.
func identifies(attribute string) bool {
	path, err := ParsePath(attribute)
	if err != nil {
		return true
	}
	at := path.container()
	return isCore(attribute, "externalId") || at.same(Path{Attribute: "emails"}) && (path.Sub == "" || strings.EqualFold(path.Sub, "value")) ||
		at.same(Path{URN: enterpriseUserURN, Attribute: "employeeNumber"})
}

// wasRefused reports whether the target has taken an attribute in no form before.
func (g *creating) wasRefused(change connector.Change) bool {
	return g.connector.refusals(change.Attribute) > 0
}

// isNamed reports whether the refusal has the name of an attribute in it. That says what to try first, and nothing else.
func (g *creating) isNamed(change connector.Change) bool {
	path, err := ParsePath(change.Attribute)
	told, _ := refused(g.refusal)
	if err != nil || told.from == nil {
		return false
	}
	name := path.Attribute
	if path.Sub != "" && path.FilterBy == "" {
		name = path.Sub
	}
	return strings.Contains(strings.ToLower(string(told.from.body)), strings.ToLower(name))
}

// isExtra reports whether an account is usually complete without an attribute.
func (g *creating) isExtra(change connector.Change) bool {
	path, err := ParsePath(change.Attribute)
	if err != nil {
		return false
	}
	at := path.container()
	usual := []string{"name", "displayName", "emails", activeAttribute}
	return !slices.ContainsFunc(usual, func(name string) bool { return at.same(Path{Attribute: name}) })
}

// complete writes to a new account what it was made without. The account is there, so that nothing that goes wrong now is an
// error of the create; and it is written only when it says itself that it is the one that was sent.
func (g *creating) complete(ctx context.Context, id directory.Anchor, made connector.Operation, left []connector.Change) connector.Outcome {
	c := g.connector
	current := map[string]directory.Value{}
	for _, change := range made.Changes {
		if !change.Value.IsNull() {
			current[change.Attribute] = change.Value
		}
	}
	u := &updating{connector: c, at: g.at, operation: connector.Operation{ID: made.ID, Kind: connector.Update, Type: made.Type, Target: id,
		Changes: left, Current: current}}
	err := g.refusal
	if release, failure := c.locks.acquire(ctx, lockName(g.at, id)); failure != nil {
		err = failure
	} else {
		defer release()
		if r := c.seen(ctx, g.at, id); r != nil && owner(made, r, false) == ours {
			err = u.run(ctx)
		}
	}
	if err != nil && !u.refused {
		u.left, u.first = nil, nil
		u.leave(left, err)
	}
	outcome := connector.Outcome{Target: id, Unwritten: slices.Sorted(slices.Values(u.left))}
	if len(u.left) > 0 {
		outcome.Warning = fmt.Sprintf("created without %s: %v", strings.Join(outcome.Unwritten, ", "), u.first)
	}
	return outcome
}
