package scim

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// maxID is how long an id may be in an address; servers refuse addresses of more than 8000 characters, with everything in them.
const maxID = 4000

// travels reports whether an id can stand in an address and still mean the same: dots alone between slashes are taken for a way
// (RFC 3986 5.2.4), escaped or not, and lead to somebody else.
func travels(id directory.Anchor) bool {
	for _, segment := range strings.FieldsFunc(string(id)+"/", func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return id != "" && len(url.PathEscape(string(id))) <= maxID
}

// unsendable is the error for an id that does not travel. Nobody can have it, because whoever is delivered with one is refused.
func unsendable(what string, at endpoint, id directory.Anchor) error {
	err := directory.Errorf(directory.NotFound, "%s %s: there can be nobody with an id of %d characters that cannot stand in an address: it is empty, too long, or has dots alone between slashes",
		what, at.path, len(id))
	err.Code = codeAnchor
	return err
}

// unaddressable looks, when nobody answers to an id that had to be escaped, whether somebody has it all the same: a server that
// cannot take its own ids in an address is an error, and nobody is gone.
func (c *Connector) unaddressable(ctx context.Context, at endpoint, id directory.Anchor, err error) error {
	if directory.KindOf(err) != directory.NotFound || url.PathEscape(string(id)) == string(id) {
		return err
	}
	objectType := directory.User
	if at.name == "Group" {
		objectType = directory.Group
	}
	s, failure := newSearch(c.dialect(), objectType, "id", directory.Text(string(id)))
	if failure != nil {
		return err
	}
	s.cursory = true
	if hits, failure := c.client.find(ctx, s); failure != nil || len(hits) == 0 {
		return err
	}
	return c.client.failure(byID(http.MethodGet, at, id), c.client.url(byID(http.MethodGet, at, id)).EscapedPath(),
		verdict{kind: incompatible, code: codeIncompatible},
		"answered that there is nobody, although a search finds somebody with this id: the target cannot take the characters of its own ids in an address; ask its vendor")
}

// maxConfirmed is how many listed resources are read by their id because they say that their place is elsewhere. Where so many
// are right, what the target says of places means nothing.
const maxConfirmed = 3

// placeCheck confirms listed resources that say that their place is under another id.
type placeCheck struct {
	connector *Connector
	at        endpoint
	confirmed int
}

func (p *placeCheck) check(ctx context.Context, resources []resource) error {
	for _, listed := range resources {
		if p.confirmed >= maxConfirmed {
			return nil
		}
		meta, _ := asResource(listed.get("meta"))
		location, _ := meta.get("location").(string)
		if !contradicts(location, p.at, listed.id()) {
			continue
		}
		r, err := p.connector.read(ctx, p.at, listed.id())
		switch {
		case directory.KindOf(err) == directory.NotFound, err == nil && !sameName(p.at, r, listed):
			asked := request{method: http.MethodGet, path: p.at.path}
			return p.connector.client.failure(asked, p.connector.client.url(asked).EscapedPath(), verdict{kind: incompatible, code: codeIncompatible},
				"the list has somebody under the id of somebody else; the target's list is broken, ask its vendor")
		case err != nil:
			return err
		}
		p.confirmed++
	}
	return nil
}

// sameName reports whether two resources have the same name.
func sameName(at endpoint, a, b resource) bool {
	attribute := "userName"
	if at.name == "Group" {
		attribute = "displayName"
	}
	path := Path{Attribute: attribute}
	return a.read(path).Equal(b.read(path))
}

// accounts reads resources. One whose id cannot stand in an address cannot be written, and must not be: the error is
// Incompatible.
func (c *Connector) accounts(paths attributePaths, objectType directory.ObjectType, resources []resource) ([]connector.Account, error) {
	accounts := make([]connector.Account, len(resources))
	for i, r := range resources {
		account, err := paths.account(objectType, r)
		if err != nil {
			return nil, directory.Errorf(directory.Incompatible, "the target delivered %v", err)
		}
		if !travels(account.Anchor) {
			return nil, directory.Errorf(directory.Incompatible,
				"the target delivered a %s whose id of %d characters cannot stand in an address: it is too long, or has dots alone between slashes; ask its vendor", objectType, len(account.Anchor))
		}
		accounts[i] = account
	}
	return accounts, nil
}
