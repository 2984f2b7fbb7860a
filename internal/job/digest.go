package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest identifies the whole definition: equal definitions have equal digests, on every machine.
func (d Definition) Digest() string { return digest(d) }

// EvaluationDigest identifies what decides about objects: source, mappings, filters, assignments, scope, parameters,
// profile. When it changes, every object has to be evaluated again (engine.md 7).
func (d Definition) EvaluationDigest() string {
	var wire Connection // the profile decides about the form of values
	if d.Connection.SCIM != nil {
		wire.SCIM = &SCIMConnection{Profile: d.Connection.SCIM.Profile}
	}
	return digest(Definition{
		Connection: wire,
		ID:         d.ID, Source: d.Source, Mappings: d.Mappings, Filters: d.Filters, Assignments: d.Assignments,
		Scope: d.Scope, SkipOutOfScopeDeletions: d.SkipOutOfScopeDeletions,
		NestedGroups: d.NestedGroups, Parameters: d.Parameters,
	})
}

// MappingsDigest identifies what is written to the target and compared with it.
func (d Definition) MappingsDigest() string { return digest(Definition{Mappings: d.Mappings}) }

// CopyID names the engine's copy of a source: another place to read from is another copy.
func (s Source) CopyID() string {
	s.DefaultDomain = "" // it is not about what is read
	return s.Key + "@" + digest(s)[len("sha256:"):][:16]
}

func digest(v any) string {
	document, err := json.Marshal(v)
	if err != nil {
		// Validation refuses the only thing JSON cannot express, a number that is not one.
		document = fmt.Appendf(nil, "%#v", v)
	}
	sum := sha256.Sum256(document)
	return "sha256:" + hex.EncodeToString(sum[:])
}
