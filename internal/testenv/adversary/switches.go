package adversary

import (
	"cmp"
	"fmt"
	"slices"
)

// Switch is one misbehaviour.
type Switch string

// Aspect is a part of an account or group that some servers cannot be brought to hold.
type Aspect string

// The aspects that a row may except.
const (
	Active     Aspect = "active"
	Title      Aspect = "title"
	Emails     Aspect = "e-mail addresses"
	Manager    Aspect = "manager"
	Members    Aspect = "members"
	Deletions  Aspect = "deletions"
	Vanished   Aspect = "accounts that somebody deleted in the target"
	Returns    Aspect = "accounts that were switched off and come back"
	Doubled    Aspect = "who is there twice"
	Poisoned   Aspect = "the one account that nothing can be written to"
	Updates    Aspect = "changes of accounts, but for switching off and on"
	Freed      Aspect = "accounts that were deleted and come back"
	Everything Aspect = "anything"
	GroupNames Aspect = "names of groups"
	Trial      Aspect = "the throw-away group, which stays"
)

// Row is a switch and what must hold of a server that has it.
type Row struct {
	Switch Switch
	// Does completes "a server that …".
	Does string
	// Source is where it was seen: scim-client.md by section and row, real-targets.md (RT), or an RFC.
	Source string
	// Copes says what the client does about it.
	Copes string
	// Except are the parts that cannot be reached; everything else must be as wanted.
	Except []Aspect
	// Escrowed: what cannot be reached is refused for some accounts and tried again on the ladder, not in every cycle.
	Escrowed bool
	// Refused: nothing can be provisioned. Every cycle ends with an error, and nothing is written.
	Refused bool
	// Says is a text that somebody is told: in the error, in a failure, in a warning or in a fact that was learned.
	Says string
	// Rounds is how many more cycles may be needed after the one that met the misbehaviour.
	Rounds int
	// Resting is how many requests a cycle may take in which nothing happened; 0 means one for each type.
	Resting int
	// Set are options that an administrator sets for such a server.
	Set Setting
	// Doubts: what was written is not shown, so that it may be said not to be, and written again.
	Doubts bool
	// Blind: nobody can see that what was answered with success was not done.
	Blind bool
	// Tries: to create an account that is there is how its being there is found out; the server refuses it.
	Tries bool
	// Otherwise is what differs in some ways of provisioning.
	Otherwise []Otherwise
}

// Otherwise is what is different with some profiles.
type Otherwise struct {
	Profiles []string
	// Copes says what the client does there; empty: the same.
	Copes string
	// Except, Says and Rounds replace those of the row where they are not empty.
	Except []Aspect
	Says   string
	Rounds int
}

// Both is what must hold of a server that gets two things wrong. What either may cost, both may.
func Both(a, b Row) Row {
	return Row{
		Switch: a.Switch + " + " + b.Switch, Except: slices.Concat(a.Except, b.Except), Rounds: max(a.Rounds, b.Rounds, 6), Doubts: a.Doubts || b.Doubts,
		Blind: a.Blind || b.Blind, Tries: true, Set: Setting{NotFoundIsEmpty: a.Set.NotFoundIsEmpty || b.Set.NotFoundIsEmpty, VerifyMembers: a.Set.VerifyMembers || b.Set.VerifyMembers},
	}
}

// In is the row as it holds in one way of provisioning.
func (r Row) In(w Way) Row {
	for _, o := range r.Otherwise {
		if !slices.Contains(o.Profiles, w.Profile) {
			continue
		}
		r.Copes, r.Says, r.Rounds = cmp.Or(o.Copes, r.Copes), cmp.Or(o.Says, r.Says), cmp.Or(o.Rounds, r.Rounds)
		if len(o.Except) > 0 {
			r.Except = o.Except
		}
	}
	return r
}

// Setting is what an administrator sets.
type Setting struct {
	NotFoundIsEmpty bool
	VerifyMembers   bool
}

// The wire profiles.
const (
	RFC            = "rfc"
	Entra          = "entra"
	EntraCompliant = "entra-compliant"
)

// Way is how a server is provisioned.
type Way struct {
	// Profile is the wire profile (scim-client.md).
	Profile string
	// Concurrency is how many requests are under way at a time.
	Concurrency int
	// Bulk: the server announces bulk requests, and they are used.
	Bulk bool
}

// Ways are all ways, the plainest first.
func Ways() []Way {
	var all []Way
	for _, profile := range Profiles() {
		for _, concurrency := range []int{1, 8} {
			all = append(all, Way{profile, concurrency, false}, Way{profile, concurrency, true})
		}
	}
	return all
}

// Profiles are the wire profiles.
func Profiles() []string { return []string{RFC, Entra, EntraCompliant} }

// BulkOption is the setting of the connection.
func (w Way) BulkOption() string {
	if w.Bulk {
		return "auto"
	}
	return "off"
}

func (w Way) String() string {
	return fmt.Sprintf("%s %d bulk %s", w.Profile, w.Concurrency, w.BulkOption())
}

// Area is a part of the table.
type Area struct {
	Name string
	Rows []Row
}

// Areas is the whole table.
func Areas() []Area {
	return []Area{
		{"Lists", pagingRows()}, {"Searches", filterRows()}, {"Identity", identityRows()}, {"PATCH and values", patchRows()},
		{"Groups and members", memberRows()}, {"The way there", transportRows()}, {"Bulk and discovery", bulkRows()},
	}
}

// Rows are all rows of the table.
func Rows() []Row {
	var rows []Row
	for _, area := range Areas() {
		rows = slices.Concat(rows, area.Rows)
	}
	return rows
}
