package wikiapp

import (
	"fmt"
	"net/http"
	"strconv"
)

const urnError = "urn:ietf:params:scim:api:messages:2.0:Error"

// fault is a refusal in the form of RFC 7644 3.12.
type fault struct {
	status   int
	scimType string
	detail   string
}

func (f *fault) Error() string { return f.detail }

func (f *fault) body() map[string]any {
	b := map[string]any{"schemas": []string{urnError}, "status": strconv.Itoa(f.status), "detail": f.detail}
	if f.scimType != "" {
		b["scimType"] = f.scimType
	}
	return b
}

// refuse is a 400 with the error code that tells the client which part of its request was wrong.
func refuse(scimType, format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, scimType, fmt.Sprintf(format, args...)}
}

func invalidValue(format string, args ...any) *fault { return refuse("invalidValue", format, args...) }
func invalidSyntax(format string, args ...any) *fault {
	return refuse("invalidSyntax", format, args...)
}
func invalidPath(format string, args ...any) *fault { return refuse("invalidPath", format, args...) }
func noTarget(format string, args ...any) *fault    { return refuse("noTarget", format, args...) }
func mutability(format string, args ...any) *fault  { return refuse("mutability", format, args...) }

func notFound(format string, args ...any) *fault {
	return &fault{status: http.StatusNotFound, detail: fmt.Sprintf(format, args...)}
}
