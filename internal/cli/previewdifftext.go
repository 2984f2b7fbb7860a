package cli

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// print writes the difference for a terminal.
func (d previewDiff) print(to io.Writer) error {
	_, err := io.WriteString(to, d.text())
	return err
}

func (d previewDiff) text() string {
	var b strings.Builder
	for _, note := range d.Notes {
		b.WriteString("note: " + note + "\n\n")
	}
	for _, j := range d.Jobs {
		j.text(&b)
		b.WriteString("\n")
	}
	b.WriteString(d.summary() + "\n")
	return b.String()
}

// summary says in one line, without a name, how much changed.
func (d previewDiff) summary() string {
	if len(d.Jobs) == 0 {
		return "Nothing changed since the earlier preview."
	}
	came, gone, changed := 0, 0, 0
	for _, j := range d.Jobs {
		came, gone, changed = came+len(j.Came), gone+len(j.Gone), changed+len(j.Changed)
	}
	return fmt.Sprintf("Since the earlier preview %s changed: %d more to lose access, %d no longer, %d in another way.",
		counted(int64(len(d.Jobs)), "job"), came, gone, changed)
}

func (j previewJobDiff) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s\n", oneLine(j.ID), arrow(j.Action[0], j.Action[1]))
	for _, count := range j.Counts {
		fmt.Fprintf(b, "  %-25s %s\n", count.Name, arrow(figure(count.Before), figure(count.After)))
	}
	for _, note := range j.Notes {
		b.WriteString("  note: " + note + "\n")
	}
	var rows [][]string
	for _, a := range j.Came {
		rows = append(rows, a.diffRow("+", a.Reason))
	}
	for _, a := range j.Gone {
		rows = append(rows, a.diffRow("-", a.Reason))
	}
	for _, change := range j.Changed {
		why := change.After.Reason
		if change.Before.Reason != why {
			why += ", was: " + change.Before.Reason
		}
		if change.Before.Action != change.After.Action {
			why += " (was " + change.Before.Action + ")"
		}
		rows = append(rows, change.After.diffRow("~", why))
	}
	out := table{to: b}
	_ = out.rows(rows...) // a builder takes everything
}

func (a previewAccount) diffRow(sign, why string) []string {
	return []string{"  " + sign + " " + strings.ReplaceAll(a.Action, "_", " "), a.Type, a.name(), why}
}

func arrow(before, after string) string {
	if before == "" {
		before = "not there"
	}
	if after == "" {
		after = "not there"
	}
	if before == after {
		return before
	}
	return before + " → " + after
}

func figure(n *int64) string {
	if n == nil {
		return "unknown"
	}
	return fmt.Sprint(*n)
}

// markdown is the text as a comment, as far as there is room.
func (d previewDiff) markdown() string {
	head := commentMarker + "\n\n### Provisioning preview: what changed\n\n**" + d.summary() + "**\n"
	if len(d.Jobs) == 0 && len(d.Notes) == 0 {
		return head
	}
	var b strings.Builder
	b.WriteString(head + "\n<pre>\n")
	left := 0
	for line := range strings.Lines(strings.TrimSuffix(d.text(), d.summary()+"\n")) {
		line = html.EscapeString(line)
		if left > 0 || b.Len()+len(line) > commentMost-commentTail {
			left++
			continue
		}
		b.WriteString(line)
	}
	b.WriteString("</pre>\n")
	if left > 0 {
		fmt.Fprintf(&b, "\n… and %s\n", counted(int64(left), "more line"))
	}
	return b.String()
}
