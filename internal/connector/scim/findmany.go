package scim

import (
	"context"
	"errors"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

var errEnough = errors.New("enough found")

var _ connector.ManyFinder = (*Connector)(nil)

// finding is a search and what came of it: errList while only the list can tell.
type finding struct {
	search
	paths attributePaths
	hits  []resource
	err   error
}

// listFor reads the list once, until everybody is found who is looked for.
func (c *client) listFor(ctx context.Context, at endpoint, findings []*finding) {
	for _, f := range findings {
		f.hits = nil
	}
	failure := c.listAll(ctx, at, func(resources []resource) error {
		open := 0
		for _, f := range findings {
			if !f.satisfied() {
				f.hits = append(f.hits, f.verified(resources)...)
			}
			if !f.satisfied() {
				open++
			}
		}
		if open == 0 {
			return errEnough
		}
		return nil
	})
	for _, f := range findings {
		switch {
		case failure == nil, errors.Is(failure, errEnough), f.satisfied():
			f.err = nil
		default:
			f.hits, f.err = nil, unlisted(f.err, failure)
		}
	}
}

// unlisted is the error about a list that was read because a search was refused: where that fails too, the administrator must hear
// of both.
func unlisted(refusal, failure error) error {
	asked, ok := errors.AsType[*directory.Error](refusal)
	if !ok || asked.Error() == failure.Error() || directory.KindOf(failure) != directory.Incompatible {
		return failure
	}
	return &directory.Error{Kind: directory.Incompatible, Code: directory.CodeOf(failure), Err: failure,
		Message: asked.Error() + "; listing instead: " + failure.Error()}
}

// satisfied reports whether more hits would tell nothing new.
func (f finding) satisfied() bool { return !f.all && len(f.hits) >= 2 }

// Find returns the accounts whose attribute has the value.
func (c *Connector) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	found, err := c.FindMany(ctx, []connector.Query{query})
	if err != nil {
		return nil, err
	}
	return found[0].Accounts, found[0].Err
}

// FindMany searches for each, and reads the list once for all those that no search can tell of.
func (c *Connector) FindMany(ctx context.Context, queries []connector.Query) ([]connector.Found, error) {
	findings, found := make([]finding, len(queries)), make([]connector.Found, len(queries))
	c.sideBySide(len(queries), func(i int) {
		f := &findings[i]
		if *f, f.err = c.finding(queries[i]); f.err == nil {
			f.hits, f.err = c.client.searched(ctx, f.search)
		}
	})
	for _, objectType := range directory.ObjectTypes() {
		at, err := endpointOf(objectType)
		if err != nil {
			return nil, err
		}
		var open []*finding
		for i := range findings {
			if f := &findings[i]; errors.Is(f.err, errList) && f.at.path == at.path {
				open = append(open, f)
			}
		}
		if len(open) > 0 {
			c.client.listFor(ctx, at, open)
		}
	}
	c.sideBySide(len(queries), func(i int) {
		f := findings[i]
		if found[i].Err = f.err; f.err != nil {
			return
		}
		if found[i].Err = c.confirm(ctx, f.search, f.hits); found[i].Err == nil {
			found[i].Accounts, found[i].Err = c.accounts(f.paths, queries[i].Type, f.hits)
		}
	})
	return found, nil
}

func (c *Connector) finding(query connector.Query) (finding, error) {
	s, err := newSearch(c.dialect(), query.Type, query.Attribute, query.Value)
	if err != nil {
		return finding{}, err
	}
	s.all = query.All
	paths, err := c.paths(append([]string{query.Attribute}, query.Attributes...))
	return finding{search: s, paths: paths}, err
}
