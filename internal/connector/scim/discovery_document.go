package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// decodeDocuments reads what an endpoint of RFC 7644 4 answers: a ListResponse, one document, or, as some servers have it, a
// bare array. total is how many there are in all, by the target's own count.
func decodeDocuments(body []byte) (documents []resource, total int, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var raw any
	if err := decoder.Decode(&raw); err != nil {
		return nil, 0, fmt.Errorf("something that is not JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, 0, fmt.Errorf("JSON that something follows")
	}
	if list, ok := raw.([]any); ok {
		return asDocuments(list)
	}
	object, ok := asResource(raw)
	if !ok {
		return nil, 0, fmt.Errorf("JSON that is neither an object nor an array")
	}
	total, counted := count(object.get("totalResults"))
	switch list := object.get("Resources").(type) {
	case []any:
		documents, _, err = asDocuments(list)
		return documents, max(total, len(documents)), err
	case map[string]any:
		return []resource{list}, 1, nil
	}
	if counted {
		// An empty list may come without Resources (RFC 7644 3.4.2).
		return nil, total, nil
	}
	return []resource{object}, 1, nil
}

func asDocuments(list []any) (documents []resource, total int, err error) {
	for _, element := range list[:min(len(list), maxDescribed)] {
		document, ok := asResource(element)
		if !ok {
			return nil, 0, fmt.Errorf("a list of something else than objects")
		}
		documents = append(documents, document)
	}
	return documents, len(documents), nil
}

// yes reads a boolean, also one that is written as text.
func yes(raw any) bool {
	switch value := raw.(type) {
	case bool:
		return value
	case string:
		return strings.EqualFold(strings.TrimSpace(value), "true")
	default:
		return false
	}
}

// supported reads {"supported": true}, and the plain boolean that some servers write instead.
func supported(raw any) bool {
	if object, ok := asResource(raw); ok {
		return yes(object.get("supported"))
	}
	return yes(raw)
}

// limit reads a number of a target's, 0 when it says none or nonsense.
func limit(object resource, key string) int64 {
	var text string
	switch value := object.get(key).(type) {
	case json.Number:
		text = value.String()
	case string:
		text = strings.TrimSpace(value)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0) {
		return 0
	}
	if n >= math.MaxInt32 {
		return math.MaxInt32
	}
	return int64(n)
}

// features reads a service provider configuration (RFC 7643 5). Nil when there is none.
func (d *description) features(documents []resource) *connector.Features {
	if len(documents) == 0 {
		return nil
	}
	config := documents[0]
	known := slices.ContainsFunc([]string{"patch", "bulk", "filter", "authenticationSchemes"}, func(key string) bool { return config.get(key) != nil })
	if !known {
		d.problem("%s: the answer is not a service provider configuration", configPath)
		return nil
	}
	bulk, _ := asResource(config.get("bulk"))
	filter, _ := asResource(config.get("filter"))
	pages, _ := asResource(config.get("pagination"))
	features := &connector.Features{
		Patch: supported(config.get("patch")), Bulk: supported(config.get("bulk")), Filter: supported(config.get("filter")),
		Sort: supported(config.get("sort")), ETag: supported(config.get("etag")), ChangePassword: supported(config.get("changePassword")),
		Cursor:        yes(pages.get("cursor")),
		MaxOperations: limit(bulk, "maxOperations"), MaxPayloadBytes: limit(bulk, "maxPayloadSize"), MaxResults: limit(filter, "maxResults"),
	}
	schemes, _ := config.get("authenticationSchemes").([]any)
	for _, element := range schemes[:min(len(schemes), maxValues)] {
		scheme, _ := asResource(element)
		kind := words(scheme.get("type"))
		if kind == "" {
			kind = words(scheme.get("name"))
		}
		if kind != "" {
			features.Authentication = append(features.Authentication, kind)
		}
	}
	slices.Sort(features.Authentication)
	features.Authentication = slices.Compact(features.Authentication)
	return features
}

// belonging says which object types a schema describes, by the schema's URN in lower case.
type belonging map[string][]directory.ObjectType

// resourceTypes reads which schemas belong to users and groups (RFC 7643 6). Nil when the target does not say.
func (d *description) resourceTypes(documents []resource) belonging {
	types := belonging{}
	for _, document := range documents {
		objectType, ok := describedType(document)
		if !ok {
			continue
		}
		types.add(words(document.get("schema")), objectType)
		extensions, _ := document.get("schemaExtensions").([]any)
		for _, element := range extensions[:min(len(extensions), maxDescribed)] {
			urn, isText := element.(string)
			if extension, ok := asResource(element); ok && !isText {
				urn = words(extension.get("schema"))
			}
			types.add(urn, objectType)
		}
	}
	if len(types) == 0 {
		if len(documents) > 0 {
			d.problem("%s: neither users nor groups are among the types", typesPath)
		}
		return nil
	}
	return types
}

func (b belonging) add(urn string, objectType directory.ObjectType) {
	urn = strings.ToLower(urn)
	if urn != "" && !slices.Contains(b[urn], objectType) {
		b[urn] = append(b[urn], objectType)
	}
}

// describedType says whether a resource type is that of users or groups. The endpoint counts most: it is where they are.
func describedType(document resource) (directory.ObjectType, bool) {
	place := strings.TrimRight(words(document.get("endpoint")), "/")
	switch strings.ToLower(place[strings.LastIndexByte(place, '/')+1:]) {
	case "users":
		return directory.User, true
	case "groups":
		return directory.Group, true
	case "":
		return coreType(words(document.get("schema")))
	default:
		return "", false
	}
}

// coreType recognises the schemas of users and groups.
func coreType(urn string) (directory.ObjectType, bool) {
	switch {
	case strings.EqualFold(urn, coreUserURN):
		return directory.User, true
	case strings.EqualFold(urn, coreGroupURN):
		return directory.Group, true
	default:
		return "", false
	}
}
