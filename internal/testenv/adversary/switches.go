package adversary

import "slices"

// Switch is one misbehaviour.
type Switch string

// Aspect is a part of an account or group that some servers cannot be brought to hold.
type Aspect string

// The aspects that a row may except.
const (
	Active    Aspect = "active"
	Title     Aspect = "title"
	Emails    Aspect = "e-mail addresses"
	Manager   Aspect = "manager"
	Members   Aspect = "members"
	Deletions Aspect = "deletions"
	Vanished  Aspect = "accounts that somebody deleted in the target"
	Returns   Aspect = "accounts that were switched off and come back"
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
	// Tries: to create an account that is there is how its being there is found out; the server refuses it.
	Tries bool
}

// Setting is what an administrator sets.
type Setting struct {
	NotFoundIsEmpty bool
	VerifyMembers   bool
	Profile         string
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
