package cli

import (
	"fmt"
	"io"
	"strings"
)

// print writes the report for a terminal.
func (r previewReport) print(to io.Writer) error {
	var b strings.Builder
	for _, j := range r.Jobs {
		j.text(&b)
		b.WriteString("\n")
	}
	b.WriteString(r.summary() + "\n")
	_, err := io.WriteString(to, b.String())
	return err
}

// title names the job, and says what becomes of it.
func (j previewJob) title() string {
	title := oneLine(j.ID)
	if j.Address != "" {
		title += " (" + oneLine(j.Address) + ")"
	}
	title += ": " + j.does()
	if j.Paused {
		title += "; paused, nothing is carried out until it is started"
	}
	return title
}

func (j previewJob) does() string {
	switch j.Action {
	case previewNone:
		return "no change"
	case previewForget:
		return "forgotten by Terraform, left behind in the engine"
	default:
		return j.Action
	}
}

// facts are the numbers of a job, each with a heading.
func (j previewJob) facts() [][2]string {
	var facts [][2]string
	say := func(heading, text string) { facts = append(facts, [2]string{heading, text}) }
	of := ""
	if j.Managed != nil {
		of = ", of " + counted(*j.Managed, "managed account")
	}
	if j.Impact != nil {
		say("takes access away", j.Impact.counts()+of)
	}
	if j.Destroy != nil {
		say("destroying it", j.Destroy.counts()+of)
	}
	if !j.Known {
		say("takes access away", "known after apply")
	}
	switch {
	case j.Changes != nil:
		say("gives or changes", j.Changes.counts())
	case j.Action == previewCreate, j.Action == previewUpdate, j.Action == previewReplace:
		say("gives or changes", "known after apply")
	}
	for _, part := range j.parts() {
		for _, cause := range part.Causes {
			say("why", fmt.Sprintf("%s %d: %s", strings.ReplaceAll(oneLine(cause.Action), "_", " "), cause.Count, cause.text()))
		}
		for _, group := range part.Groups {
			say("group", fmt.Sprintf("%s loses %s", oneLine(group.Name), counted(group.Removals, "member")))
		}
		switch more := part.GroupsAll - int64(len(part.Groups)); {
		case more > 0 && len(part.Groups) == 0:
			say("groups", counted(more, "group")+" with members who leave")
		case more > 0:
			say("group", "… and "+counted(more, "more group"))
		}
	}
	if j.Held > 0 {
		say("held", counted(j.Held, "account")+" since an earlier cycle")
	}
	if f := j.Forgotten; f != nil {
		where := ""
		if f.MovedFrom != "" {
			where = " in " + oneLine(f.MovedFrom)
		}
		say("forgotten", fmt.Sprintf("%s, %s left as they are%s", counted(f.Links, "link"), counted(f.Orphans, "account"), where))
	}
	return facts
}

// text is the cause in words that people and policies share.
func (c previewCause) text() string {
	said := strings.ReplaceAll(oneLine(c.Cause), "_", " ")
	if c.Origin != "" {
		said += " (" + oneLine(c.Origin) + ")"
	}
	return said
}

// rows are the accounts of a job, and how many are not named.
func (j previewJob) rows() (accounts []previewAccount, more int64) {
	for _, part := range j.parts() {
		accounts = append(accounts, part.Accounts...)
		more += max(part.total()-int64(len(part.Accounts)), 0)
	}
	if j.Forgotten != nil {
		accounts = append(accounts, j.Forgotten.Accounts...)
		more += max(j.Forgotten.Orphans-int64(len(j.Forgotten.Accounts)), 0)
	}
	return accounts, more
}

// notes are the limits that are exceeded, and warnings.
func (j previewJob) notes() []string {
	var notes []string
	for _, exceeded := range j.Exceeded {
		notes = append(notes, "limit exceeded: "+exceeded.Message)
	}
	return append(notes, j.Warnings...)
}

func (j previewJob) text(b *strings.Builder) {
	b.WriteString(j.title() + "\n")
	if j.Action != previewNone || j.noteworthy() {
		for _, fact := range j.facts() {
			fmt.Fprintf(b, "  %-18s %s\n", fact[0], fact[1])
		}
	}
	for _, note := range j.notes() {
		first := true
		for line := range strings.Lines(note) {
			if line = oneLine(strings.TrimRight(line, "\n")); first {
				fmt.Fprintf(b, "  %-18s %s\n", "note", line)
			} else {
				fmt.Fprintf(b, "  %-18s %s\n", "", line)
			}
			first = false
		}
	}
	accounts, more := j.rows()
	if len(accounts) > 0 {
		b.WriteString("\n")
		rows := [][]string{{"  ACTION", "TYPE", "NAME", "WHY"}}
		for _, a := range accounts {
			rows = append(rows, []string{"  " + strings.ReplaceAll(a.Action, "_", " "), a.Type, a.name(), a.Reason})
		}
		out := table{to: b}
		_ = out.rows(rows...) // a builder takes everything
	}
	if more > 0 {
		b.WriteString("  " + unnamed(more, len(accounts)) + "\n")
	}
}

// unnamed says how many are not named, besides those that are.
func unnamed(more int64, named int) string {
	if named == 0 {
		return fmt.Sprintf("%d not named here", more)
	}
	return fmt.Sprintf("… and %d more", more)
}
