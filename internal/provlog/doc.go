// Package provlog defines the provisioning log record (engine.md 23): one record per object and change, with the
// steps that led to the decision. The steps are produced by package engine; the same steps are what a preview,
// an on-demand answer and an explanation show, so that they can never disagree.
package provlog
