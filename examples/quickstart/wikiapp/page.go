package wikiapp

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
)

// servePage answers people: the accounts at /, the requests at /log. Plain text, no token: it listens on loopback.
func (a *App) servePage(w http.ResponseWriter, r *http.Request) {
	var page []byte
	switch {
	case r.URL.Path != "/" && r.URL.Path != "/log":
		http.NotFound(w, r)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "this page can only be read", http.StatusMethodNotAllowed)
		return
	case r.URL.Path == "/":
		page = a.accountsPage()
	default:
		page = a.logPage()
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(page)
}

func (a *App) accountsPage() []byte {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	users, active := a.Users(), 0
	_, _ = fmt.Fprintln(t, "USER NAME\tACTIVE\tFAMILY NAME\tDEPARTMENT\tGROUPS")
	for _, u := range users {
		state := "no"
		if u.Active {
			state = "yes"
			active++
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", printable(u.UserName), state, dash(u.FamilyName), dash(u.Department),
			dash(strings.Join(u.Groups, ", ")))
	}
	_ = t.Flush() // a buffer does not fail
	_, _ = fmt.Fprintf(&b, "%d accounts, %d active\n", len(users), active)
	return b.Bytes()
}

func dash(s string) string { return cmp.Or(printable(s), "-") }

func (a *App) logPage() []byte {
	var b bytes.Buffer
	for _, e := range a.requests.all() {
		_, _ = fmt.Fprintln(&b, e)
	}
	return b.Bytes()
}
