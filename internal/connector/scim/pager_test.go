package scim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lister is a target that pages in some way of its own. Accounts are texts; those that stay are in the list from the first
// request to the last.
type lister struct {
	accounts []string
	// limit caps a page, 0 means no limit.
	limit int
	start startMode
	total totalMode
	// totalShift is added to a total that is wrong.
	totalShift int
	// ignoresCount answers as much as the limit allows.
	ignoresCount bool
	// newestFirst puts new accounts before the others.
	newestFirst bool
	// empty is the number of a request that is answered with nothing, 0 for none.
	empty int
	// moves says what happens to the accounts before a request.
	moves func(l *lister)

	requests []string
	made     int
}

type startMode int

const (
	fromOne startMode = iota
	fromZero
	fromZeroAfterFirst // the first page is right, all others are one too far
	oneBack            // one too early
	ignored
	pageNumber // startIndex is the number of a page
	rounded    // startIndex is rounded down to the beginning of a page
	byCursor   // answered with cursors, whatever is asked
	startModes
)

func (m startMode) String() string {
	return [...]string{"from one", "from zero", "from zero after the first page", "one back", "ignored", "page number", "rounded", "by cursor"}[m]
}

type totalMode int

const (
	right totalMode = iota
	missingTotal
	zeroTotal
	lengthOfPage
	cappedAtPage
	tooSmall
	tooLarge
	totalModes
)

func (m totalMode) String() string {
	return [...]string{"right", "missing", "zero", "length of the page", "capped at the page", "too small", "too large"}[m]
}

func (l *lister) answer(r pageRequest) pageAnswer {
	l.requests = append(l.requests, strings.Join(r.query(), "&"))
	if l.moves != nil {
		l.moves(l)
	}
	n, count := len(l.accounts), r.count
	if l.ignoresCount {
		count = n
	}
	if l.limit > 0 {
		count = min(count, l.limit)
	}
	from := r.start - 1
	switch l.start {
	case fromZero:
		from = r.start
	case fromZeroAfterFirst:
		if r.start > 1 {
			from = r.start
		}
	case oneBack:
		from = r.start - 2
	case ignored:
		from = 0
	case pageNumber:
		from = (r.start - 1) * count
	case rounded:
		from = (r.start - 1) / max(1, count) * count
	case byCursor:
		from = 0
		if r.cursor != "" {
			from, _ = strconv.Atoi(strings.TrimPrefix(r.cursor, "at "))
		}
	}
	if r.open {
		from = 0
	}
	from = min(max(from, 0), n)
	page := l.accounts[from:min(from+max(count, 0), n)]
	if len(l.requests) == l.empty {
		page = nil
	}
	a := pageAnswer{total: n}
	if l.start == byCursor && from+count < n {
		a.next = fmt.Sprintf("at %d", from+count)
	}
	for _, account := range page {
		a.ids = append(a.ids, digestOf(account))
	}
	switch l.total {
	case missingTotal:
		a.total = -1
	case zeroTotal:
		a.total = 0
	case lengthOfPage:
		a.total = len(page)
	case cappedAtPage:
		a.total = min(n, max(1, l.limit))
	case tooSmall:
		a.total = max(0, n-l.totalShift)
	case tooLarge:
		a.total = n + l.totalShift
	}
	return a
}

// list runs a pager against a target, and returns what it delivered, in order.
func (l *lister) list(p *pager) (delivered []idDigest, err error) {
	for {
		asked, more := p.next()
		if !more {
			return delivered, p.err
		}
		answer := l.answer(asked)
		fresh, _ := p.take(answer)
		for _, i := range fresh {
			delivered = append(delivered, answer.ids[i])
		}
		if len(l.requests) > 20000 {
			return delivered, fmt.Errorf("the client loops")
		}
	}
}

func accounts(n int) []string {
	made := make([]string, n)
	for i := range made {
		made[i] = fmt.Sprintf("a%d", i)
	}
	return made
}

// missingFrom returns the accounts that were not delivered, and complains about those that were delivered twice.
func missingFrom(accounts []string, delivered []idDigest) (missing []string, twice bool) {
	times := map[idDigest]int{}
	for _, id := range delivered {
		times[id]++
		twice = twice || times[id] > 1
	}
	for _, account := range accounts {
		if times[digestOf(account)] == 0 {
			missing = append(missing, account)
		}
	}
	return missing, twice
}

// drawLister draws a target without movement.
func drawLister(t *rapid.T) *lister {
	return &lister{
		accounts: accounts(rapid.IntRange(0, 40).Draw(t, "accounts")), limit: rapid.SampledFrom([]int{0, 2, 3, 4, 5, 7, 8, 9, 12}).Draw(t, "limit"),
		start: startMode(rapid.IntRange(0, int(startModes)-1).Draw(t, "start")), total: totalMode(rapid.IntRange(0, int(totalModes)-1).Draw(t, "total")),
		totalShift: rapid.IntRange(1, 30).Draw(t, "shift"), ignoresCount: rapid.Bool().Draw(t, "ignores count"),
	}
}

// undetectable are the targets that answer everything that can be asked just as one with fewer accounts would.
func (l *lister) undetectable(size int) bool {
	longest := len(l.accounts)
	if l.limit > 0 {
		longest = min(longest, l.limit)
	}
	if !l.ignoresCount {
		longest = min(longest, size)
	}
	hidden := longest < len(l.accounts)
	// One page is all it ever shows, of a length that is its own, and the total agrees.
	return l.start == ignored && hidden
}

