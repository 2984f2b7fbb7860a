package scim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
)

const (
	// learnedVersion is the version of the document. A reader of another version ignores it: what was learned is learned
	// again.
	learnedVersion = 1
	// maxNotes and maxLearned bound what a document may hold, in notes and in bytes; more than that was not written here.
	maxNotes   = 500
	maxLearned = 256 << 10
)

// topic is what a target can be found out about; its text goes into the document and never changes its meaning.
type topic string

// The topics. A topic with a subject is about a part of the target: a type of resource, or an attribute.
const (
	topicOperationNames topic = "patch.operations"
	topicBooleans       topic = "patch.booleans"
	topicAbsent         topic = "patch.absent"
	topicEffect         topic = "patch.effect"
	topicSwitchedOff    topic = "update.off"
	topicElements       topic = "patch.elements"
	topicSelector       topic = "patch.selector"
	topicReferences     topic = "patch.references"
	topicNoReference    topic = "patch.no_reference"
	topicMerged         topic = "patch.merged"
	topicQuotedBooleans topic = "filter.booleans"
	topicRoleTexts      topic = "patch.roles"
	topicSchemas        topic = "create.schemas"
	topicUpdateMethod   topic = "update.method"
	topicDelete         topic = "delete"
	topicRemoveMembers  topic = "members.remove"
	topicMembersTold    topic = "members.told"
	topicTrial          topic = "members.trial"
	topicMembersBatch   topic = "members.batch"
	topicBulk           topic = "bulk"
	topicBulkOperations topic = "bulk.operations"
)

// topicTitles say to people what a topic is about.
var topicTitles = map[topic]string{
	topicOperationNames: "operation names in PATCH",
	topicBooleans:       "boolean values in PATCH",
	topicAbsent:         "attributes without value in PATCH",
	topicEffect:         "effect of updates of",
	topicSwitchedOff:    "accounts that are switched off",
	topicElements:       "new elements in PATCH",
	topicSelector:       "selecting the element",
	topicReferences:     "references",
	topicNoReference:    "removing a reference",
	topicQuotedBooleans: "booleans inside a filter",
	topicRoleTexts:      "roles in PATCH",
	topicSchemas:        "extensions in schemas",
	topicMerged:         "several attributes in PATCH",
	topicUpdateMethod:   "update of a",
	topicDelete:         "deleting a",
	topicRemoveMembers:  "removing members",
	topicMembersTold:    "members of groups in answers",
	topicTrial:          "throw-away group",
	topicMembersBatch:   "members in one request",
	topicBulk:           "bulk requests",
	topicBulkOperations: "operations in one bulk request",
	topicSearch:         "search of a",
}

// subject of what is learned: empty when it is about the whole target.
type subject = string

// note is one thing that was found out. Form is a word that the code acts on; Reason is a sentence for people, without
// anybody's data.
type note struct {
	Topic   topic   `json:"topic"`
	Subject subject `json:"subject,omitempty"`
	Form    string  `json:"form"`
	Reason  string  `json:"reason,omitempty"`
}

func (n note) about(t topic, s subject) bool { return n.Topic == t && n.Subject == s }

// title names a note to people.
func (n note) title() string {
	title := topicTitles[n.Topic]
	if title == "" {
		title = string(n.Topic)
	}
	return strings.TrimSpace(title + " " + n.Subject)
}

type learnedDocument struct {
	Version int    `json:"version"`
	Learned []note `json:"learned"`
}

// knowledge is what was found out about one target (scim-client.md 17): how it wants its requests, when that is not what
// the profile says. It is safe for concurrent use.
type knowledge struct {
	mu sync.RWMutex
	// notes are sorted by topic and subject, each pair once. Those with a topic nobody knows here are kept.
	notes []note
	// ignored says why the document of an earlier connector was not taken over; empty when it was.
	ignored string
}

// newKnowledge continues with what an earlier connector found out. A document that cannot be read is ignored, with a fact
// that says so: everything in it can be found out again.
func newKnowledge(document []byte) *knowledge {
	k := &knowledge{}
	if len(document) == 0 {
		return k
	}
	notes, err := decodeLearned(document)
	if err != nil {
		k.ignored = err.Error()
		return k
	}
	for _, n := range notes {
		k.learn(n.Topic, n.Subject, n.Form, n.Reason)
	}
	return k
}

// decodeLearned reads a document. Fields and topics it does not know are no mistake; a note without topic or form is left
// out.
func decodeLearned(document []byte) ([]note, error) {
	if len(document) > maxLearned {
		return nil, fmt.Errorf("it has %d bytes, and %d are the limit", len(document), maxLearned)
	}
	var head struct {
		Version int `json:"version"`
	}
	if json.Unmarshal(document, &head) != nil {
		return nil, fmt.Errorf("it is not a JSON document with a version")
	}
	if head.Version != learnedVersion {
		return nil, fmt.Errorf("it has version %d, and this release reads version %d", head.Version, learnedVersion)
	}
	var whole learnedDocument
	if json.Unmarshal(document, &whole) != nil {
		return nil, fmt.Errorf("it does not hold a list of notes")
	}
	if len(whole.Learned) > maxNotes {
		return nil, fmt.Errorf("it holds %d notes, and %d are the limit", len(whole.Learned), maxNotes)
	}
	return slices.DeleteFunc(whole.Learned, func(n note) bool { return n.Topic == "" || n.Form == "" }), nil
}

// form returns the form that was learned, empty when nothing was.
func (k *knowledge) form(t topic, s subject) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, n := range k.notes {
		if n.about(t, s) {
			return n.Form
		}
	}
	return ""
}

// learn remembers a form. The reason says what the target did, in words of this package: never what it answered, which may
// hold anybody's data. The first reason for a form stays.
func (k *knowledge) learn(t topic, s subject, form, reason string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	made := note{Topic: t, Subject: s, Form: form, Reason: reason}
	at, known := slices.BinarySearchFunc(k.notes, made, compareNotes)
	switch {
	case known && k.notes[at].Form != form:
		k.notes[at] = made
	case !known && len(k.notes) < maxNotes:
		k.notes = slices.Insert(k.notes, at, made)
	}
}

// forget drops what was learned about something, because it is no longer so.
func (k *knowledge) forget(t topic, s subject) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notes = slices.DeleteFunc(k.notes, func(n note) bool { return n.about(t, s) })
}

func compareNotes(a, b note) int {
	return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Subject, b.Subject))
}

// all returns the notes, sorted by topic and subject.
func (k *knowledge) all() []note {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.notes)
}

// learning is the document and the facts.
func (k *knowledge) learning() connector.Learning {
	var made connector.Learning
	notes := k.all()
	if k.ignored != "" {
		made.Facts = append(made.Facts, connector.Fact{Name: "earlier knowledge", Value: "ignored", Reason: k.ignored})
	}
	for _, n := range notes {
		made.Facts = append(made.Facts, connector.Fact{Name: n.title(), Value: n.Form, Reason: n.Reason})
	}
	slices.SortStableFunc(made.Facts, func(a, b connector.Fact) int { return cmp.Compare(a.Name, b.Name) })
	if len(notes) > 0 {
		// Texts and a number always become JSON.
		made.Document, _ = encode(learnedDocument{Version: learnedVersion, Learned: notes})
	}
	return made
}

var _ connector.Learner = (*Connector)(nil)

// Learned returns what was found out about the target so far.
func (c *Connector) Learned() connector.Learning { return c.client.learned.learning() }
