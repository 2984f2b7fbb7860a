package scim

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
)

// describeBodies is Discover without the requests: one page of each endpoint.
func describeBodies(config, types, schemas []byte) connector.Discovery {
	var d description
	read := func(body []byte) []resource {
		documents, _, err := decodeDocuments(body)
		if err != nil {
			d.problem("%v", err)
		}
		return documents
	}
	return d.discovery(read(config), read(types), read(schemas))
}

// checkDiscovery holds for whatever a target answers: bounded, printable, sorted, every path a path, and the same each time.
func checkDiscovery(t *testing.T, config, types, schemas []byte) {
	t.Helper()
	discovery := describeBodies(config, types, schemas)
	if len(discovery.Attributes) > maxAttributes || len(discovery.Problems) > maxProblems {
		t.Errorf("%d attributes, %d problems", len(discovery.Attributes), len(discovery.Problems))
	}
	seen := map[string]bool{}
	for _, attribute := range discovery.Attributes {
		path, err := ParsePath(attribute.Path)
		if err != nil || path.String() != attribute.Path {
			t.Errorf("%q is not the path of an attribute: %v", attribute.Path, err)
		}
		if key := string(attribute.ObjectType) + attribute.Path; seen[key] {
			t.Errorf("%s occurs twice", key)
		} else {
			seen[key] = true
		}
		for _, text := range append([]string{attribute.Description, attribute.Path}, attribute.CanonicalValues...) {
			if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 3*maxWords {
				t.Errorf("%q cannot be shown", text)
			}
		}
	}
	if diff := cmp.Diff(discovery, describeBodies(config, types, schemas)); diff != "" {
		t.Errorf("the same answers are read differently:\n%s", diff)
	}
	if f := discovery.Features; f != nil && (f.MaxOperations < 0 || f.MaxPayloadBytes < 0 || f.MaxResults < 0) {
		t.Errorf("negative limits: %+v", f)
	}
}

func FuzzServiceProviderConfig(f *testing.F) {
	for _, seed := range []string{`{"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":1e3,"maxPayloadSize":"9"}}`, `[{"patch":true}]`,
		`{"totalResults":1,"Resources":[{"filter":{"maxResults":-7}}]}`, `{"authenticationSchemes":[{"type":"x"},null,3]}`, `{"bulk":[],"patch":"true"}`, `null`, `<`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkDiscovery(t, body, nil, nil) })
}

const oneSchema = `[{"id":"urn:ietf:params:scim:schemas:core:2.0:User","attributes":[{"name":"a"}]},{"id":"urn:x:y","attributes":[{"name":"b"}]}]`

func FuzzResourceTypes(f *testing.F) {
	for _, seed := range []string{`[{"endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"urn:x:y","required":true}]}]`,
		`{"Resources":[{"name":"Group","endpoint":"Groups","schemaExtensions":["urn:x:y",{}]}]}`, `{"endpoint":7}`, `{"schema":"urn:ietf:params:scim:schemas:core:2.0:Group"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkDiscovery(t, nil, body, []byte(oneSchema)) })
}

func FuzzSchemas(f *testing.F) {
	for _, seed := range []string{oneSchema, `{"id":"urn:x:1.0:User","attributes":[{"name":"urn:x:1.0:User:b.c","subAttributes":[{"name":"d"}]}]}`,
		`{"totalResults":3,"Resources":{"id":"urn:ietf:params:scim:schemas:core:2.0:Group","attributes":[{"name":"members","multiValued":"true","subAttributes":[{"name":"$ref"},{"name":""}],"canonicalValues":["a","a",1]}]}}`,
		`{"id":"x","attributes":[{"name":"a"}]}`, `{"id":"urn:x:y","attributes":[[]]}`, "{\"id\":\"urn:x:\xff\",\"attributes\":[{\"name\":\"q\"}]}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkDiscovery(t, nil, nil, body) })
}
