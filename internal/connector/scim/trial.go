package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// trialName is the displayName of the throw-away group. Whoever finds one may delete it.
const trialName = "terraform-provider-provisioning trial group, safe to delete"

// discardAgain is how often a throw-away group is deleted again when nobody knows what became of it.
const discardAgain = 3

// The forms of topicRemoveMembers, topicMembersTold and topicTrial.
const (
	removeByValue  = "by value"
	removeByFilter = "by filtered path"
	membersAreTold = "told"
	membersInPart  = "told in part"
	trialLeft      = "left in the target"
)

// errUnproven says that a trial ended without a result.
var errUnproven = errors.New("the trial ended without a result")

// proveRemoval reports whether removing a member by value is proven harmless. The first time it tries that on a group of
// its own (scim-client.md 17, row 4): two members, one is removed, and exactly the other must be left.
//
// The group is deleted whatever happens. After a crash nothing was learned, so the next connector that needs the answer
// tries again, and begins by deleting what is left over.
func (c *Connector) proveRemoval(ctx context.Context, atHand []directory.Anchor) bool {
	release, err := c.locks.acquire(ctx, trialName)
	if err != nil {
		return false
	}
	defer release()
	if form := c.client.learned.form(topicRemoveMembers, ""); form != "" {
		return form == removeByValue
	}
	if c.trialOver {
		return false
	}
	c.trialOver = true
	at, err := endpointOf(directory.Group)
	if err != nil {
		return false
	}
	harmless, err := c.tryRemoval(ctx, at, atHand)
	switch {
	case err != nil:
		c.client.logger.DebugContext(ctx, "scim removal of members by value is not proven", "error", c.client.redact(err.Error()))
	case harmless:
		c.client.learned.learn(topicRemoveMembers, "", removeByValue, "on a throw-away group it removed exactly the one")
	default:
		c.client.learned.learn(topicRemoveMembers, "", removeByFilter, "on a throw-away group removing one member by value removed others too")
	}
	return harmless
}

// tryRemoval removes one of two members of a throw-away group by value. The error says that nothing was proven.
func (c *Connector) tryRemoval(ctx context.Context, at endpoint, atHand []directory.Anchor) (harmless bool, err error) {
	pair, err := c.someUsers(ctx, atHand, 2)
	if err != nil {
		return false, err
	}
	group, discard, err := c.trialGroup(ctx, at, nil)
	if err != nil {
		return false, err
	}
	defer discard()
	p := c.dialect()
	if _, err := c.patch(ctx, at, group, addMembers(p, pair)); err != nil {
		return false, err
	}
	there, _, err := c.groupMembers(ctx, at, group)
	if err != nil || len(there) != 2 || !there[pair[0]] || !there[pair[1]] {
		return false, errors.Join(errUnproven, err)
	}
	if _, err := c.patch(ctx, at, group, removeMembers(p, true, pair[:1])); err != nil {
		return false, err
	}
	there, _, err = c.groupMembers(ctx, at, group)
	switch {
	case err != nil || len(there) == 2:
		return false, errors.Join(errUnproven, err)
	default:
		return len(there) == 1 && there[pair[1]], nil
	}
}

