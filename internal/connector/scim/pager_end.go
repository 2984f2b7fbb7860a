package scim

import "slices"

// finish is called where a pass seems to end. It asks for whatever could contradict that, and then decides.
func (p *pager) finish() {
	short := p.low > len(p.seen)
	switch next := p.at + 1 + p.passed*max(1, p.longest); {
	case short && p.indexMode && p.passed < maxBeyond && next <= p.total:
		p.now, p.ask = phaseBeyond, pageRequest{start: next, count: p.size}
	case !p.fronted && (short || p.shifted || !p.fromOne):
		p.fronted = true
		p.now, p.ask = phaseFront, pageRequest{open: true, count: p.size}
	case short && !p.zeroed:
		// Some count from 0, and skip one (RFC 7644 3.4.2.4 has 0 mean 1).
		p.zeroed = true
		p.now, p.ask = phaseFront, pageRequest{start: 0, count: p.size}
	case p.acceptable(short):
		p.now = phaseDone
	case p.pass < maxPasses && (p.pass == 1 || p.fresh > 0):
		p.again()
	case short:
		p.fail("announces %d resources but delivers %d", p.total, len(p.seen))
	case p.doubt != "":
		p.fail("cannot be relied on: %s (%s, read %d times)", p.doubt, p.numbers(), p.pass)
	default:
		p.fail("brings something new each time it is read (%s, read %d times)", p.numbers(), p.pass)
	}
}

// again begins another pass.
func (p *pager) again() {
	p.allowed = max(p.allowed, p.requests)
	p.begin()
}

// acceptable reports whether nothing is left that speaks against the list.
func (p *pager) acceptable(short bool) bool {
	repeated := p.pass > 1 && p.fresh == 0
	return !short && p.doubt == "" && (!p.loose || repeated || !p.unsure && p.confirmed())
}

// confirmed reports whether the target counts, by a number that is not the length or the limit of a page, what it delivered.
func (p *pager) confirmed() bool {
	return p.told && p.low == p.high && p.total == p.got && p.total != p.longest
}

// plain is about a target that gave the same page again. Some read startIndex as the number of a page that it falls into:
// those go on behind it.
func (p *pager) plain(a pageAnswer, fresh int) {
	switch {
	case slices.Equal(a.ids, p.window):
		p.now, p.ask = phaseSingle, pageRequest{start: p.at + 1 + p.size*maxBeyond, count: 1}
	case len(a.ids) == 0:
		p.loose, p.unsure = true, true
		p.finish()
	case len(a.ids) == 1 && a.ids[0] == p.last():
		p.finish()
	case fresh == 0 && p.pass == 1:
		p.stuck()
	default:
		p.loose, p.pages = true, true
		p.advance(a.ids, p.ask.start)
	}
}

// single is about a target that seems to ignore startIndex: it is asked for one resource far behind the end. Whoever ignores count too has no pages, which RFC 7644 3.4.2.4 allows:
// then its one page is everything, unless it is just as long as what was asked for. Others may hold back what does
// not fit, unless a total says otherwise that is not the length of the page.
func (p *pager) single(a pageAnswer) {
	everything := p.total < 0 || p.total == len(p.seen)
	switch n := len(a.ids); {
	case n == 0:
		p.doubt = "a page came twice"
		p.finish()
	case a.next != "":
		// It pages by cursor, and gave none with the page that this one is a part of: that was the last one.
		p.now = phaseDone
	case n > 1 && everything && n != p.size && len(p.seen) == n && slices.Equal(a.ids, p.window),
		n == 1 && a.total == len(p.seen) && everything && a.ids[0] == p.window[0]:
		p.now = phaseDone
	default:
		p.stuck()
	}
}

func (p *pager) stuck() {
	p.fail("does not advance: asked for startIndex=%d, it delivers again what it delivered before (%s)", p.at+1, p.numbers())
}

// beyond is about an end that comes before the total: some targets leave a page empty in the middle.
func (p *pager) beyond(a pageAnswer, fresh int) {
	switch {
	case fresh > 0:
		// An empty page was not the last one.
		p.loose = p.loose || p.window != nil
		p.advance(a.ids, p.ask.start)
	case len(a.ids) > 0 && len(a.ids) < p.longest && p.window != nil && a.ids[len(a.ids)-1] == p.last():
		// The list grew at its beginning, and what ended it moved back.
		p.shifted = true
		p.passed++
		p.finish()
	case len(a.ids) > 0:
		p.stuck()
	default:
		p.passed++
		p.finish()
	}
}

// front is about what stands before the beginning: one that a target which counts from 0 left out, or those that came
// while the list was read.
func (p *pager) front(a pageAnswer, fresh int) {
	p.before = p.before || fresh > 0
	if p.passed++; fresh > 0 && fresh == len(a.ids) && p.passed < maxBeyond && len(p.seen) > fresh {
		p.ask = pageRequest{start: max(1, p.ask.start) + len(a.ids), count: p.size}
		return
	}
	if fresh > 0 && len(p.seen) == fresh {
		// There was no page before this one.
		p.advance(a.ids, max(1, p.ask.start))
		return
	}
	p.finish()
}

// follow is about cursors (RFC 9865). A cursor names a place, so that pages need not meet.
func (p *pager) follow(a pageAnswer) {
	switch {
	case a.expired && p.restarted:
		p.fail("cannot be read to its end: the target forgets its cursors too soon (%s)", p.numbers())
	case a.expired:
		p.restarted = true
		p.pass--
		p.again()
	case a.next == "":
		p.finishCursors()
	case !p.cursors.add(digestOf(a.next)):
		p.fail("does not advance: it names a cursor again that it named before (%s)", p.numbers())
	default:
		p.ask = pageRequest{byCursor: true, cursor: a.next, count: p.size}
	}
}

func (p *pager) finishCursors() {
	switch {
	case p.low <= len(p.seen):
		p.now = phaseDone
	case p.pass < maxPasses && (p.pass == 1 || p.fresh > 0):
		p.again()
	default:
		p.fail("announces %d resources but delivers %d", p.total, len(p.seen))
	}
}
