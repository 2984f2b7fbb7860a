package job

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Restart says what a job forgets (engine.md 20).
type Restart struct {
	// Scope is any of the ResetScopes, sorted. Empty: QuarantineState, Watermark and Escrows.
	Scope []string `json:"scope,omitempty"`
	// Triggers are values whose change asks for another restart.
	Triggers map[string]string `json:"triggers,omitempty"`
	// AcknowledgeOrphans is required for ConnectorDataStore and Full: links are forgotten.
	AcknowledgeOrphans bool `json:"acknowledge_orphans,omitempty"`
}

// The reset scopes (engine.md 20).
const (
	ResetNone               = "None"
	ResetWatermark          = "Watermark"
	ResetEscrows            = "Escrows"
	ResetQuarantineState    = "QuarantineState"
	ResetConnectorDataStore = "ConnectorDataStore"
	ResetFull               = "Full"
	ResetForceDeletes       = "ForceDeletes"
)

// ResetScopes lists the reset scopes.
func ResetScopes() []string {
	return []string{ResetNone, ResetWatermark, ResetEscrows, ResetQuarantineState, ResetConnectorDataStore, ResetFull, ResetForceDeletes}
}

// Reset is what a restart does, resolved from reset scopes (engine.md 20). The zero Reset does nothing.
type Reset struct {
	// Start lets a paused job go on.
	Start bool
	// Quarantine is lifted.
	Quarantine bool
	// Watermark: the next cycle evaluates every object.
	Watermark bool
	// Escrows: stored failures are forgotten, and a quarantine that lasts counts from now.
	Escrows bool
	// Links are forgotten, with everything that hangs on them.
	Links bool
	// ForceDeletes: everything that is staged is approved.
	ForceDeletes bool
}

// ResetOf resolves reset scopes; none are the restart of Microsoft's user interface. Links are never forgotten without the
// watermark: a job without links has to find everybody's account again before it can take any away. Unknown scopes are
// Invalid, and so are those that forget what others are to carry out.
func ResetOf(scopes []string) (Reset, error) {
	if len(scopes) == 0 {
		return Reset{Quarantine: true, Watermark: true, Escrows: true}, nil
	}
	var reset Reset
	var problems []error
	for _, scope := range scopes {
		switch scope {
		case ResetNone:
			reset.Start, reset.Quarantine = true, true
		case ResetWatermark:
			reset.Watermark = true
		case ResetEscrows:
			reset.Escrows = true
		case ResetQuarantineState:
			reset.Quarantine = true
		case ResetConnectorDataStore:
			reset.Links, reset.Watermark = true, true
		case ResetFull:
			reset.Links, reset.Watermark, reset.Escrows, reset.Quarantine = true, true, true, true
		case ResetForceDeletes:
			reset.ForceDeletes = true
		default:
			problems = append(problems, invalid("restart: there is no reset scope %q; there are %s", scope, strings.Join(ResetScopes(), ", ")))
		}
	}
	if reset.Links && reset.ForceDeletes {
		problems = append(problems, invalid("restart: %s is to carry out what is staged, and %s or %s forgets it; do one after the other", ResetForceDeletes, ResetFull, ResetConnectorDataStore))
	}
	if len(problems) > 0 {
		return Reset{}, errors.Join(problems...)
	}
	return reset, nil
}

// RestartAfter says what committing d over the committed definition resets: nothing unless d asks for a restart in another way
// than committed did. An acknowledgement alone asks for nothing, nor does taking the request away.
func (d Definition) RestartAfter(committed Definition) (Reset, error) {
	if d.Restart == nil {
		return Reset{}, nil
	}
	if before := committed.Restart; before != nil && slices.Equal(before.Scope, d.Restart.Scope) && maps.Equal(before.Triggers, d.Restart.Triggers) {
		return Reset{}, nil
	}
	return ResetOf(d.Restart.Scope)
}
