package validators_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// certificate is self-signed, for the name "test", made for this table only.
const certificate = `-----BEGIN CERTIFICATE-----
MIHLMH+gAwIBAgIBATAFBgMrZXAwDzENMAsGA1UEAxMEdGVzdDAgFw03MDAxMDEw
MDAwMDBaGA8yMjQyMDMxNjEyNTYzMlowDzENMAsGA1UEAxMEdGVzdDAqMAUGAytl
cAMhAFil+OHBXqPJI90aMIUH5LVSSQetQYfy5UH8g+/sMuLaMAUGAytlcANBAAqJ
8pmJPw+6SQB4ZY40ARqmOCwc8FRft4trZHb10Qjq/EXueLYmdTKtJgafZKvuheTG
9Cs1HJHBCIRsml0PRQc=
-----END CERTIFICATE-----
`

func TestValidators(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		validator validator.String
		value     string
		want      string // part of the detail; empty: accepted
	}{
		{"key", validators.Key(), "wiki-2", ""},
		{"key, one letter", validators.Key(), "w", ""},
		{"key, longest", validators.Key(), strings.Repeat("a", 64), ""},
		{"key, too long", validators.Key(), strings.Repeat("a", 65), "1 to 64"},
		{"key, empty", validators.Key(), "", "1 to 64"},
		{"key, upper case", validators.Key(), "Wiki", `key "Wiki": use 1 to 64 lower-case letters`},
		{"key, slash", validators.Key(), "wiki/main", "1 to 64"},
		{"key, hyphen at the end", validators.Key(), "wiki-", "letter or digit at both ends"},

		{"url", validators.BaseURL(), "https://wiki.example.com/scim/v2", ""},
		{"url, port", validators.BaseURL(), "https://wiki.example.com:8443/scim", ""},
		{"url, loopback name", validators.BaseURL(), "http://localhost:8585/scim/v2", ""},
		{"url, loopback address", validators.BaseURL(), "http://127.0.0.1:8585/scim/v2", ""},
		{"url, loopback address 6", validators.BaseURL(), "http://[::1]:8585", ""},
		{"url, http", validators.BaseURL(), "http://wiki.example.com", "loopback hosts only"},
		{"url, http to a name that only looks local", validators.BaseURL(), "http://localhost.example.com", "loopback hosts only"},
		{"url, http to every address", validators.BaseURL(), "http://0.0.0.0", "loopback hosts only"},
		{"url, other scheme", validators.BaseURL(), "ldap://wiki.example.com", "must start with https://"},
		{"url, no scheme", validators.BaseURL(), "wiki.example.com/scim", "must start with https://"},
		{"url, no host", validators.BaseURL(), "https:///scim", "names no host"},
		{"url, does not parse", validators.BaseURL(), "https://wiki example.com", "does not parse"},
		{"url, query", validators.BaseURL(), "https://wiki.example.com/scim?tenant=1", "has a query"},
		{"url, flag for Entra", validators.BaseURL(), "https://wiki.example.com/scim?aadOptscim062020", ""},
		{"url, flag for Entra and more", validators.BaseURL(), "https://wiki.example.com/scim?aadOptscim062020&tenant=1", "has a query"},
		{"url, slash at the end", validators.BaseURL(), "https://wiki.example.com/scim/", ""},
		{"url, of the users", validators.BaseURL(), "https://wiki.example.com/scim/v2/Users", "ends with /Users, which is asked for below it; leave that off"},
		{"url, of the groups", validators.BaseURL(), "https://wiki.example.com/scim/v2/Groups/", "ends with /Groups"},
		{"url, of the configuration", validators.BaseURL(), "https://wiki.example.com/scim/v2/ServiceProviderConfig", "ends with /ServiceProviderConfig"},
		{"url, of a tenant", validators.BaseURL(), "https://wiki.example.com/users", ""},
		{"url, empty query", validators.BaseURL(), "https://wiki.example.com/scim?", "has a query"},
		{"url, fragment", validators.BaseURL(), "https://wiki.example.com/scim#", "has a fragment"},
		{"url, credentials", validators.BaseURL(), "https://u:p@wiki.example.com/scim", "use bearer_token_wo, oauth2 or basic"},

		{"token url", validators.TokenURL(), "https://login.example.com/token?tenant=1", ""},
		{"token url, loopback", validators.TokenURL(), "http://127.0.0.1:1/token", ""},
		{"token url, http", validators.TokenURL(), "http://login.example.com/token", "loopback hosts only"},
		{"token url, credentials", validators.TokenURL(), "https://u:p@login.example.com/token", "use client_id and client_secret_wo"},
		{"token url, fragment", validators.TokenURL(), "https://login.example.com/token#", "has a fragment"},
		{"token url, scheme", validators.TokenURL(), "ldap://login.example.com/token", "must start with https://"},
		{"token url, no host", validators.TokenURL(), "login.example.com/token", "does not parse"},

		{"proxy", validators.ProxyURL(), "http://proxy.example.com:3128", ""},
		{"proxy, socks", validators.ProxyURL(), "socks5://proxy.example.com", ""},
		{"proxy, credentials", validators.ProxyURL(), "http://u:p@proxy.example.com", "use username and password_wo"},
		{"proxy, scheme", validators.ProxyURL(), "ftp://proxy.example.com", "must start with http://"},
		{"proxy, no host", validators.ProxyURL(), "proxy.example.com:3128", "does not parse"},

		{"word", validators.Word(), "api://wiki/.default", ""},
		{"word, blank", validators.Word(), "a b", "blanks or commas"},
		{"word, empty", validators.Word(), "", "must not be empty"},

		{"token", validators.BearerToken(), "a-b.c_d~e+f/g==", ""},
		{"token, not of RFC 6750", validators.BearerToken(), "token=abc!", ""},
		{"token, empty", validators.BearerToken(), "", "it is empty"},
		{"token, blank", validators.BearerToken(), " \n", "it is empty"},
		{"token, line break", validators.BearerToken(), "abc\n", `take trimspace(file("path"))`},
		{"token, scheme", validators.BearerToken(), "Bearer abc", "leave the word off"},
		{"token, the word alone", validators.BearerToken(), "bearer", ""},
		{"token, two words", validators.BearerToken(), "abc def", "no header can carry"},
		{"token, letter", validators.BearerToken(), "abcé", "no header can carry"},

		{"user name", validators.BasicUsername(), "Ünï code", ""},
		{"user name, colon", validators.BasicUsername(), "a:b", "must not hold a colon"},
		{"user name, line break", validators.BasicUsername(), "a\nb", "control character"},

		{"private key, none", validators.PrivateKey(), "hello", "no PEM block found"},
		{"private key, a certificate", validators.PrivateKey(), certificate, "holds no private key that can be read"},

		{"certificates", validators.Certificates(), certificate, ""},
		{"certificates, two", validators.Certificates(), certificate + certificate, ""},
		{"certificates, none", validators.Certificates(), "hello", "no PEM block found"},
		{"certificates, rest", validators.Certificates(), certificate + "hello", "what follows block 1 is not PEM"},
		{"certificates, key", validators.Certificates(), strings.ReplaceAll(certificate, "CERTIFICATE", "PRIVATE KEY"), "block 1 is a PRIVATE KEY"},
		{"certificates, damaged", validators.Certificates(), "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", "block 1 is not a certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := validate(t, c.validator, types.StringValue(c.value))
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
				if got := validate(t, c.validator, value); got != "" {
					t.Errorf("%s: got %q", value, got)
				}
			}
		})
	}
}

// A password in a URL must not get into logs by way of the error about it.
func TestBaseURLDoesNotRepeatPasswords(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"https://admin:hunter2@wiki.example.com", "https://admin:hunter2@wiki example.com", "ftp://admin:hunter2@wiki"} {
		if got := validate(t, validators.BaseURL(), types.StringValue(value)); got == "" || strings.Contains(got, "hunter2") {
			t.Errorf("got %q", got)
		}
	}
}

// validate returns the details of all errors, which have to be about the attribute.
func validate(t *testing.T, v validator.String, value types.String) string {
	t.Helper()
	var resp validator.StringResponse
	at := path.Root("attribute")
	v.ValidateString(t.Context(), validator.StringRequest{Path: at, ConfigValue: value}, &resp)
	var details []string
	for _, d := range resp.Diagnostics {
		withPath, ok := d.(interface{ Path() path.Path })
		if !ok || !withPath.Path().Equal(at) {
			t.Errorf("the error is not about the attribute: %v", d)
		}
		details = append(details, d.Detail())
	}
	return strings.Join(details, "\n")
}
