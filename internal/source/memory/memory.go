package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// Options make the feed awkward in ways the contract allows. The zero value is a well-behaved feed.
type Options struct {
	// Partial delivers changes since a watermark with only what changed; otherwise objects are whole.
	Partial bool
	// Replay repeats this many of the changes before the watermark, oldest first.
	Replay int
	// Duplicate delivers everything twice in one call.
	Duplicate bool
}

// Source is a change feed in memory. Its content may be changed while it is read; a read sees the content
// at its beginning.
type Source struct {
	options Options

	mu      sync.Mutex
	objects map[key]directory.Object
	changes []entry
	expired int // watermarks up to this number of changes are forgotten; -1 for none
	failure error
	after   int // pages delivered before the failure
}

type key struct {
	objectType directory.ObjectType
	anchor     directory.Anchor
}

// entry is one change: the object before and after it.
type entry struct{ before, after directory.Object }

var _ source.Source = (*Source)(nil)

// New returns an empty source.
func New(options Options) *Source {
	return &Source{options: options, objects: map[key]directory.Object{}, expired: -1}
}

// Put adds objects, or replaces those with the same type and anchor. An object that is as it was is no change.
func (s *Source) Put(objects ...directory.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, object := range objects {
		s.put(object)
	}
}

// Remove deletes an object for good; an object that does not exist is no change. For a soft delete, Put
// the object with Removed set.
func (s *Source) Remove(objectType directory.ObjectType, anchor directory.Anchor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(key{objectType, anchor})
}

// Set makes the content exactly these objects, by the changes that are needed for it.
func (s *Source) Set(objects ...directory.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := map[key]bool{}
	for _, object := range objects {
		kept[keyOf(object)] = true
	}
	for _, k := range s.keys() {
		if !kept[k] {
			s.remove(k)
		}
	}
	for _, object := range objects {
		s.put(object)
	}
}

// Expire forgets every watermark given so far.
func (s *Source) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = len(s.changes)
	// A watermark counts changes; without this one a new watermark could be equal to a forgotten one.
	s.changes = append(s.changes, entry{})
}

// Fail makes every following read return err after so many pages. A nil error ends that.
func (s *Source) Fail(err error, afterPages int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.after = err, afterPages
}

// Changes implements source.Source. The first read delivers what exists, sorted by type and anchor; later
// ones deliver the changes in the order they were made.
func (s *Source) Changes(
	ctx context.Context, since source.Watermark, deliver func([]source.Change) error,
) (source.Result, error) {
	changes, result, failure, after, err := s.feed(since)
	if err != nil {
		return source.Result{}, err
	}
	pages := 0
	for page := range slices.Chunk(changes, source.PageSize) {
		if err := ctx.Err(); err != nil {
			return source.Result{}, err
		}
		if failure != nil && pages == after {
			return source.Result{}, failure
		}
		if err := deliver(slices.Clone(page)); err != nil {
			return source.Result{}, err
		}
		pages++
	}
	if failure != nil {
		return source.Result{}, failure
	}
	if err := ctx.Err(); err != nil {
		return source.Result{}, err
	}
	return result, nil
}

// feed takes what one read delivers.
func (s *Source) feed(since source.Watermark) (
	changes []source.Change, result source.Result, failure error, after int, err error,
) {
	s.mu.Lock()
	defer s.mu.Unlock()
	result.Watermark = source.Watermark("memory:" + strconv.Itoa(len(s.changes)))
	if since == "" {
		result.Complete = true
		for _, k := range s.keys() {
			changes = append(changes, source.Change{Object: s.objects[k]})
		}
	} else {
		position, known := strings.CutPrefix(string(since), "memory:")
		from, notNumber := strconv.Atoi(position)
		if !known || notNumber != nil || from <= s.expired || from > len(s.changes) {
			return nil, source.Result{}, nil, 0, fmt.Errorf("watermark %q: %w", since, source.ErrWatermarkExpired)
		}
		for _, e := range s.changes[max(from-s.options.Replay, s.expired+1):] {
			changes = append(changes, s.change(e))
		}
	}
	if s.options.Duplicate {
		changes = append(changes, changes...)
	}
	return changes, result, s.failure, s.after, nil
}

func (s *Source) put(object directory.Object) {
	object = clone(object)
	before := s.objects[keyOf(object)]
	if equal(before, object) {
		return
	}
	s.objects[keyOf(object)] = object
	s.changes = append(s.changes, entry{before: before, after: object})
}

func (s *Source) remove(k key) {
	before, exists := s.objects[k]
	if !exists {
		return
	}
	delete(s.objects, k)
	gone := directory.Object{Type: k.objectType, Anchor: k.anchor, Removed: directory.HardDeleted}
	s.changes = append(s.changes, entry{before: before, after: gone})
}

// keys returns the keys of what exists: users before groups, then by anchor.
func (s *Source) keys() []key {
	return slices.SortedFunc(maps.Keys(s.objects), func(a, b key) int {
		if a.objectType != b.objectType {
			order := directory.ObjectTypes()
			return slices.Index(order, a.objectType) - slices.Index(order, b.objectType)
		}
		return strings.Compare(string(a.anchor), string(b.anchor))
	})
}

func keyOf(object directory.Object) key { return key{object.Type, object.Anchor} }
