package scim

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestPager are the targets of real-targets.md and scim-client.md 12 by name, with pages of 10.
func TestPager(t *testing.T) {
	t.Parallel()
	insertFirst := func(l *lister) {
		if len(l.requests) == 2 {
			l.accounts = append([]string{"new 1", "new 2", "new 3"}, l.accounts...)
		}
	}
	removeFirst := func(l *lister) {
		if len(l.requests) == 2 {
			l.accounts = l.accounts[4:]
		}
	}
	for _, test := range []struct {
		name     string
		target   lister
		users    int
		extra    int // delivered besides
		missing  int
		requests int
		message  string
	}{
		{name: "nobody", target: lister{}, users: 0, requests: 2},
		{name: "one", target: lister{}, users: 1, requests: 3},
		{name: "one page", target: lister{}, users: 10, requests: 3},
		{name: "pages of ten", target: lister{}, users: 100, requests: 13},
		{name: "total missing", target: lister{total: missingTotal}, users: 25, requests: 5},
		{name: "total zero", target: lister{total: zeroTotal}, users: 25, requests: 5},
		{name: "total is the length of the page", target: lister{total: lengthOfPage}, users: 25, requests: 5},
		{name: "total is the limit of the page", target: lister{total: cappedAtPage, limit: 7}, users: 25, requests: 6},
		{name: "total too small", target: lister{total: tooSmall, totalShift: 5}, users: 25, requests: 5},
		{name: "total too large", target: lister{total: tooLarge, totalShift: 5}, users: 25, requests: 12, message: "announces 30 resources but delivers 25"},
		{name: "total far too large", target: lister{total: tooLarge, totalShift: 1e6}, users: 25, requests: 30, message: "announces 1000025 resources but delivers 25"},
		{name: "count cut down", target: lister{limit: 4}, users: 25, requests: 10},
		{name: "pages of one", target: lister{limit: 1}, users: 5, requests: 7},
		{name: "count ignored", target: lister{ignoresCount: true}, users: 25, requests: 3},
		{name: "no pages, everything fits", target: lister{start: ignored, ignoresCount: true}, users: 25, requests: 4},
		{name: "no pages, no total", target: lister{start: ignored, ignoresCount: true, total: missingTotal}, users: 25, requests: 4},
		{name: "no pages, the newest ten", target: lister{start: ignored, ignoresCount: true, limit: 10, total: lengthOfPage}, users: 25, requests: 4, missing: 15,
			message: "does not advance: asked for startIndex=11, it delivers again what it delivered before (10 of 10 resources)"},
		{name: "no pages, total right", target: lister{start: ignored, ignoresCount: true, limit: 10}, users: 25, requests: 4, missing: 15, message: "does not advance"},
		{name: "startIndex ignored, everything fits", target: lister{start: ignored}, users: 9, requests: 4},
		{name: "startIndex ignored", target: lister{start: ignored}, users: 25, requests: 4, missing: 15, message: "does not advance"},
		{name: "startIndex ignored, total is the length of the page", target: lister{start: ignored, total: lengthOfPage}, users: 25, requests: 4, missing: 15, message: "does not advance"},
		{name: "counts from zero", target: lister{start: fromZero}, users: 25, requests: 6},
		{name: "counts from zero, one", target: lister{start: fromZero}, users: 1, requests: 4},
		{name: "counts from zero, total is the length of the page", target: lister{start: fromZero, total: lengthOfPage}, users: 25, requests: 5},
		{name: "counts from zero after the first page", target: lister{start: fromZeroAfterFirst}, users: 25, requests: 7},
		{name: "one back", target: lister{start: oneBack}, users: 25, requests: 5},
		{name: "startIndex is a page", target: lister{start: rounded}, users: 25, requests: 6},
		{name: "startIndex is a page, total missing", target: lister{start: rounded, total: missingTotal}, users: 25, requests: 11},
		{name: "startIndex is the number of a page", target: lister{start: pageNumber}, users: 25, requests: 22, missing: 15, message: "does not advance: 21 answers in a row brought nothing new (10 of 25 resources)"},
		{name: "an empty page in between", target: lister{empty: 2}, users: 25, requests: 7},
		{name: "an empty first page", target: lister{empty: 1}, users: 25, requests: 6},
		{name: "the newest come first", target: lister{moves: insertFirst}, users: 35, extra: 3, requests: 7},
		{name: "the first go", target: lister{moves: removeFirst}, users: 35, requests: 7},
		{name: "the first go, total missing", target: lister{moves: removeFirst, total: missingTotal}, users: 35, requests: 7},
		{name: "cursors", target: lister{start: byCursor}, users: 25, requests: 3},
		{name: "cursors, total too large", target: lister{start: byCursor, total: tooLarge, totalShift: 1}, users: 25, requests: 6, message: "announces 26 resources but delivers 25"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := test.target
			l.accounts = accounts(test.users)
			all := l.accounts
			delivered, err := l.list(newPager(10, false))
			missing, twice := missingFrom(all, delivered)
			if twice || len(delivered)-(len(all)-len(missing)) != test.extra {
				t.Errorf("twice %v, %d delivered of %d", twice, len(delivered), len(all))
			}
			if test.message == "" && (err != nil || len(missing) > 0) || test.message != "" && (err == nil || !strings.Contains(err.Error(), test.message)) {
				t.Errorf("%v; missing: %v", err, missing)
			}
			if len(missing) != test.missing || len(l.requests) != test.requests {
				t.Errorf("%d are missing, %d requests: %v", len(missing), len(l.requests), l.requests)
			}
		})
	}
}

