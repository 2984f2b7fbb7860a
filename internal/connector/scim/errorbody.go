package scim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// scimError is the error body of RFC 7644 3.12. Servers write the status as text and as a number, the schema without a list, and
// details in any form.
type scimError struct {
	Schemas  []string
	ScimType string
	Detail   string
	Status   any
}

// UnmarshalJSON takes what can be understood; only what is no object is an error.
func (e *scimError) UnmarshalJSON(raw []byte) error {
	var parts struct {
		Schemas, ScimType, Detail json.RawMessage
		Status                    any
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	*e = scimError{Status: parts.Status}
	var schema string
	if json.Unmarshal(parts.Schemas, &schema) == nil {
		e.Schemas = []string{schema}
	} else if json.Unmarshal(parts.Schemas, &e.Schemas) != nil {
		e.Schemas = nil
	}
	if json.Unmarshal(parts.ScimType, &e.ScimType) != nil {
		e.ScimType = ""
	}
	if json.Unmarshal(parts.Detail, &e.Detail) != nil {
		e.Detail = string(parts.Detail)
	}
	return nil
}

func (e scimError) is() bool {
	for _, schema := range e.Schemas {
		if strings.EqualFold(schema, errorURN) {
			return true
		}
	}
	return false
}

func (e scimError) status() int {
	status, _ := strconv.Atoi(fmt.Sprint(e.Status))
	return status
}

// error returns what an answer says of an error, and whether it says by its schema that it is one.
func (a answer) error() (told scimError, is bool) {
	if json.Unmarshal(a.body, &told) != nil {
		return scimError{}, false
	}
	return told, told.is()
}

// unauthorised reports whether an answer refuses the credentials, by its status or, as seen in the field, inside a success.
func (a answer) unauthorised() bool {
	if a.status != http.StatusOK || len(a.body) > maxErrorBody {
		return a.status == http.StatusUnauthorized
	}
	told, is := a.error()
	return is && told.status() == http.StatusUnauthorized
}
