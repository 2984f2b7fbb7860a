package expression

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func TestDNComponent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dn   string
		call string
		want string
	}{
		{"CN=John,OU=Sales,DC=contoso", `DNComponent([dn], 1)`, "John"},
		{"CN=John,OU=Sales,DC=contoso", `DNComponent([dn], "3")`, "contoso"},
		{`CN=Smith\, John,OU=Sales`, `DNComponent([dn], 1)`, "Smith, John"},
		{`CN=Smith\2C John,OU=Sales`, `DNComponent([dn], 1)`, "Smith, John"},
		{`CN=Before\0dAfter,DC=example`, `DNComponent([dn], 1)`, "Before\rAfter"},
		{`CN=Lu\C4\8Di\C4\87`, `DNComponent([dn], 1)`, "Lučić"},
		{`CN=Lučić , OU = a b `, `DNComponent([dn], 1)`, "Lučić"},
		{`CN=Lučić , OU = a b `, `DNComponent([dn], 2)`, "a b"},
		{`CN=\ kept\ ,OU=x`, `DNComponent([dn], 1)`, " kept "},
		{`CN="Smith, John",OU=x`, `DNComponent([dn], 1)`, "Smith, John"},
		{`CN="Smith, John",OU=x`, `DNComponent([dn], 2)`, "x"},
		{`OU=Sales+CN=J. Smith,DC=x`, `DNComponent([dn], 1)`, "Sales"},
		{`CN=a\+b+OU=c,DC=x`, `DNComponent([dn], 1)`, "a+b"},
		{`CN=a=b,DC=x`, `DNComponent([dn], 1)`, "a=b"},
		{`CN=a;DC=x`, `DNComponent([dn], 2)`, "x"},
		{`CN=,DC=x`, `DNComponent([dn], 1)`, `""`},
		{`1.3.6.1.4.1.1466.0=#04024869`, `DNComponent([dn], 1)`, "#04024869"},
		{`CN=a`, `DNComponent([missing], 1)`, "null"},
		{``, `DNComponent([dn], 1)`, "error"},
		{`CN=a`, `DNComponent([dn], 2)`, "error"},
		{`CN=a`, `DNComponent([dn], -1)`, "error"},
		{`CN=a`, `DNComponent([dn], "first")`, "error"},
		{`a,CN=b`, `DNComponent([dn], 1)`, "error"},
		{`CN="a,OU=b`, `DNComponent([dn], 1)`, "error"},
		{`CN=a\`, `DNComponent([dn], 1)`, "error"},
	} {
		checkIdentifier(t, c.call, map[string]directory.Value{"dn": directory.Text(c.dn)}, c.want)
	}
}

// TestStringFromSid uses well-known identifiers, whose bytes are in MS-DTYP 2.4.2.2 order.
func TestStringFromSid(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[string]string{
		"AQEAAAAAAAUSAAAA":         "S-1-5-18",
		"AQIAAAAAAAUgAAAAIAIAAA==": "S-1-5-32-544",
		" AQEAAAAAAAEAAAAA\n":      "S-1-1-0",
		"AQAAAAAAAAA=":             "S-1-0",
		"AQH//////////////w==":     "error",
		"AQEBAAAAAAABAAAA":         "S-1-0x010000000000-1",
		"AQEAAAAAAAX/////":         "S-1-5-4294967295",
		"AgEAAAAAAAUSAAAA":         "error",
		"ARAAAAAAAAU=":             "error",
		"AQ==":                     "error",
		"":                         "error",
		"S-1-5-18":                 "error",
		"AQEAAAAAAAUSAAAAAA==":     "error",
		"AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoAAIAAA==": "S-1-5-21-1004336348-1177238915-682003330-512",
	} {
		checkIdentifier(t, `StringFromSid([sid])`, map[string]directory.Value{"sid": directory.Text(bytes)}, want)
	}
	checkIdentifier(t, `StringFromSid([sid])`, nil, "null")
}

func checkIdentifier(t *testing.T, source string, attributes map[string]directory.Value, want string) {
	t.Helper()
	result, err := mustParse(t, source).Evaluate(Environment{Attribute: func(name string) directory.Value { return attributes[name] }})
	got := result.String()
	if err != nil {
		got = "error"
	}
	if got != want {
		t.Errorf("%s of %v = %s (%v), want %s", source, attributes, got, err, want)
	}
}
