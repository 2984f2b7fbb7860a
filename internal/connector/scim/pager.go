package scim

import (
	"fmt"
	"slices"
)

// Bounds of one listing.
const (
	// pageSize is how many resources one page asks for (scim-client.md 12).
	pageSize = 100
	// shortPage is what is asked of a target that refuses that.
	shortPage = 10
	// maxPasses is how often a list is read from its beginning before it is given up.
	maxPasses = 3
	// maxBacks is how often one place is looked for further back.
	maxBacks = 3
	// maxBeyond is how many pages are asked for behind an end that does not agree with the total.
	maxBeyond = 10
	// maxFruitless is how many answers in a row may bring nothing new.
	maxFruitless = 20
	// maxListed ends a list that would go on for ever.
	maxListed = 10_000_000
)

// pageRequest is a page to ask for.
type pageRequest struct {
	// start is the startIndex, counted from 1; open leaves it out.
	start int
	open  bool
	count int
	// byCursor asks by cursor (RFC 9865); the first one is empty.
	byCursor bool
	cursor   string
}

// pageAnswer is what came back, as far as paging is concerned.
type pageAnswer struct {
	ids []idDigest
	// total is what the target says there are in all, -1 when it does not say.
	total int
	// next is the cursor of the next page, empty when there is none.
	next string
	// refused says that the target would not answer for this startIndex, expired that it no longer knows the cursor.
	refused, expired bool
}

// phase is what the next answer is for.
type phase uint8

const (
	// phaseForward reads on.
	phaseForward phase = iota
	// phaseBack looks for the place that was lost.
	phaseBack
	// phasePlain looks whether a target that gave the same page again goes on behind it.
	phasePlain
	// phaseSingle looks whether a target ignores startIndex, and count too.
	phaseSingle
	// phaseBeyond looks behind an end that comes too early.
	phaseBeyond
	// phaseFront looks whether something stands before the beginning.
	phaseFront
	// phaseCursor follows cursors.
	phaseCursor
	phaseDone
)

// pager decides which pages of a list are asked for, and whether everything was delivered (RFC 7644 3.4.2.4, RFC 9865;
// scim-client.md 12). It is pure: next says what to ask for, take says what of the answer is new.
//
// No number that a target says is trusted alone. Each page is asked for from the last resource of the page before, so that the
// two must share it: then nothing can have slipped between them, however the list moves, as long as those that stay keep
// their order. The end is where nothing follows the last one. Where pages do not meet, the place is looked for further
// back; where that does not help, the list is read again, until a pass brings nothing new and nothing contradicts it.
type pager struct {
	size int
	seen idSet
	// fromOne says that this target is known to count from one.
	fromOne bool
	// most is how many resources it may bring.
	most int
	ask  pageRequest
	now  phase
	// err says why the list cannot be trusted.
	err error

	// fruitless counts answers in a row without anything new; allowed is how many more there may be, because that much was read
	// before.
	pass, requests, allowed, fruitless int
	// fronted and zeroed say that the place before the beginning was asked for, before that something stood there.
	fronted, zeroed, before, restarted bool

	// The rest is about this pass.

	// window is the last page that follows the one before without a gap, at the index of its last resource; trail is what was
	// read up to there, as far as a step back reaches.
	window, trail []idDigest
	at            int
	// longest is the longest page.
	longest int
	// low, high and total are the smallest, the largest and the last total; -1 when there was none. told says that one was not
	// the length of its page.
	low, high, total int
	told             bool
	fresh            int
	// got counts the resources of the pages, those that two of them share once.
	got int
	// pages says that startIndex only selects a page, so that none can be asked for from the last resource of the one before.
	// loose says that pages did not meet although they may follow each other, unsure that the end may not be the end, doubt that
	// pages should have met and did not.
	pages, loose, unsure bool
	doubt                string
	// shifted says that the list grew before the place that was read.
	shifted       bool
	backs, passed int
	// held is a page that did not meet the window.
	held      []idDigest
	heldAt    int
	cursors   idSet
	indexMode bool
}

// newPager reads by index, and by cursor once the target answers with one; byCursor asks for cursors from the beginning.
func newPager(size int, byCursor bool) *pager {
	p := &pager{size: size, most: maxListed, seen: idSet{}, indexMode: !byCursor}
	p.begin()
	return p
}

// useCursors begins again by cursor. What was delivered is not delivered again.
func (p *pager) useCursors() {
	p.err, p.indexMode, p.pass = nil, false, 0
	p.allowed = max(p.allowed, p.requests)
	p.begin()
}

// begin starts a pass.
func (p *pager) begin() {
	p.pass++
	p.window, p.trail, p.at, p.longest, p.held = nil, nil, 0, 0, nil
	p.low, p.high, p.total, p.told = -1, -1, -1, false
	p.fresh, p.requests, p.fruitless, p.backs, p.passed = 0, 0, 0, 0, 0
	p.got, p.pages, p.loose, p.unsure, p.doubt, p.shifted = 0, false, false, false, "", false
	p.cursors = idSet{}
	p.now, p.ask = phaseForward, pageRequest{start: 1, count: p.size}
	if !p.indexMode {
		p.now, p.ask = phaseCursor, pageRequest{byCursor: true, count: p.size}
	}
}

// next returns the page to ask for; false when there is no more to ask.
func (p *pager) next() (pageRequest, bool) { return p.ask, p.err == nil && p.now != phaseDone }

