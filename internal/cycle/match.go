package cycle

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
	"golang.org/x/sync/errgroup"
)

// prefetchAbove is how many objects without a link may be looked up one by one; with more, the target is listed once
// and matching is local (design.md 6). Both ways give the same links.
const prefetchAbove = 20

// searcher finds accounts one query at a time.
type searcher struct {
	connector connector.Connector
	program   *engine.Program
}

// match tries the matching values of each in order and stops at the first attribute that yields a match (engine.md 9): all with their
// first value, then those who are left with their second, so that a target that must be listed is listed once for all of them.
func (s searcher) match(ctx context.Context, objectType directory.ObjectType, assessments []engine.Assessment) ([]lookup, error) {
	found := make([]lookup, len(assessments))
	asked := make([]int, len(assessments))
	for i := range asked {
		asked[i] = i
	}
	for turn := 0; ; turn++ {
		asked = slices.DeleteFunc(asked, func(i int) bool {
			return found[i].err != nil || found[i].Found > 0 || turn >= len(assessments[i].MatchValues)
		})
		if len(asked) == 0 {
			break
		}
		queries := make([]connector.Query, len(asked))
		for n, i := range asked {
			value := assessments[i].MatchValues[turn]
			queries[n] = connector.Query{Type: objectType, Attribute: value.Attribute, Value: value.Value, Attributes: s.program.Targets(objectType), All: len(value.Further) > 0}
		}
		answers, err := s.find(ctx, queries)
		if err != nil {
			return nil, err
		}
		for n, i := range asked {
			if err := answers[n].Err; errors.Is(err, directory.Unauthorised) || err != nil && ctx.Err() != nil {
				return nil, err
			}
			found[i] = s.judge(assessments[i].MatchValues[turn], answers[n])
		}
	}
	unanswered := 0
	for _, l := range found {
		if errors.Is(l.err, directory.Transient) {
			unanswered++
		}
	}
	if unanswered > outageAbove && unanswered == len(found) {
		return nil, fmt.Errorf("none of %d searches was answered, the target seems to be down: %w", unanswered, found[0].err)
	}
	return found, nil
}

// judge says what the answer to a query means. The further conditions of a composite are checked here: not every target understands
// "and".
func (s searcher) judge(value engine.MatchValue, answer connector.Found) lookup {
	if answer.Err != nil {
		return lookup{err: answer.Err}
	}
	accounts := slices.DeleteFunc(answer.Accounts, func(a connector.Account) bool { return !s.program.Holds(value, a.Attributes) })
	if len(accounts) == 0 {
		return lookup{}
	}
	return lookup{Match: engine.Match{Attribute: value.By(), Found: len(accounts), Target: accounts[0].Anchor, Attributes: accounts[0].Attributes}}
}

// find asks all queries together where the connector can do that, and else side by side.
func (s searcher) find(ctx context.Context, queries []connector.Query) ([]connector.Found, error) {
	if many, ok := s.connector.(connector.ManyFinder); ok {
		found, err := many.FindMany(ctx, queries)
		if !errors.Is(err, directory.Unsupported) {
			return found, err
		}
	}
	found := make([]connector.Found, len(queries))
	var group errgroup.Group
	group.SetLimit(max(1, s.connector.Capabilities().Concurrency))
	for i, query := range queries {
		group.Go(func() error {
			found[i].Accounts, found[i].Err = s.connector.Find(ctx, query)
			return nil
		})
	}
	return found, group.Wait()
}

// prefetcher counts how much has to be matched; past the threshold it lists the target into the store's index and
// matches there.
type prefetcher struct {
	searcher
	store   store.Store
	lease   *lease
	jobID   string
	looked  map[directory.ObjectType]int
	indexed map[directory.ObjectType]bool
}

func newPrefetcher(s searcher, st store.Store, l *lease, jobID string) *prefetcher {
	return &prefetcher{searcher: s, store: st, lease: l, jobID: jobID, looked: map[directory.ObjectType]int{}, indexed: map[directory.ObjectType]bool{}}
}

func (p *prefetcher) match(ctx context.Context, objectType directory.ObjectType, assessments []engine.Assessment) ([]lookup, error) {
	p.looked[objectType] += len(assessments)
	if !p.indexed[objectType] {
		if p.looked[objectType] <= prefetchAbove {
			return p.searcher.match(ctx, objectType, assessments)
		}
		err := p.list(ctx, objectType)
		if errors.Is(err, directory.Unsupported) { // it does not hand out everything: one query for each object it is
			p.looked[objectType] = math.MinInt // never past the threshold again
			return p.searcher.match(ctx, objectType, assessments)
		}
		if err != nil {
			return nil, err
		}
		p.indexed[objectType] = true
	}
	return p.lookUp(ctx, objectType, assessments)
}

func (p *prefetcher) list(ctx context.Context, objectType directory.ObjectType) error {
	if err := p.store.ClearTargets(ctx, p.jobID, p.lease.current(), objectType); err != nil {
		return err
	}
	sets := p.program.MatchSets(objectType)
	return p.connector.List(ctx, connector.Listing{Type: objectType, Attributes: p.program.Targets(objectType)}, func(accounts []connector.Account) error {
		targets := make([]store.TargetAccount, len(accounts))
		for i, account := range accounts {
			targets[i] = store.TargetAccount{Type: objectType, Anchor: account.Anchor, Attributes: account.Attributes, MatchKeys: map[string][]string{}}
			for _, set := range sets {
				if keys := p.program.AccountKeys(set, account.Attributes); len(keys) > 0 {
					targets[i].MatchKeys[set.String()] = keys
				}
			}
		}
		return p.store.PutTargets(ctx, p.jobID, p.lease.current(), targets)
	})
}

func (p *prefetcher) lookUp(ctx context.Context, objectType directory.ObjectType, assessments []engine.Assessment) ([]lookup, error) {
	matches := make([]lookup, len(assessments))
	for _, set := range p.program.MatchSets(objectType) {
		by := set.String()
		var keys []string
		var index []int
		for i, assessment := range assessments {
			if matches[i].Found > 0 {
				continue
			}
			for _, value := range assessment.MatchValues {
				if value.By() == by {
					keys, index = append(keys, value.Key), append(index, i)
				}
			}
		}
		if len(keys) == 0 {
			continue
		}
		found, err := p.store.TargetsByMatchKey(ctx, p.jobID, objectType, by, keys)
		if err != nil {
			return nil, err
		}
		for n, i := range index {
			if accounts := found[keys[n]]; len(accounts) > 0 {
				matches[i].Match = engine.Match{Attribute: by, Found: len(accounts), Target: accounts[0].Anchor, Attributes: accounts[0].Attributes}
			}
		}
	}
	return matches, nil
}

// clear empties the index; it is valid for one cycle only.
func (p *prefetcher) clear(ctx context.Context) error {
	for objectType := range p.indexed {
		if err := p.store.ClearTargets(ctx, p.jobID, p.lease.current(), objectType); err != nil {
			return err
		}
	}
	return nil
}
