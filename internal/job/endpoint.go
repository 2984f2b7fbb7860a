package job

import (
	"net/url"
	"slices"
	"strings"
)

// Endpoint identifies the system a connection reaches: another endpoint has other accounts. Spellings of one address are one endpoint:
// the case of scheme and host, the port that a scheme has anyway, slashes at the end (RFC 3986 6.2), and EntraFlags.
func (c Connection) Endpoint() string {
	if c.SCIM == nil {
		return ""
	}
	return "scim " + canonicalURL(c.SCIM.BaseURL)
}

// EntraFlags are the flags that Microsoft Entra ID takes in the query of an address, in lower case (scim-client.md 1). The wire
// profile decides in their place, so they say nothing about the system that is reached.
func EntraFlags() []string { return []string{"aadoptscim062020", "azureadscimpatch2017"} }

// OnlyEntraFlags reports whether a query holds EntraFlags and nothing else.
func OnlyEntraFlags(query string) bool {
	for flag := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(flag, "=")
		if value != "" || !slices.Contains(EntraFlags(), strings.ToLower(name)) {
			return false
		}
	}
	return true
}

// canonicalURL returns one spelling of an address. What is no URL stays as it is; it was refused before.
func canonicalURL(text string) string {
	address, err := url.Parse(strings.TrimSpace(text))
	if err != nil || address.Host == "" {
		return text
	}
	address.Scheme, address.Host = strings.ToLower(address.Scheme), strings.ToLower(address.Host)
	if port := address.Port(); port != "" && port == map[string]string{"https": "443", "http": "80"}[address.Scheme] {
		address.Host = strings.TrimSuffix(address.Host, ":"+port)
	}
	address.Path, address.RawPath = strings.TrimRight(address.Path, "/"), strings.TrimRight(address.RawPath, "/")
	if OnlyEntraFlags(address.RawQuery) {
		address.RawQuery = ""
	}
	return address.String()
}
