package validators

import (
	"net"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// BaseURL accepts the address of an endpoint: https, or http on this machine only, because a bearer token goes
// with every request; without credentials and fragment, and with no other query than flags for Microsoft Entra ID.
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
		return "it contains credentials; use bearer_token_wo, oauth2 or basic"
	case address.Scheme == "http" && !loopback(address.Hostname()):
		return "http is allowed for loopback hosts only (localhost, 127.0.0.1, ::1), because credentials would cross the network in the clear; use https"
	case address.ForceQuery || address.RawQuery != "" && !job.OnlyEntraFlags(address.RawQuery):
		return "it has a query; give the address below which /Users and /Groups are found"
	case address.Fragment != "" || strings.HasSuffix(value, "#"):
		return "it has a fragment; give the address below which /Users and /Groups are found"
	default:
		return belowBase(address)
	}
}

// belowBase finds addresses of what is below a base URL (RFC 7644 3.2 and 4).
func belowBase(address *url.URL) string {
	path := strings.TrimRight(address.Path, "/")
	last := path[strings.LastIndex(path, "/")+1:]
	for _, endpoint := range []string{"Users", "Groups", "ServiceProviderConfig", "ResourceTypes", "Schemas", "Bulk", "Me"} {
		if last == endpoint {
			return "it ends with /" + endpoint + ", which is asked for below it; leave that off"
		}
	}
	return ""
}

func loopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// TokenURL accepts the address of a token endpoint: https, or http on this machine only; without credentials and fragment. It may
// have a query (RFC 6749 3.2).
func TokenURL() validator.String {
	return text{description: "an https URL, or http for a loopback host", check: func(value string) mistake {
		if problem := tokenURLProblem(value); problem != "" {
			return mistake{"Invalid URL", "the URL cannot be used: " + problem + "."}
		}
		return mistake{}
	}}
}

func tokenURLProblem(value string) string {
	address, err := url.Parse(value)
	switch {
	case err != nil || address.Hostname() == "":
		return "it does not parse; expected the form https://host/path"
	case address.Scheme != "https" && address.Scheme != "http":
		return "it must start with https:// (or http:// for a loopback host)"
	case address.User != nil:
		return "it contains credentials; use client_id and client_secret_wo"
	case address.Scheme == "http" && !loopback(address.Hostname()):
		return "http is allowed for loopback hosts only (localhost, 127.0.0.1, ::1), because the client's credentials would cross the network in the clear; use https"
	case address.Fragment != "" || strings.HasSuffix(value, "#"):
		return "it has a fragment"
	default:
		return ""
	}
}

// ProxyURL accepts the address of a proxy, without credentials.
func ProxyURL() validator.String {
	return text{description: "an http, https or socks5 URL", check: func(value string) mistake {
		address, err := url.Parse(value)
		switch {
		case err != nil || address.Hostname() == "":
			return mistake{"Invalid URL", "the URL cannot be used: it does not parse; expected the form http://host:port."}
		case address.User != nil:
			return mistake{"Invalid URL", "the URL cannot be used: it contains credentials; use username and password_wo."}
		case address.Scheme != "http" && address.Scheme != "https" && address.Scheme != "socks5":
			return mistake{"Invalid URL", "the URL cannot be used: it must start with http://, https:// or socks5://."}
		}
		return mistake{}
	}}
}
