package job

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// maximumKey is how many characters a key may have.
const maximumKey = 64

// ValidateKey checks a key or name that ids are built from.
func ValidateKey(what, key string) error {
	foreign := func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }
	if key == "" || len(key) > maximumKey || strings.ContainsFunc(key, foreign) || strings.HasPrefix(key, "-") || strings.HasSuffix(key, "-") {
		return invalid("%s %q: use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends", what, key)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return directory.Errorf(directory.Invalid, format, args...)
}

// Validate reports everything that is wrong with a source.
func (s Source) Validate() error {
	problems := []error{ValidateKey("source key", s.Key)}
	switch {
	case s.File == nil:
		problems = append(problems, invalid("source %s: say where people come from (file)", s.Key))
	case s.File.Path == "":
		problems = append(problems, invalid("source %s: file.path is empty", s.Key))
	case !slices.Contains([]string{"", "json", "csv"}, s.File.Format):
		problems = append(problems, invalid("source %s: file.format %q is not json or csv", s.Key, s.File.Format))
	}
	return errors.Join(problems...)
}

// Validate reports everything that is wrong with an app.
func (a App) Validate() error { return ValidateKey("app key", a.Key) }

// Validate reports everything that is wrong with a filter (mappings-and-scoping.md 13).
func (f Filter) Validate() error {
	problems := []error{ValidateKey("app key", f.AppKey), ValidateKey("filter name", f.Name)}
	if !slices.Contains(directory.ObjectTypes(), f.ObjectType) {
		problems = append(problems, invalid("filter %s: object type %q is not user or group", f.ID(), f.ObjectType))
	}
	for i, clause := range f.Clauses {
		if err := scope.ValidateClause(clause); err != nil {
			problems = append(problems, invalid("filter %s, clause %d: %w", f.ID(), i+1, err))
		}
	}
	return errors.Join(problems...)
}

// Validate reports everything that is wrong with an assignment.
func (a Assignment) Validate() error {
	return errors.Join(ValidateKey("app key", a.AppKey), ValidateKey("assignment name", a.Name))
}

// Validate reports everything that is wrong with a definition as a whole; its parts are validated as drafts too.
func (d Definition) Validate() error {
	problems := []error{ValidateKey("job name", d.Name), d.App.Validate(), d.Source.Validate(), d.Connection.Validate()}
	fail := func(format string, args ...any) {
		problems = append(problems, invalid("job %s: %w", d.ID, fmt.Errorf(format, args...)))
	}
	if !slices.Contains(scope.Modes(), d.Scope) {
		fail("scope %q is not all or assigned", d.Scope)
	}
	if d.State != Started && d.State != Paused {
		fail("state %q is not started or paused", d.State)
	}
	if d.Run != RunOnApply && d.Run != RunManually {
		fail("run %q is not on_apply or manual", d.Run)
	}
	if d.OnDestroy != DestroyKeep && d.OnDestroy != DestroyDisable && d.OnDestroy != DestroyDelete {
		fail("on_destroy %q is not keep, disable or delete", d.OnDestroy)
	}
	if d.Unplanned != HoldUnplanned && d.Unplanned != FailUnplanned {
		fail("on_unplanned %q is not hold or fail", d.Unplanned)
	}
	if !slices.Contains([]DriftMode{"", DriftIgnore, DriftReport, DriftRepair}, d.Drift) {
		fail("drift %q is not ignore, report or repair", d.Drift)
	}
	if d.LogRetentionDays < 0 || d.LogRetentionDays > MaximumLogRetentionDays {
		fail("log_retention_days must be between 1 and %d", MaximumLogRetentionDays)
	}
	if d.Restart != nil {
		if _, err := ResetOf(d.Restart.Scope); err != nil {
			fail("%w", err)
		}
	}
	seen := map[directory.ObjectType]bool{}
	for _, mapping := range d.Mappings {
		problems = append(problems, mapping.Validate(), d.belongs("mapping", mapping.ID(), mapping.AppKey))
		if seen[mapping.ObjectType] {
			fail("two mappings for %s objects", mapping.ObjectType)
		}
		seen[mapping.ObjectType] = true
		if mapping.Enabled {
			problems = append(problems, d.supplies(mapping))
		}
	}
	if _, ok := d.Mapping(directory.User); !ok {
		fail("there is no mapping for users; add a provisioning_attribute_mapping with object_type \"user\" to mapping_ids")
	}
	for _, filter := range d.Filters {
		problems = append(problems, filter.Validate(), d.belongs("scoping filter", filter.ID(), filter.AppKey))
	}
	for _, assignment := range d.Assignments {
		problems = append(problems, assignment.Validate(), d.belongs("assignment", assignment.ID(), assignment.AppKey))
	}
	problems = append(problems, d.belongs("connection", d.Connection.ID(), d.Connection.AppKey), d.Limits.validate(d.ID))
	return errors.Join(problems...)
}

func (d Definition) belongs(what, id, appKey string) error {
	if appKey == d.App.Key {
		return nil
	}
	return invalid("job %s: %s %s belongs to app %s, not to %s", d.ID, what, id, appKey, d.App.Key)
}

func (l Limits) validate(id string) error {
	problems := []error{l.ForAll().validate(id, "limits")}
	if l.Users != nil {
		problems = append(problems, l.Users.validate(id, "limits.users"))
	}
	if l.Groups != nil {
		problems = append(problems, l.Groups.validate(id, "limits.groups"))
	}
	return errors.Join(problems...)
}

func (l TypeLimits) validate(id, name string) error {
	negative := func(n *int64) bool { return n != nil && *n < 0 }
	if negative(l.MaxDisable) || negative(l.MaxDelete) || negative(l.PercentFloor) {
		return invalid("job %s: %s cannot be negative", id, name)
	}
	if l.MaxPercent != nil && (math.IsNaN(*l.MaxPercent) || *l.MaxPercent < 0 || *l.MaxPercent > 100) {
		return invalid("job %s: %s.max_percent must be between 0 and 100", id, name)
	}
	return nil
}