// TestPagerProperty: whatever a target does with startIndex, count and totalResults, each account is delivered once, or an
// error says that the list cannot be trusted.
func TestPagerProperty(t *testing.T) {
	t.Parallel()
	const size = 8
	rapid.Check(t, func(t *rapid.T) {
		l := drawLister(t)
		delivered, err := l.list(newPager(size, false))
		missing, twice := missingFrom(l.accounts, delivered)
		if twice {
			t.Fatalf("delivered twice; requests %v", l.requests)
		}
		if len(missing) > 0 && err == nil && !l.undetectable(size) {
			t.Fatalf("start %v, total %v: %v are missing without an error; requests %v", l.start, l.total, missing, l.requests)
		}
		if len(l.requests) > 200 {
			t.Fatalf("%d requests", len(l.requests))
		}
	})
}

// TestPagerTrusts: a target whose pages are right is listed, whatever it says about totals unless it announces too many, within
// the requests that its pages need.
func TestPagerTrusts(t *testing.T) {
	t.Parallel()
	const size = 8
	rapid.Check(t, func(t *rapid.T) {
		l := drawLister(t)
		l.start = rapid.SampledFrom([]startMode{fromOne, byCursor, oneBack, fromZero}).Draw(t, "sane start")
		if l.total == tooLarge || l.start != fromOne && (l.start != byCursor || l.total != missingTotal) {
			l.total = right
		}
		if l.start == byCursor {
			// One page that is just as long as what was asked for says nothing.
			l.ignoresCount = false
		}
		delivered, err := l.list(newPager(size, false))
		missing, _ := missingFrom(l.accounts, delivered)
		if err != nil || len(missing) > 0 {
			t.Fatalf("start %v, total %v: %v; %v are missing; requests %v", l.start, l.total, err, missing, l.requests)
		}
		longest := size
		if l.ignoresCount {
			longest = max(1, len(l.accounts))
		}
		if l.limit > 0 {
			longest = min(longest, l.limit)
		}
		if budget := len(l.accounts)/max(1, longest-1) + 5; len(l.requests) > budget {
			t.Fatalf("start %v, total %v: %d requests, %d are enough: %v", l.start, l.total, len(l.requests), budget, l.requests)
		}
	})
}

// move makes or removes one account. Whoever is removed does not stay.
func (l *lister) move(t *rapid.T, stay map[string]bool) {
	if n := len(l.accounts); n > 0 && rapid.Bool().Draw(t, "remove") {
		i := rapid.IntRange(0, n-1).Draw(t, "which")
		delete(stay, l.accounts[i])
		l.accounts = slices.Delete(slices.Clone(l.accounts), i, i+1)
		return
	}
	l.made++
	made := fmt.Sprintf("new %d", l.made)
	if l.newestFirst {
		l.accounts = append([]string{made}, l.accounts...)
	} else {
		l.accounts = append(slices.Clone(l.accounts), made)
	}
}

// listMoving lists a target that moves up to so many times before each request, and returns who stayed and is missing.
func (l *lister) listMoving(t *rapid.T, size, moves, each int) (missing []string, twice bool, err error) {
	l.newestFirst = rapid.Bool().Draw(t, "newest first")
	stay := map[string]bool{}
	for _, account := range l.accounts {
		stay[account] = true
	}
	l.moves = func(l *lister) {
		for range rapid.IntRange(0, min(moves, each)).Draw(t, "now") {
			moves--
			l.move(t, stay)
		}
	}
	delivered, err := l.list(newPager(size, false))
	missing, twice = missingFrom(slices.Sorted(maps.Keys(stay)), delivered)
	return missing, twice, err
}

// TestPagerMoves: accounts are made and removed while the list is read. Those that stay are delivered once, or an error says that the
// list cannot be trusted.
func TestPagerMoves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := drawLister(t)
		l.start = rapid.SampledFrom([]startMode{fromOne, fromZeroAfterFirst, oneBack, byCursor}).Draw(t, "sane start")
		if l.start == byCursor {
			// Its cursors are places, and move too: only the total can tell.
			l.total = right
		}
		// Pages of two that overlap by two share nothing but what moved.
		l.limit = max(l.limit, 3)
		if l.total == right && l.start != byCursor {
			l.empty = rapid.IntRange(0, 5).Draw(t, "empty")
		}
		missing, twice, err := l.listMoving(t, 8, rapid.IntRange(0, 12).Draw(t, "moves"), 4)
		if l.start == byCursor {
			missing = nil
		}
		if twice || len(missing) > 0 && err == nil {
			t.Fatalf("start %v, total %v: twice %v, %v are missing; requests %v", l.start, l.total, twice, missing, l.requests)
		}
	})
}

// TestPagerKeepsUp: a target that does everything right is not refused because somebody works with it.
func TestPagerKeepsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := drawLister(t)
		l.start, l.ignoresCount, l.total = fromOne, false, rapid.SampledFrom([]totalMode{right, missingTotal}).Draw(t, "sane total")
		if l.limit > 0 && l.limit < 5 {
			l.limit = 5
		}
		l.accounts = accounts(rapid.IntRange(10, 60).Draw(t, "many accounts"))
		missing, twice, err := l.listMoving(t, 8, 3, 1)
		if twice || len(missing) > 0 || err != nil {
			t.Fatalf("total %v: twice %v, %v are missing, %v; requests %v", l.total, twice, missing, err, l.requests)
		}
	})
}
