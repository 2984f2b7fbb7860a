package scim

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// ownHeaders follow from the protocol or carry credentials.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Cookie", "Expect", "Host", "Keep-Alive", "Proxy-Authorization",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// checkHeaders returns the extra headers sorted by name.
func checkHeaders(headers map[string]string) ([]header, error) {
	var extra []header
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return nil, invalid("", "headers: %q is not the name of a header", name)
		case slices.Contains(ownHeaders, canonical) || strings.HasPrefix(canonical, "Content-") || strings.HasPrefix(canonical, "If-"):
			return nil, invalid("", "headers: %s is set by the protocol or holds credentials; remove it", canonical)
		case !httpguts.ValidHeaderFieldValue(headers[name]):
			return nil, invalid("", "headers: the value of %s holds a line break or another character that no header can carry", canonical)
		}
		if len(extra) > 0 && slices.ContainsFunc(extra, func(h header) bool { return h.name == canonical }) {
			return nil, invalid("", "headers: %s is given twice, in different spelling", canonical)
		}
		extra = append(extra, header{name: canonical, value: headers[name]})
	}
	return extra, nil
}
