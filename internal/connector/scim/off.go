package scim

import (
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// offApart divides an update that switches an account off, and writes something else besides, when it was refused for a reason that the
// something else may be: a value that is taken, or must not be written. Nobody stays on because of that. off is empty otherwise.
func offApart(changes []connector.Change, refusal error) (off, others []connector.Change) {
	_, answered := refused(refusal)
	if kind := directory.KindOf(refusal); !answered || kind != directory.Conflict && kind != directory.Forbidden {
		return nil, nil
	}
	for _, change := range changes {
		if turnsOff(change) {
			off = append(off, change)
		} else {
			others = append(others, change)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	return off, others
}

// offAlone switches an account off without the rest of a refused update, which is left out. The error is the refusal when that is
// refused too, or there is nothing to switch off.
func (u *updating) offAlone(refusal error, write func(connector.Operation) error) error {
	off, others := offApart(u.operation.Changes, refusal)
	if len(off) == 0 {
		return refusal
	}
	operation := u.operation
	operation.Changes = slices.Clone(off)
	if err := write(operation); err != nil {
		return refusal
	}
	u.leave(others, refusal)
	return nil
}
