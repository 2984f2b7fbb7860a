// Package provlog defines the provisioning log record (engine.md 23): one record per object and change, with the
// steps that led to the decision. The steps are produced by package engine; the same steps are what a preview,
// an on-demand answer and an explanation show, so that they can never disagree. It also says what error codes mean and
// what to do about them (engine.md 24), and writes records as JSON Lines and as CSV.
//
// It does not decide what is logged, and stores nothing. Its tests hold records and the expected bytes.
package provlog
