package wikiapp

import (
	"net/http"
	"strings"
)

const (
	urnConfig = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	urnType   = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	urnSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema"
)

// discover answers the three endpoints that describe the service (RFC 7644 4). They are read from the same tables that
// check requests, so they cannot tell anything else than what happens.
func (a *App) discover(r *http.Request, endpoint, id, base string) (reply, error) {
	switch {
	case r.Method != http.MethodGet:
		return reply{}, &fault{status: http.StatusMethodNotAllowed, detail: "/" + endpoint + " can only be read"}
	case r.URL.Query().Has("filter"):
		return reply{}, &fault{status: http.StatusForbidden, detail: "/" + endpoint + " takes no filter"}
	case endpoint == "ServiceProviderConfig":
		return reply{status: http.StatusOK, body: a.config(base)}, nil
	}
	all := a.describeTypes(base)
	if endpoint == "Schemas" {
		all = a.describeSchemas(base)
	}
	if id == "" {
		return reply{status: http.StatusOK, body: map[string]any{
			"schemas": []string{urnList}, "totalResults": len(all), "startIndex": 1, "itemsPerPage": len(all), "Resources": all,
		}}, nil
	}
	for _, one := range all {
		if name, _ := one["id"].(string); strings.EqualFold(name, id) {
			return reply{status: http.StatusOK, body: one}, nil
		}
	}
	return reply{}, notFound("there is nothing at /%s/%s", endpoint, id)
}

func (a *App) config(base string) map[string]any {
	no := map[string]any{"supported": false}
	return map[string]any{
		"schemas":        []string{urnConfig},
		"patch":          map[string]any{"supported": true},
		"bulk":           map[string]any{"supported": a.options.BulkOperations > 0, "maxOperations": a.options.BulkOperations, "maxPayloadSize": maxBody},
		"filter":         map[string]any{"supported": true, "maxResults": a.options.PageLimit},
		"changePassword": no,
		"sort":           no,
		"etag":           no,
		"authenticationSchemes": []any{map[string]any{
			"type": "oauthbearertoken", "name": "Bearer token", "description": "The token the application was started with.",
		}},
		"meta": map[string]any{"resourceType": "ServiceProviderConfig", "location": base + "/ServiceProviderConfig"},
	}
}

func (a *App) describeTypes(base string) []map[string]any {
	var out []map[string]any
	for _, t := range []*resourceType{a.users.kind, a.groups.kind} {
		one := map[string]any{
			"schemas": []string{urnType}, "id": t.name, "name": t.name, "endpoint": t.endpoint,
			"description": t.core.about, "schema": t.core.urn,
			"meta": map[string]any{"resourceType": "ResourceType", "location": base + "/ResourceTypes/" + t.name},
		}
		var extensions []any
		for _, ext := range t.extensions {
			extensions = append(extensions, map[string]any{"schema": ext.urn, "required": false})
		}
		if extensions != nil {
			one["schemaExtensions"] = extensions
		}
		out = append(out, one)
	}
	return out
}

func (a *App) describeSchemas(base string) []map[string]any {
	var out []map[string]any
	for _, t := range []*resourceType{a.users.kind, a.groups.kind} {
		for _, s := range append([]*schema{t.core}, t.extensions...) {
			out = append(out, map[string]any{
				"schemas": []string{urnSchema}, "id": s.urn, "name": s.name, "description": s.about,
				"attributes": describeAttributes(s.attrs),
				"meta":       map[string]any{"resourceType": "Schema", "location": base + "/Schemas/" + s.urn},
			})
		}
	}
	return out
}

func describeAttributes(attrs []*attribute) []any {
	out := make([]any, 0, len(attrs))
	for _, a := range attrs {
		one := map[string]any{
			"name": a.name, "type": a.kind, "multiValued": a.multi, "description": a.about, "required": a.required,
			"caseExact": a.exact, "mutability": a.mutability(), "returned": "default", "uniqueness": a.uniqueness(),
		}
		if a.canonical != nil {
			one["canonicalValues"] = a.canonical
		}
		if a.subs != nil {
			one["subAttributes"] = describeAttributes(a.subs)
		}
		out = append(out, one)
	}
	return out
}

func (a *attribute) mutability() string {
	switch {
	case a.readOnly:
		return "readOnly"
	case a.immutable:
		return "immutable"
	}
	return "readWrite"
}

func (a *attribute) uniqueness() string {
	if a.unique {
		return "server"
	}
	return "none"
}
