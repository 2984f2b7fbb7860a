package faulty

import (
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Method names a call. Each operation of an Apply is a call of its own, named by its kind.
type Method string

// The methods. Page is one page that List delivers.
const (
	Test          Method = "test"
	Find          Method = "find"
	List          Method = "list"
	Page          Method = "page"
	Get           Method = "get"
	Discover      Method = "discover"
	Members       Method = "members"
	Create        Method = Method(connector.Create)
	Update        Method = Method(connector.Update)
	Delete        Method = Method(connector.Delete)
	AddMembers    Method = Method(connector.AddMembers)
	RemoveMembers Method = Method(connector.RemoveMembers)
)

// Write reports whether the method changes the target.
func (m Method) Write() bool {
	switch m {
	case Create, Update, Delete, AddMembers, RemoveMembers:
		return true
	default:
		return false
	}
}

// Call is the identity of a call.
type Call struct {
	Method Method
	// OperationID is the operation's, empty for reads.
	OperationID string
	Type        directory.ObjectType
	// Subject is what the call is about: the anchor, or the value looked for.
	Subject string
	// N counts the calls of this method, from 1; Total counts all calls; Writes counts all operations up to and
	// with this one.
	N, Total, Writes int
}

// Fault says what goes wrong with a call.
type Fault string

// The faults. "Performed" means that the target did what was asked, although the caller hears of an error.
const (
	// None: nothing goes wrong.
	None Fault = ""
	// FailBefore: the connection is refused. Not performed, and known not to be: Transient.
	FailBefore Fault = "fail_before"
	// AnswerLost: performed, but the answer is lost: Transient, for a write with OutcomeUnknown.
	AnswerLost Fault = "answer_lost"
	// Throttled: refused with 429; not performed.
	Throttled Fault = "throttled"
	// ServerError: answered 500; not performed, which a writer cannot know: Transient, OutcomeUnknown.
	ServerError Fault = "server_error"
	// Reset: the connection is reset; not performed, which a writer cannot know: Transient, OutcomeUnknown.
	Reset Fault = "reset"
	// Timeout: no answer in time; not performed, which a writer cannot know: Transient wrapping
	// context.DeadlineExceeded, OutcomeUnknown.
	Timeout Fault = "timeout"
	// Malformed: performed, but the answer cannot be read: Incompatible, for a write with OutcomeUnknown.
	Malformed Fault = "malformed"
	// Unauthorised: the credentials are refused; not performed.
	Unauthorised Fault = "unauthorised"
	// Conflicting: a uniqueness rule is said to be violated; not performed.
	Conflicting Fault = "conflict"
	// WrongID: performed, and answered with the id of somebody else (see WrongAnchor).
	WrongID Fault = "wrong_id"
	// PageRepeated: the page is delivered twice. For Page only.
	PageRepeated Fault = "page_repeated"
	// ListTruncated: the page loses its second half, and the list ends there without an error. For Page only.
	ListTruncated Fault = "list_truncated"
)

// WrongAnchor is the id that WrongID answers with.
const WrongAnchor directory.Anchor = "somebody-else"

// Rule injects a fault into the calls it matches. Empty fields match every call.
type Rule struct {
	Fault       Fault
	Method      Method
	OperationID string
	Type        directory.ObjectType
	Subject     string
	// N matches the n-th call of its method, counted from 1.
	N int
	// Writes matches the n-th operation of any kind, counted from 1.
	Writes int
	// Times limits how often the rule applies; 0 means always.
	Times int
}

func (r Rule) matches(call Call) bool {
	return (r.Method == "" || r.Method == call.Method) &&
		(r.OperationID == "" || r.OperationID == call.OperationID) &&
		(r.Type == "" || r.Type == call.Type) &&
		(r.Subject == "" || r.Subject == call.Subject) &&
		(r.N == 0 || r.N == call.N) &&
		(r.Writes == 0 || call.Method.Write() && r.Writes == call.Writes)
}

// clerk counts calls and looks up their faults.
type clerk struct {
	mu     sync.Mutex
	rules  []Rule
	used   []int
	counts map[Method]int
	total  int
	writes int
	trace  []Call
}

// register numbers a call and returns the fault of the first rule that matches it.
func (c *clerk) register(call Call) (Call, Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[call.Method]++
	c.total++
	if call.Method.Write() {
		c.writes++
		call.Writes = c.writes
	}
	call.N, call.Total = c.counts[call.Method], c.total
	c.trace = append(c.trace, call)
	for i, rule := range c.rules {
		if rule.matches(call) && (rule.Times == 0 || c.used[i] < rule.Times) {
			c.used[i]++
			return call, rule.Fault
		}
	}
	return call, None
}
