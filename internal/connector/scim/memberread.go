package scim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var _ connector.MemberReader = (*Connector)(nil)

// Members reads the members of a group (RFC 7643 4.2). Servers that ignore which attributes are asked for answer with the whole
// group, and those that leave out what is empty without members. A group without any looks like one whose members are not told:
// that is for the caller to judge, by other groups.
func (c *Connector) Members(ctx context.Context, group directory.Anchor) ([]directory.Anchor, error) {
	at, err := endpointOf(directory.Group)
	if err != nil {
		return nil, err
	}
	told := map[directory.Anchor]bool{}
	for start := 1; ; {
		page, err := c.memberPage(ctx, at, group, start)
		if err != nil {
			return nil, err
		}
		before := len(told)
		for _, member := range page.members {
			told[member] = true
		}
		// Most servers answer with all members at once and announce nothing. Those that hand them out in pages say how many there
		// are.
		if len(told) >= page.total {
			return sortedAnchors(told), nil
		}
		if len(told) == before {
			return nil, c.client.stalled(at, "of the members of a group announces %d but delivers %d", page.total, len(told))
		}
		start += len(page.members)
	}
}

// memberPage is an answer with members of a group, and how many the server says there are; 0 when it does not say.
type memberPage struct {
	members []directory.Anchor
	total   int
}

func (c *Connector) memberPage(ctx context.Context, at endpoint, group directory.Anchor, start int) (memberPage, error) {
	asked := byID(http.MethodGet, at, group)
	asked.query = "attributes=" + membersAttribute
	if start > 1 {
		asked.query += fmt.Sprintf("&startIndex=%d", start)
	}
	a, err := c.client.send(ctx, asked)
	if err != nil {
		return memberPage{}, err
	}
	r, err := decodeResource(a.body)
	if err != nil {
		return memberPage{}, c.client.incompatibleAnswer(asked, a, "something that is not a JSON object")
	}
	// An id may be left out of an answer to a question about members, although it must not be (RFC 7644 3.9).
	if id := r.id(); id != "" && id != group {
		return memberPage{}, c.client.incompatibleAnswer(asked, a, fmt.Sprintf("the resource with id %q", c.client.redact(string(id))))
	}
	if r.id() == "" && r.get(membersAttribute) == nil {
		return memberPage{}, c.client.incompatibleAnswer(asked, a, "neither the group nor its members")
	}
	page := memberPage{}
	page.total, _ = count(r.get("totalResults"))
	elements, ok := r.get(membersAttribute).([]any)
	if !ok && r.get(membersAttribute) != nil {
		return memberPage{}, c.client.incompatibleAnswer(asked, a, "members that are not a list")
	}
	for _, element := range elements {
		member := memberOf(element)
		if member == "" {
			return memberPage{}, c.client.incompatibleAnswer(asked, a, "a member without an id")
		}
		page.members = append(page.members, member)
	}
	return page, nil
}

// memberOf is the anchor of a member: its value or, where that is missing, the end of its address. Some servers list bare ids.
func memberOf(element any) directory.Anchor {
	object, ok := asResource(element)
	if !ok {
		object = resource{"id": element}
		return object.id()
	}
	if value := (resource{"id": object.get("value")}).id(); value != "" {
		return value
	}
	address, _ := object.get("$ref").(string)
	if address = strings.TrimSuffix(address, "/"); address == "" {
		return ""
	}
	last := path.Base(address)
	if plain, err := url.PathUnescape(last); err == nil {
		last = plain
	}
	return directory.Anchor(last)
}

func sortedAnchors(set map[directory.Anchor]bool) []directory.Anchor {
	anchors := make([]directory.Anchor, 0, len(set))
	for anchor := range set {
		anchors = append(anchors, anchor)
	}
	slices.Sort(anchors)
	return anchors
}
