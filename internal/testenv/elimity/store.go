package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
)

type kind int

const (
	users kind = iota
	groups
)

// naming is the attribute that must be unique, without regard to case.
func (k kind) naming() string { return [...]string{"userName", "displayName"}[k] }

type record struct {
	id    string
	attrs map[string]any
}

type store struct {
	mu      sync.Mutex
	last    int
	records [2][]*record
}

type stores struct {
	mu       sync.Mutex
	byTenant map[string]*store
}

func (s *stores) of(tenant string) *store {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byTenant[tenant] == nil {
		s.byTenant[tenant] = &store{}
	}
	return s.byTenant[tenant]
}

func (s *store) dump() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]any{}
	for k, name := range map[kind]string{users: "users", groups: "groups"} {
		list := []any{}
		for _, r := range s.records[k] {
			copied := copyOf(r.attrs)
			copied["id"] = r.id
			list = append(list, copied)
		}
		out[name] = list
	}
	return out
}

func (s *store) find(k kind, id string) *record {
	for _, r := range s.records[k] {
		if r.id == id {
			return r
		}
	}
	return nil
}

// check refuses a name that is taken, and members that are nobody.
func (s *store) check(k kind, attrs map[string]any, self *record) error {
	name, _ := attrs[k.naming()].(string)
	for _, r := range s.records[k] {
		if have, _ := r.attrs[k.naming()].(string); r != self && strings.EqualFold(have, name) {
			return errors.ScimErrorUniqueness
		}
	}
	members, _ := attrs["members"].([]any)
	for _, m := range members {
		one, _ := m.(map[string]any)
		id, _ := one["value"].(string)
		if s.find(users, id) == nil {
			return errors.ScimErrorInvalidValue
		}
	}
	return nil
}

// handler implements scim.ResourceHandler for one resource type.
type handler struct {
	stores *stores
	kind   kind
}

func (h handler) store(r *http.Request) *store {
	tenant, _ := r.Context().Value(tenantKey{}).(string)
	return h.stores.of(tenant)
}

func shown(r *record) scim.Resource {
	attrs := copyOf(r.attrs)
	resource := scim.Resource{ID: r.id, Attributes: attrs}
	if external, ok := attrs["externalId"].(string); ok {
		resource.ExternalID = optional.NewString(external)
	}
	return resource
}

func (h handler) Create(r *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	s := h.store(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	attrs := copyOf(attributes)
	if err := s.check(h.kind, attrs, nil); err != nil {
		return scim.Resource{}, err
	}
	s.last++
	made := &record{id: fmt.Sprintf("%04d", s.last), attrs: attrs}
	s.records[h.kind] = append(s.records[h.kind], made)
	return shown(made), nil
}

func (h handler) Get(r *http.Request, id string) (scim.Resource, error) {
	s := h.store(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.find(h.kind, id)
	if found == nil {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	return shown(found), nil
}

func (h handler) GetAll(r *http.Request, params scim.ListRequestParams) (scim.Page, error) {
	s := h.store(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	var hits []*record
	for _, one := range s.records[h.kind] {
		if params.Filter == nil || matches(params.Filter, one.attrs) {
			hits = append(hits, one)
		}
	}
	page := scim.Page{TotalResults: len(hits), Resources: []scim.Resource{}}
	from := min(max(params.StartIndex-1, 0), len(hits))
	for _, one := range hits[from:min(from+max(params.Count, 0), len(hits))] {
		page.Resources = append(page.Resources, shown(one))
	}
	return page, nil
}

func (h handler) Replace(r *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	return h.change(r, id, func(map[string]any) (map[string]any, error) { return copyOf(attributes), nil })
}

func (h handler) Patch(r *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	return h.change(r, id, func(attrs map[string]any) (map[string]any, error) {
		for _, o := range operations {
			if err := apply(attrs, o); err != nil {
				return nil, err
			}
		}
		return attrs, nil
	})
}

// change replaces the attributes of a record by what make makes of a copy of them, or leaves it alone.
func (h handler) change(r *http.Request, id string, make func(map[string]any) (map[string]any, error)) (scim.Resource, error) {
	s := h.store(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.find(h.kind, id)
	if found == nil {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	attrs, err := make(copyOf(found.attrs))
	if err != nil {
		return scim.Resource{}, err
	}
	if err := s.check(h.kind, attrs, found); err != nil {
		return scim.Resource{}, err
	}
	found.attrs = attrs
	return shown(found), nil
}

func (h handler) Delete(r *http.Request, id string) error {
	s := h.store(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(h.kind, id) == nil {
		return errors.ScimErrorResourceNotFound(id)
	}
	s.records[h.kind] = slices.DeleteFunc(s.records[h.kind], func(one *record) bool { return one.id == id })
	for _, g := range s.records[groups] {
		members, _ := g.attrs["members"].([]any)
		g.attrs["members"] = slices.DeleteFunc(members, func(m any) bool {
			one, _ := m.(map[string]any)
			return one["value"] == id
		})
	}
	return nil
}