// script answers with pages of ids and cursors, in order, and again from the last one.
type script []pageAnswer

func (s script) run(p *pager, limit int) (delivered int, asked []string, err error) {
	for i := 0; i < limit; i++ {
		request, more := p.next()
		if !more {
			return delivered, asked, p.err
		}
		asked = append(asked, strings.Join(request.query(), "&"))
		fresh, _ := p.take(s[min(i, len(s)-1)])
		delivered += len(fresh)
	}
	return delivered, asked, fmt.Errorf("the client loops")
}

func cursorPage(next string, names ...string) pageAnswer {
	a := pageAnswer{total: -1, next: next}
	for _, name := range names {
		a.ids = append(a.ids, digestOf(name))
	}
	return a
}

func TestPagerCursors(t *testing.T) {
	t.Parallel()
	expired := pageAnswer{total: -1, expired: true}
	for _, test := range []struct {
		name      string
		announced bool
		script    script
		delivered int
		requests  string
		message   string
	}{
		{"announced", true, script{cursorPage("x y", "a", "b"), cursorPage("", "c")}, 3, "cursor=&count=2 cursor=x+y&count=2", ""},
		{"simply answered", false, script{cursorPage("z", "a", "b"), cursorPage("", "c")}, 3, "startIndex=1&count=2 cursor=z&count=2", ""},
		{"a page without anybody", true, script{cursorPage("1", "a"), cursorPage("2"), cursorPage("", "b")}, 2, "cursor=&count=2 cursor=1&count=2 cursor=2&count=2", ""},
		{"repeated", true, script{cursorPage("1", "a"), cursorPage("1", "b")}, 2, "cursor=&count=2 cursor=1&count=2",
			"does not advance: it names a cursor again that it named before (2 resources, and it does not say how many there are)"},
		{"in a circle", true, script{cursorPage("1", "a"), cursorPage("2", "b"), cursorPage("1", "c")}, 3, "cursor=&count=2 cursor=1&count=2 cursor=2&count=2", "does not advance"},
		{"expired once", true, script{cursorPage("1", "a"), expired, cursorPage("3", "a"), cursorPage("", "b")}, 2,
			"cursor=&count=2 cursor=1&count=2 cursor=&count=2 cursor=3&count=2", ""},
		{"expired twice", true, script{cursorPage("1", "a"), expired, cursorPage("3", "a"), expired}, 1,
			"cursor=&count=2 cursor=1&count=2 cursor=&count=2 cursor=3&count=2", "the target forgets its cursors too soon"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			delivered, asked, err := test.script.run(newPager(2, test.announced), 50)
			if delivered != test.delivered || strings.Join(asked, " ") != test.requests {
				t.Errorf("%d delivered, asked %q", delivered, asked)
			}
			if test.message == "" && err != nil || test.message != "" && (err == nil || !strings.Contains(err.Error(), test.message)) {
				t.Error(err)
			}
		})
	}
}

// TestPagerEnds: whatever comes, there is an end.
func TestPagerEnds(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(i int) pageAnswer{
		"nothing, and a cursor": func(i int) pageAnswer { return cursorPage(fmt.Sprint(i)) },
		"the same":              func(int) pageAnswer { return pageAnswer{total: 1000, ids: []idDigest{digestOf("a"), digestOf("b")}} },
		"two in turn":           func(i int) pageAnswer { return pageAnswer{total: -1, ids: []idDigest{digestOf(fmt.Sprint(i % 2))}} },
		"many in turn": func(i int) pageAnswer {
			return pageAnswer{total: 1e9, ids: []idDigest{digestOf(fmt.Sprint(i % 30)), digestOf(fmt.Sprint(i%30 + 1))}}
		},
		"nothing of many": func(int) pageAnswer { return pageAnswer{total: 1e9} },
		"refused":         func(int) pageAnswer { return pageAnswer{total: -1, refused: true} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s script
			for i := range 500 {
				s = append(s, answer(i))
			}
			_, asked, err := s.run(newPager(2, false), 400)
			if err != nil && strings.Contains(err.Error(), "loops") || err == nil && name != "refused" {
				t.Errorf("%d requests: %v", len(asked), err)
			}
		})
	}
}

// TestPagerIsBounded: a list that brings new resources for ever ends with an error.
func TestPagerIsBounded(t *testing.T) {
	t.Parallel()
	for _, announced := range []bool{false, true} {
		p := newPager(2, announced)
		p.most = 300
		var s script
		for i := range 400 {
			s = append(s, cursorPage(fmt.Sprint(i), fmt.Sprint("user ", i)))
			if !announced {
				s[i].next = ""
				s[i].ids = append(s[i].ids, digestOf(fmt.Sprint("user ", i+1)))
			}
		}
		_, asked, err := s.run(p, 400)
		if err == nil || !strings.Contains(err.Error(), "does not end: it delivered more than 300 resources") {
			t.Errorf("%d requests: %v", len(asked), err)
		}
	}
}

// BenchmarkPagerMemory says what a million resources cost while they are listed.
func BenchmarkPagerMemory(b *testing.B) {
	for range b.N {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		l := &lister{accounts: accounts(1_000_000)}
		runtime.GC()
		runtime.ReadMemStats(&before)
		p := newPager(pageSize, false)
		for {
			asked, more := p.next()
			if !more {
				break
			}
			answer := l.answer(asked)
			l.requests = l.requests[:0]
			_, _ = p.take(answer)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(p.seen)), "B/resource")
		runtime.KeepAlive(l)
		runtime.KeepAlive(p)
	}
}
