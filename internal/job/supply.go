package job

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// supplies reports what the expressions of a mapping need of the job and do not get: the default domain, parameters, and
// assignments for the role functions (expressions.md 4.7, 8). Missing, they are a mistake of the configuration and not a
// failure of every single object.
func (d Definition) supplies(mapping Mapping) error {
	var problems []error
	for _, a := range mapping.Effective() {
		parsed, err := expression.Parse(a.Expression)
		if err != nil {
			continue // a mapping without an expression, or a problem of the mapping itself
		}
		fail := func(format string, args ...any) {
			problems = append(problems, invalid("job %s: mapping %s, attribute %s: "+format, append([]any{d.ID, mapping.ID(), a.Target}, args...)...))
		}
		if parsed.Calls("DefaultDomain") && d.Source.DefaultDomain == "" {
			fail("DefaultDomain() needs the default_domain of source %s; set it", d.Source.Key)
		}
		for _, name := range parsed.Parameters() {
			if _, ok := d.Parameters[name]; !ok {
				fail("the job has no parameter %s; set it in parameters (it has: %s)", name, strings.Join(slices.Sorted(maps.Keys(d.Parameters)), ", "))
			}
		}
		for _, function := range roleFunctions() {
			if d.Scope == scope.ModeAll && parsed.Calls(function) {
				fail("%s needs assignments, and the scope is %q; use scope = %q", function, scope.ModeAll, scope.ModeAssigned)
			}
		}
	}
	return errors.Join(problems...)
}
