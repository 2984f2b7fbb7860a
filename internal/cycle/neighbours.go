package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Several jobs with disjoint scopes may work on one target (engine.md 26). Where their scopes are not disjoint, an account
// belongs to the job that manages it: the others fail the object and never write it.

// neighbours are the other jobs of this store that work on the same target.
type neighbours struct {
	// jobs are their ids, sorted; asked once.
	jobs  []string
	asked bool
}

// neighbourIDs returns the ids of the neighbours, sorted.
func (v *evaluation) neighbourIDs(ctx context.Context) ([]string, error) {
	if v.neighbours.asked {
		return v.neighbours.jobs, nil
	}
	jobs, err := neighboursOf(ctx, v.store, v.program, v.jobID)
	if err == nil {
		v.neighbours = neighbours{jobs: jobs, asked: true}
	}
	return jobs, err
}

func neighboursOf(ctx context.Context, from store.Jobs, program *engine.Program, jobID string) ([]string, error) {
	records, err := from.ListJobs(ctx)
	if err != nil {
		return nil, err
	}
	endpoint := program.Definition().Connection.Endpoint()
	var jobs []string
	for _, record := range records {
		if record.Definition.ID != jobID && record.Definition.Connection.Endpoint() == endpoint {
			jobs = append(jobs, record.Definition.ID)
		}
	}
	return jobs, nil
}

// claimedByNeighbours marks the matches whose account another job manages. Released links claim nothing.
func (v *evaluation) claimedByNeighbours(ctx context.Context, objectType directory.ObjectType, open []engine.Assessment, matches []lookup) error {
	jobs, err := v.neighbourIDs(ctx)
	if err != nil || len(jobs) == 0 {
		return err
	}
	var targets []directory.Anchor
	var keys []string
	for i, assessment := range open {
		if target := v.expected(assessment, matches[i]); target != "" {
			targets = append(targets, target)
		}
		keys = append(keys, assessment.MatchValues[0].Key)
	}
	byTarget, err := v.store.OwnersByTarget(ctx, jobs, objectType, targets)
	if err != nil {
		return err
	}
	var byKey map[string][]store.Owner
	if v.blind() {
		if byKey, err = v.store.OwnersByMatchKey(ctx, jobs, objectType, keys); err != nil {
			return err
		}
	}
	for i, assessment := range open {
		owners := byTarget[v.expected(assessment, matches[i])]
		if len(owners) == 0 {
			owners = byKey[assessment.MatchValues[0].Key]
		}
		if len(owners) > 0 && matches[i].ClaimedBy == "" {
			matches[i].ClaimedBy, matches[i].ClaimedIn = owners[0].Source, owners[0].JobID
		}
	}
	return nil
}

// blind reports whether the target is not asked. Then what the neighbours remember stands in for it.
func (v *evaluation) blind() bool {
	_, blind := v.matcher.(noMatcher)
	return blind
}

// expected is the account that an object would get: the one that was found or, where nobody looks, the one it had.
func (v *evaluation) expected(assessment engine.Assessment, found lookup) directory.Anchor {
	switch {
	case found.Found == 1:
		return found.Target
	case v.blind() && assessment.Link != nil:
		return assessment.Link.Target
	default:
		return ""
	}
}
