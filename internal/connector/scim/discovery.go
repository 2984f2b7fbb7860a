package scim

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var _ connector.Discoverer = (*Connector)(nil)

// The endpoints that describe a target (RFC 7644 4).
const (
	configPath  = "/ServiceProviderConfig"
	typesPath   = "/ResourceTypes"
	schemasPath = "/Schemas"
)

// Bounds of what is taken from a description: far above what any target needs, far below what could hurt.
const (
	maxDescribedPages = 20
	maxDescribed      = 200
	maxAttributes     = 5000
	maxValues         = 100
	maxProblems       = 50
	// maxWords bounds a description, in characters.
	maxWords = 300
)

// Discover reads the three endpoints. One that the target does not have, or does not let us read, is a problem and never an
// error: each of them is optional in practice (scim-client.md 11, 17).
func (c *Connector) Discover(ctx context.Context) (connector.Discovery, error) {
	var d description
	config, err := c.describe(ctx, configPath, &d)
	if err != nil {
		return connector.Discovery{}, err
	}
	types, err := c.describe(ctx, typesPath, &d)
	if err != nil {
		return connector.Discovery{}, err
	}
	schemas, err := c.describe(ctx, schemasPath, &d)
	if err != nil {
		return connector.Discovery{}, err
	}
	found := d.discovery(config, types, schemas)
	c.announced.set(found.Features)
	return found, nil
}

// describe returns what an endpoint lists, page after page; none with a problem when there is nothing to read.
func (c *Connector) describe(ctx context.Context, path string, d *description) ([]resource, error) {
	var all []resource
	asked := request{method: http.MethodGet, path: path}
	seen := map[string]bool{}
	for range maxDescribedPages {
		a, err := c.client.send(ctx, asked)
		if err != nil {
			if ctx.Err() != nil || len(all) == 0 && !tells(err) {
				return nil, err
			}
			d.problem("%s: %s", path, absence(err))
			return all, nil
		}
		documents, total, err := decodeDocuments([]byte(c.client.redact(string(a.body))))
		if err != nil {
			d.problem("%s: answered %d with %v", path, a.status, err)
			return all, nil
		}
		fresh := false
		for _, document := range documents {
			name := documentName(document)
			if name == "" || !seen[name] {
				seen[name] = true
				fresh = fresh || name != ""
				all = append(all, document)
			}
		}
		if !fresh || len(all) >= total || len(all) >= maxDescribed {
			return all, nil
		}
		// RFC 7644 4 knows no pages here; some servers make them all the same.
		asked.query = fmt.Sprintf("startIndex=%d&count=%d", len(all)+1, pageSize)
	}
	return all, nil
}

// tells reports whether a failed request still says something about the target: it answered, and it was not busy.
func tells(err error) bool {
	if _, answered := refused(err); answered {
		return directory.KindOf(err) != directory.Throttled
	}
	return directory.KindOf(err) == directory.Incompatible
}

// absence says why there is nothing to read. The advice of other requests would mislead here.
func absence(err error) string {
	told, answered := refused(err)
	switch {
	case !answered:
		return err.Error()
	case told.status == http.StatusNotFound, told.status == http.StatusMethodNotAllowed, told.status == http.StatusNotImplemented:
		return fmt.Sprintf("the target does not have it (it answered %d)", told.status)
	case told.status == http.StatusUnauthorized, told.status == http.StatusForbidden:
		return fmt.Sprintf("the target does not let these credentials read it (it answered %d)", told.status)
	default:
		return fmt.Sprintf("the target answered %d", told.status)
	}
}

// documentName tells documents of one endpoint apart; empty when they have no name.
func documentName(document resource) string {
	for _, key := range []string{"id", "schema", "name", "endpoint"} {
		if text := words(document.get(key)); text != "" {
			return key + " " + text
		}
	}
	return ""
}

// description is a discovery in the making.
type description struct{ problems []string }

func (d *description) problem(format string, args ...any) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, shortened(fmt.Sprintf(format, args...)))
	}
}

func (d *description) discovery(config, types, schemas []resource) connector.Discovery {
	discovery := connector.Discovery{Features: d.features(config)}
	discovery.Attributes = d.attributes(schemas, d.resourceTypes(types))
	discovery.Problems = d.problems
	return discovery
}

// words is a text that a target wrote, in a form that can be shown; empty when it is none.
func words(raw any) string {
	text, _ := raw.(string)
	return shortened(text)
}

func shortened(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if utf8.RuneCountInString(text) > maxWords {
		text = string([]rune(text)[:maxWords-1]) + "…"
	}
	return text
}
