package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

const benchPeople = 100_000

// full makes a person who has a value for every attribute of the default mapping.
func full(n int) directory.Object {
	attributes := map[string]directory.Value{"accountEnabled": directory.Boolean(true)}
	for _, name := range []string{"userPrincipalName", "displayName", "jobTitle", "mail", "preferredLanguage", "givenName", "surname", "physicalDeliveryOfficeName",
		"streetAddress", "city", "state", "postalCode", "country", "telephoneNumber", "mobile", "facsimileTelephoneNumber", "mailNickname", "employeeId", "department"} {
		attributes[name] = directory.Text(fmt.Sprintf("%s %d", name, n))
	}
	return directory.Object{Type: directory.User, Anchor: directory.Anchor(fmt.Sprintf("u%07d", n)), Attributes: attributes}
}

// BenchmarkDefaultMapping decides about 100,000 people under the default mapping, 22 attributes each: once as new people,
// who are created, and once as linked ones who are as they should be.
func BenchmarkDefaultMapping(b *testing.B) {
	program, err := engine.Compile(definition(func(d *job.Definition) {
		d.Mappings, d.Filters, d.Scope = d.Mappings[1:], nil, scope.ModeAll
		d.Mappings[0].Preset, d.Mappings[0].Attributes = job.PresetEntra, nil
	}), traits())
	if err != nil {
		b.Fatal(err)
	}
	people := make([]directory.Object, benchPeople)
	for i := range people {
		people[i] = full(i)
	}
	for name, linked := range map[string]bool{"new": false, "unchanged": true} {
		b.Run(name, func(b *testing.B) {
			links := make([]*engine.Linked, benchPeople)
			if linked {
				for i, person := range people {
					links[i] = carriedOut(nil, decide(program, person, false, nil, noMatch))
				}
			}
			for b.Loop() {
				began := time.Now()
				for i, person := range people {
					if d := decide(program, person, false, links[i], noMatch); linked != (d.Action == engine.Skip) {
						b.Fatal(show(d))
					}
				}
				elapsed := time.Since(began).Seconds()
				b.ReportMetric(benchPeople/elapsed, "people/s")
				b.ReportMetric(elapsed, "s")
			}
		})
	}
}
