package connector

import "context"

// TestFault is what a connection test found wrong: each has another cure.
type TestFault string

// The faults.
const (
	// FaultUnreachable: no answer came; the address, the network or the target is not right.
	FaultUnreachable TestFault = "unreachable"
	// FaultCertificate: the target did not prove who it is.
	FaultCertificate TestFault = "certificate"
	// FaultCredentials: the target does not accept the credentials, or there are none.
	FaultCredentials TestFault = "credentials"
	// FaultForbidden: the credentials are accepted and must not do this.
	FaultForbidden TestFault = "forbidden"
	// FaultProtocol: something answers, and it is not what the protocol says.
	FaultProtocol TestFault = "protocol"
	// FaultNotSearchable: the target cannot search by the matching attribute.
	FaultNotSearchable TestFault = "not_searchable"
	// FaultTarget: the target is busy or broken.
	FaultTarget TestFault = "target"
)

// TestFailure says why a connection test failed; errors.AsType finds it in the error of Test. It holds no secret and nobody's
// data.
type TestFailure struct {
	Fault TestFault
	// Resource is what was looked for, for example "User"; Operation the request, with the random value of the probe.
	Resource, Operation string
	// Status, Headers and Body are the answer's; zero when there is none. Headers are "Name: value", sorted, with what may be a
	// secret masked; Body is an excerpt.
	Status  int
	Headers []string
	Body    string
	// Advice says what to do.
	Advice string
	Err    error
}

// Error is that of the failed request.
func (f TestFailure) Error() string { return f.Err.Error() }

// Unwrap returns the error of the failed request.
func (f TestFailure) Unwrap() error { return f.Err }

// Diagnoser finds out step by step how far a connection works: each step proves one thing less than the next one needs.
type Diagnoser interface {
	// Diagnose reports one finding for each of its probes, in order, always the same probes. What cannot be tried because an
	// earlier probe failed is skipped. It writes nothing, and sends credentials nowhere but to the target.
	Diagnose(ctx context.Context, report func(Finding))
}

// Finding is what one probe found.
type Finding struct {
	// Probe is its name: lower-case words.
	Probe   string
	Outcome FindingOutcome
	// Detail says what was found, Advice what to do about it; no advice when all is well.
	Detail, Advice string
}

// FindingOutcome is how a probe ended.
type FindingOutcome string

// The outcomes. A warning is something that works and deserves a look.
const (
	FindingPass FindingOutcome = "pass"
	FindingWarn FindingOutcome = "warn"
	FindingFail FindingOutcome = "fail"
	FindingSkip FindingOutcome = "skip"
)
