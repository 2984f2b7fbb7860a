package scim

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// confirm reads hits by their id when they say themselves that their place is elsewhere: whoever is found is written by
// the id, and it must be the right one.
func (c *Connector) confirm(ctx context.Context, s search, hits []resource) error {
	for _, hit := range hits {
		meta, _ := asResource(hit.get("meta"))
		location, _ := meta.get("location").(string)
		if !contradicts(location, s.at, hit.id()) {
			continue
		}
		r, err := c.read(ctx, s.at, hit.id())
		switch {
		case directory.KindOf(err) == directory.NotFound, err == nil && !s.holds(r):
			asked := request{method: http.MethodGet, path: s.at.path}
			return c.client.failure(asked, c.client.url(asked).EscapedPath(), verdict{kind: incompatible, code: codeIncompatible},
				"the search delivers somebody under the id of somebody else; the target's search is broken, ask its vendor")
		case err != nil:
			return err
		}
	}
	return nil
}

// contradicts reports whether the place of a new resource (RFC 7644 3.3) ends in another id than it has itself. A place
// that is none of the endpoint's says nothing.
func contradicts(location string, at endpoint, id directory.Anchor) bool {
	place, err := url.Parse(location)
	if err != nil {
		return false
	}
	path := place.EscapedPath()
	start := strings.LastIndex(path, at.path+"/")
	if start < 0 {
		return false
	}
	told, err := url.PathUnescape(path[start+len(at.path)+1:])
	return err == nil && told != "" && directory.Anchor(told) != id
}