// trialGroup makes a group of its own; discard deletes it, also when the caller's time is over.
func (c *Connector) trialGroup(ctx context.Context, at endpoint, members []directory.Anchor) (group directory.Anchor, discard func(), err error) {
	if err := c.discardTrials(ctx, at); err != nil {
		return "", nil, err
	}
	body := resource{"schemas": c.profile.schemas[at.name], "displayName": trialName}
	if len(members) > 0 {
		body["members"] = memberElements(members...)
	}
	afterwards := context.WithoutCancel(ctx)
	a, err := c.client.send(ctx, request{method: http.MethodPost, path: at.path, body: body})
	if err != nil {
		if directory.OutcomeUnknown(err) {
			err = errors.Join(err, c.discardTrials(afterwards, at))
		}
		return "", nil, err
	}
	made, err := decodeResource(a.body)
	if name, _ := made.get("displayName").(string); err != nil || made.id() == "" || name != trialName {
		// Only by its name is it certainly the trial's.
		return "", nil, errors.Join(errUnproven, err, c.discardTrials(afterwards, at))
	}
	return made.id(), func() {
		err := c.remove(afterwards, at, made.id())
		for range discardAgain {
			if err == nil || !directory.OutcomeUnknown(err) {
				break
			}
			// Nobody comes back for it once the trial has a result.
			err = c.remove(afterwards, at, made.id())
		}
		if err != nil {
			c.client.logger.WarnContext(ctx, fmt.Sprintf("the group %q could not be deleted from the target; delete it there", trialName),
				"error", c.client.redact(err.Error()))
			c.client.learned.learn(topicTrial, "", trialLeft, fmt.Sprintf("it could not be deleted; delete the group %q there", trialName))
		}
	}, nil
}

// discardTrials deletes the groups that a trial left over: those that have exactly its name.
func (c *Connector) discardTrials(ctx context.Context, at endpoint) error {
	s, err := newSearch(c.dialect(), directory.Group, "displayName", directory.Text(trialName))
	if err != nil {
		return err
	}
	s.cursory = true
	hits, err := c.client.find(ctx, s)
	if err != nil {
		return err
	}
	if err := c.confirm(ctx, s, hits); err != nil {
		return err
	}
	for _, hit := range hits {
		if name, _ := hit.get("displayName").(string); name != trialName {
			continue
		}
		if err := c.remove(ctx, at, hit.id()); err != nil {
			return err
		}
	}
	c.client.learned.forget(topicTrial, "")
	return nil
}

// someUsers returns ids of users that exist: those at hand, and else the first that the target lists.
func (c *Connector) someUsers(ctx context.Context, atHand []directory.Anchor, n int) ([]directory.Anchor, error) {
	users := slices.Clone(atHand[:min(n, len(atHand))])
	if len(users) < n {
		at, err := endpointOf(directory.User)
		if err != nil {
			return nil, err
		}
		p, err := c.client.getPage(ctx, at, "startIndex=1", fmt.Sprintf("count=%d", n+1))
		if err != nil {
			return nil, err
		}
		for _, r := range p.resources {
			if len(users) < n && !slices.Contains(users, r.id()) {
				users = append(users, r.id())
			}
		}
	}
	if len(users) < n {
		return nil, fmt.Errorf("%w: it takes %d users", errUnproven, n)
	}
	return users, nil
}

// groupMembers reads who is in a group. told is false when the answer has no members and the target is not known to tell
// them: the group may be empty, or the target may keep them to itself.
func (c *Connector) groupMembers(ctx context.Context, at endpoint, group directory.Anchor) (members map[directory.Anchor]bool, told bool, err error) {
	at.query = ""
	r, err := c.read(ctx, at, group)
	if err != nil {
		return nil, false, err
	}
	return c.membersIn(r)
}

func (c *Connector) membersIn(r resource) (members map[directory.Anchor]bool, told bool, err error) {
	raw := r.get(membersAttribute)
	elements, isList := raw.([]any)
	if raw != nil && !isList {
		return nil, false, directory.Errorf(directory.Incompatible, "the target delivered members that are not a list")
	}
	members = map[directory.Anchor]bool{}
	for _, element := range elements {
		member, _ := asResource(element)
		value := resource{"id": member.get("value")}.id()
		if value == "" {
			return nil, false, directory.Errorf(directory.Incompatible, "the target delivered a member without value")
		}
		members[value] = true
	}
	if len(members) > 0 && c.client.learned.form(topicMembersTold, "") != membersInPart {
		c.client.learned.learn(topicMembersTold, "", membersAreTold, "it delivered the members of a group")
	}
	return members, isList || c.client.learned.form(topicMembersTold, "") == membersAreTold, nil
}
