package cli

import (
	"fmt"
	"html"
	"strings"
)

// A comment is HTML blocks of CommonMark, 4.6, between sentences of our own: inside such a block nothing is Markdown, until a
// blank line or, for <pre>, its end. What other people chose stands there escaped, on one line, and within <code> or <pre>,
// where neither GitHub nor GitLab looks for mentions, issues and addresses.
const (
	// commentMarker lets a pipeline find its earlier comment.
	commentMarker = "<!-- provisioning-preview -->"
	// commentMost is the most bytes of a comment. GitHub takes 65,536 characters.
	commentMost = 60_000
	// commentTail is kept free for what says how much was left out.
	commentTail = 600
	// openRows are shown without being unfolded.
	openRows = 10
	// cellMost is the most characters of a name or a reason, noteMost those of a note.
	cellMost = 300
	noteMost = 2_000
	// mostFacts and mostNotes are told of a job.
	mostFacts = 40
	mostNotes = 10
)

// foreign makes text that somebody else chose harmless, and bounds it.
func foreign(text string) string { return html.EscapeString(bounded(oneLine(text), cellMost)) }

func bounded(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// markdown writes the report as a comment.
func (r previewReport) markdown() string {
	var b strings.Builder
	b.WriteString(commentMarker + "\n\n### Provisioning preview\n\n**" + r.summary() + "**\n")
	if r.Errored {
		b.WriteString("\nThere is no preview. Do not approve this plan: see the log of `terraform plan`.\n")
		return b.String()
	}
	budget := commentMost - commentTail - b.Len()
	var heads []string
	var shown []previewJob
	unchanged, cut := 0, 0
	for _, j := range r.Jobs {
		if j.Action == previewNone && !j.noteworthy() && len(j.Warnings) == 0 {
			unchanged++
			continue
		}
		head := j.commentHead()
		if len(head) > budget {
			cut++
			continue
		}
		budget -= len(head)
		heads, shown = append(heads, head), append(shown, j)
	}
	for i, j := range shown {
		// Each job gets its share of the room; what one leaves is the next one's.
		rows := j.commentRows(budget / (len(shown) - i))
		budget -= len(rows)
		b.WriteString(heads[i] + rows)
	}
	if cut > 0 {
		b.WriteString("\n… and " + counted(int64(cut), "more job") + ", which this comment has no room for.\n")
	}
	if unchanged > 0 {
		b.WriteString("\n" + counted(int64(unchanged), "job") + " without a change.\n")
	}
	return b.String()
}

// commentHead is a job without its accounts.
func (j previewJob) commentHead() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n<h4><code>%s</code></h4>\n", foreign(j.title()))
	facts := j.facts()
	if len(facts) > 0 {
		b.WriteString("\n<table>\n")
	}
	for _, fact := range facts[:min(len(facts), mostFacts)] {
		fmt.Fprintf(&b, "<tr><td>%s</td><td><code>%s</code></td></tr>\n", fact[0], foreign(fact[1]))
	}
	if more := len(facts) - mostFacts; more > 0 {
		fmt.Fprintf(&b, "<tr><td>…</td><td>and %d more</td></tr>\n", more)
	}
	if len(facts) > 0 {
		b.WriteString("</table>\n")
	}
	notes := j.notes()
	for _, note := range notes[:min(len(notes), mostNotes)] {
		var lines []string
		for line := range strings.Lines(note) {
			lines = append(lines, oneLine(strings.TrimRight(line, "\n")))
		}
		fmt.Fprintf(&b, "\n<pre>%s</pre>\n", html.EscapeString(bounded(strings.Join(lines, "\n"), noteMost)))
	}
	if more := len(notes) - mostNotes; more > 0 {
		fmt.Fprintf(&b, "\n… and %s.\n", counted(int64(more), "more note"))
	}
	return b.String()
}

// commentRows are the accounts of a job within a budget of bytes, folded when there are many.
func (j previewJob) commentRows(budget int) string {
	accounts, more := j.rows()
	total := int64(len(accounts)) + more
	if total == 0 {
		return ""
	}
	open, closing := "\n<table>\n", "</table>\n"
	if len(accounts) > openRows {
		open, closing = fmt.Sprintf("\n<details><summary>%d in all</summary>\n<table>\n", total), "</table>\n</details>\n"
	}
	header := "<tr><th>action</th><th>type</th><th>name</th><th>why</th></tr>\n"
	tail := func(left, named int64) string { return "\n" + unnamed(left, int(named)) + "\n" }
	room := budget - len(open) - len(header) - len(closing) - len(tail(total, 0))
	var rows strings.Builder
	named := int64(0)
	for _, a := range accounts {
		row := fmt.Sprintf("<tr><td>%s</td><td>%s</td><td><code>%s</code></td><td><code>%s</code></td></tr>\n",
			foreign(strings.ReplaceAll(a.Action, "_", " ")), foreign(a.Type), foreign(a.name()), foreign(a.Reason))
		if rows.Len()+len(row) > room {
			break
		}
		rows.WriteString(row)
		named++
	}
	text := ""
	if named > 0 {
		text = open + header + rows.String() + closing
	}
	if left := total - named; left > 0 {
		text += tail(left, named)
	}
	return text
}