// take decides what follows from an answer, and returns which of its resources are new, by index. The error says that the list
// cannot be trusted; what is new is to be delivered all the same.
func (p *pager) take(a pageAnswer) (fresh []int, err error) {
	for i, id := range a.ids {
		if p.seen.add(id) {
			fresh = append(fresh, i)
		}
	}
	p.requests++
	p.fresh += len(fresh)
	p.fruitless++
	if len(fresh) > 0 {
		p.fruitless = 0
	}
	p.note(a)
	switch {
	case len(p.seen) > p.most:
		p.fail("does not end: it delivered more than %d resources", p.most)
	case p.fruitless > maxFruitless+p.allowed:
		p.fail("does not advance: %d answers in a row brought nothing new (%s)", p.fruitless, p.numbers())
	default:
		p.decide(a, len(fresh))
	}
	return fresh, p.err
}

// note takes a total for what it is: something the target says.
func (p *pager) note(a pageAnswer) {
	if a.total < 0 || a.refused || a.expired {
		return
	}
	if p.low < 0 || a.total < p.low {
		p.low = a.total
	}
	p.high, p.total = max(p.high, a.total), a.total
	p.told = p.told || a.total != len(a.ids)
}

func (p *pager) decide(a pageAnswer, fresh int) {
	if p.now == phaseForward && p.window == nil && a.next != "" {
		// The target pages by cursor, although it was not asked to.
		p.now = phaseCursor
	}
	switch p.now {
	case phaseForward:
		p.forward(a)
	case phaseBack:
		p.back(a)
	case phasePlain:
		p.plain(a, fresh)
	case phaseSingle:
		p.single(a)
	case phaseBeyond:
		p.beyond(a, fresh)
	case phaseFront:
		p.front(a, fresh)
	case phaseCursor:
		p.follow(a)
	}
}

func (p *pager) forward(a pageAnswer) {
	n, meets := len(a.ids), len(p.window) > 1 && !p.pages
	switch {
	case p.window == nil && n > 0:
		p.advance(a.ids, p.ask.start)
	case p.window == nil && len(p.seen) > 0:
		p.doubt = "it was empty when it was read again"
		p.finish()
	case n == 0 && !meets, p.pages && slices.Equal(a.ids, p.window), n == 1 && p.window != nil && a.ids[0] == p.last():
		p.finish()
	case n == 0:
		p.held = nil
		p.stepBack()
	case slices.Equal(a.ids, p.window):
		p.now, p.ask = phasePlain, pageRequest{start: p.at + 1, count: p.size}
	default:
		p.meet(a.ids, meets)
	}
}

// meet judges a page by what it shares with the trail: that must come first, and then only what is not in the trail.
func (p *pager) meet(ids []idDigest, meets bool) {
	shared, tangled := p.shared(ids)
	switch {
	case tangled:
		p.doubt = "pages that should follow each other are entangled"
		p.advance(ids, p.ask.start)
	case shared == 0 && meets:
		p.held, p.heldAt = ids, p.ask.start
		p.stepBack()
	case shared == 0:
		p.loose = true
		p.advance(ids, p.ask.start)
	default:
		expected := 0
		if meets {
			expected = 1
		}
		p.shifted = p.shifted || p.now == phaseForward && shared > expected
		p.advance(ids, p.ask.start)
	}
}

// shared counts the leading ids that are in the trail; tangled says that more of them follow later.
func (p *pager) shared(ids []idDigest) (n int, tangled bool) {
	for n < len(ids) && slices.Contains(p.trail, ids[n]) {
		n++
	}
	for _, id := range ids[n:] {
		tangled = tangled || slices.Contains(p.trail, id)
	}
	return n, tangled
}

// advance makes a page the window, and asks for the next one.
func (p *pager) advance(ids []idDigest, start int) {
	shared, _ := p.shared(ids)
	p.got += len(ids) - shared
	p.window, p.at, p.backs, p.held = ids, start+len(ids)-1, 0, nil
	p.trail = append(p.trail, ids...)
	p.trail = slices.Clone(p.trail[max(0, len(p.trail)-len(ids)<<(maxBacks-1)):])
	p.longest = max(p.longest, len(ids))
	p.now, p.ask = phaseForward, pageRequest{start: p.at, count: p.size}
	if len(ids) == 1 || p.pages {
		p.ask.start++
	}
}

// stepBack asks for a page that begins further back: those that were read may have moved, because others were removed.
func (p *pager) stepBack() {
	if p.backs >= maxBacks || p.backs > 0 && p.ask.start <= 1 {
		p.doubt = "a page does not begin where the one before ended"
		if p.held != nil {
			p.advance(p.held, p.heldAt)
		} else {
			p.finish()
		}
		return
	}
	distance := max(1, len(p.window)/2) << p.backs
	p.backs++
	p.now, p.ask = phaseBack, pageRequest{start: max(1, p.at-distance), count: p.size}
}

func (p *pager) back(a pageAnswer) {
	shared, _ := p.shared(a.ids)
	switch n := len(a.ids); {
	case shared == 0:
		p.stepBack()
	case shared == n && p.held != nil:
		// It does not reach what stands ahead.
		p.stepBack()
	case shared == n && n >= p.longest:
		p.advance(a.ids, p.ask.start)
	case shared == n:
		// A short page: nothing follows it, and the one that was looked for is gone.
		p.finish()
	default:
		p.meet(a.ids, true)
	}
}

// last is the last resource that follows from the beginning without a gap.
func (p *pager) last() idDigest { return p.window[len(p.window)-1] }

// numbers say how much of the list is there.
func (p *pager) numbers() string {
	if p.total < 0 {
		return fmt.Sprintf("%d resources, and it does not say how many there are", len(p.seen))
	}
	return fmt.Sprintf("%d of %d resources", len(p.seen), p.total)
}

func (p *pager) fail(format string, args ...any) { p.err = fmt.Errorf(format, args...) }
