package validators

import (
	"net"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// BaseURL accepts the address of an endpoint: https, or http on this machine only, because a bearer token goes
// with every request; without credentials, query and fragment.
func BaseURL() validator.String {
	return text{description: "an https URL, or http for a loopback host", check: func(value string) mistake {
		if problem := baseURLProblem(value); problem != "" {
			return mistake{"Invalid URL", "the URL cannot be used: " + problem + "."}
		}
		return mistake{}
	}}
}

// baseURLProblem returns what is wrong, without repeating the URL: it may hold a password.
func baseURLProblem(value string) string {
	address, err := url.Parse(value)
	switch {
	case err != nil:
		return "it does not parse; expected the form https://host/path"
	case address.Scheme != "https" && address.Scheme != "http":
		return "it must start with https:// (or http:// for a loopback host)"
	case address.Hostname() == "":
		return "it names no host; expected the form https://host/path"
	case address.User != nil:
		return "it contains credentials; put the token in bearer_token_wo"
	case address.Scheme == "http" && !loopback(address.Hostname()):
		return "http is allowed for loopback hosts only (localhost, 127.0.0.1, ::1), because the token would cross the network in the clear; use https"
	case address.RawQuery != "" || address.ForceQuery:
		return "it has a query; give the address below which /Users and /Groups are found"
	case address.Fragment != "" || strings.HasSuffix(value, "#"):
		return "it has a fragment; give the address below which /Users and /Groups are found"
	default:
		return ""
	}
}

func loopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
