package job

import (
	"regexp"

	definition "github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// The values of the enumerated attributes are the engine's own, so that schema and engine cannot drift apart.
const (
	scopeAll      = string(scope.ModeAll)
	scopeAssigned = string(scope.ModeAssigned)

	stateStarted = string(definition.Started)
	statePaused  = string(definition.Paused)

	runOnApply  = string(definition.RunOnApply)
	runManually = string(definition.RunManually)

	destroyKeep    = string(definition.DestroyKeep)
	destroyDisable = string(definition.DestroyDisable)
	destroyDelete  = string(definition.DestroyDelete)

	unplannedHold = string(definition.HoldUnplanned)
	unplannedFail = string(definition.FailUnplanned)

	driftIgnore = string(definition.DriftIgnore)
	driftReport = string(definition.DriftReport)
	driftRepair = string(definition.DriftRepair)
)

// These mean something to the provider only.
const (
	detailNames  = impact.DetailNames
	detailCounts = impact.DetailCounts

	defaultName = "main"

	noun = "provisioning job"

	// statusQuarantine is JobStatus.status of a job that stopped itself (engine.md 2.3).
	statusQuarantine = "quarantine"
)

// What planned_impact.basis says.
const (
	basisNew      = "new job"
	basisPinned   = "pinned position"
	basisNewest   = "newest data"
	basisApplied  = "applied"
	basisImported = "imported"
)

// maxNames bounds the accounts named in one diagnostic (plan-preview-mechanics.md 5.3).
const maxNames = 50

// parameterName is what %Name% in an expression can name.
func parameterName() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]+$`) }
