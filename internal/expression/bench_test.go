package expression

import (
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// defaultUserMapping is the mapping that a new application starts with (mappings-and-scoping.md 7.1), without the
// manager, which is a reference.
func defaultUserMapping() []string {
	return []string{
		"[userPrincipalName]", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "[displayName]", "[jobTitle]", "[mail]",
		"[preferredLanguage]", "[givenName]", "[surname]", `Join(" ", [givenName], [surname])`, "[physicalDeliveryOfficeName]",
		"[streetAddress]", "[city]", "[state]", "[postalCode]", "[country]", "[telephoneNumber]", "[mobile]",
		"[facsimileTelephoneNumber]", "[mailNickname]", "[employeeId]", "[department]",
	}
}

func benchmarkEnvironment() Environment {
	attributes := map[string]directory.Value{"IsSoftDeleted": directory.Boolean(false)}
	for _, name := range []string{
		"userPrincipalName", "displayName", "jobTitle", "mail", "givenName", "surname", "city", "country", "mobile", "mailNickname", "employeeId", "department",
	} {
		attributes[name] = directory.Text(name + "@contoso.com")
	}
	return Environment{Attribute: func(name string) directory.Value { return attributes[name] }, Now: time.Unix(0, 0)}
}

// BenchmarkEvaluate measures on one core: an operation evaluates the expressions of a case one after the other.
func BenchmarkEvaluate(b *testing.B) {
	environment := benchmarkEnvironment()
	for _, c := range []struct {
		name    string
		sources []string
	}{
		{"direct", []string{"[userPrincipalName]"}},
		{"join", []string{`Join(" ", [givenName], [surname])`}},
		{"replace-pattern", []string{`Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`}},
		{"switch", []string{`Switch([IsSoftDeleted], , "False", "True", "True", "False")`}},
		{"nested", []string{`ToLower(Append(Left(NormalizeDiacritics([givenName]), 1), StripSpaces([surname])))`}},
		{"default-user-mapping-per-person", defaultUserMapping()},
	} {
		b.Run(c.name, func(b *testing.B) {
			expressions := make([]*Expression, len(c.sources))
			for i, source := range c.sources {
				expressions[i] = mustParse(b, source)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, e := range expressions {
					if _, err := e.Evaluate(environment); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*len(expressions))/b.Elapsed().Seconds(), "evals/s")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, source string }{
		{"direct", "[userPrincipalName]"},
		{"switch", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`},
		{"pattern", `Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`},
		{"nested", `ToLower(Append(Left(NormalizeDiacritics([givenName]), 1), StripSpaces([surname])))`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustParse(b, c.source)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "parses/s")
		})
	}
}
