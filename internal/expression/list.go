package expression

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func item(a arguments) (directory.Value, error) {
	elements := a.values[0].Elements()
	index, err := a.integer(1)
	if err != nil {
		return directory.Null(), err
	}
	if index < 1 || index > int64(len(elements)) {
		return directory.Null(), fmt.Errorf("index %d is outside the list, which has %d elements counted from 1", index, len(elements))
	}
	return elements[index-1], nil
}

func countElements(a arguments) (directory.Value, error) {
	return directory.Integer(int64(len(a.values[0].Elements()))), nil
}

// removeDuplicates compares text forms, because attribute values travel as text (expressions.md 1.1).
func removeDuplicates(a arguments) (directory.Value, error) {
	seen := map[string]bool{}
	unique := []directory.Value{}
	for _, element := range a.values[0].Elements() {
		key := element.String()
		if _, ok := element.Text(); !ok {
			key = element.Kind().String() + " " + key
		} else {
			key = "text " + key
		}
		if !seen[key] {
			seen[key] = true
			unique = append(unique, element)
		}
	}
	return directory.List(unique...), nil
}

func isNull(a arguments) (directory.Value, error) {
	return directory.Boolean(a.values[0].IsNull()), nil
}

func isNullOrEmpty(a arguments) (directory.Value, error) {
	return directory.Boolean(a.values[0].IsEmpty()), nil
}

func isPresent(a arguments) (directory.Value, error) {
	return directory.Boolean(!a.values[0].IsEmpty()), nil
}

func isString(a arguments) (directory.Value, error) {
	_, ok := a.values[0].Text()
	return directory.Boolean(ok), nil
}

func not(a arguments) (directory.Value, error) {
	text, ok := a.values[0].Text()
	return directory.Boolean(!ok || !strings.EqualFold(text, "True")), nil
}

func convertToBoolean(a arguments) (directory.Value, error) {
	return directory.Boolean(truth(a.values[0])), nil
}

func bitAnd(a arguments) (directory.Value, error) {
	left, err := a.bits(0)
	if err != nil {
		return directory.Null(), err
	}
	right, err := a.bits(1)
	if err != nil {
		return directory.Null(), err
	}
	return directory.Integer(left & right), nil
}

// bits returns an integer argument. A hexadecimal number may be in quotation marks too: the service stores all numbers
// as text (expressions.md 1.1).
func (a arguments) bits(i int) (int64, error) {
	text, _ := a.values[i].Text()
	text = strings.ToUpper(strings.TrimSpace(text))
	if digits, ok := strings.CutPrefix(text, "&H"); ok {
		if n, err := strconv.ParseUint(digits, 16, 64); err == nil {
			return int64(n), nil
		}
	}
	return a.integer(i)
}

// singleRole returns the value of the only role (expressions.md 4.7).
func singleRole(a arguments) (directory.Value, error) {
	roles, err := roleRecords(a)
	switch {
	case err != nil || len(roles) == 0:
		return directory.Null(), err
	case len(roles) > 1:
		return directory.Null(), fmt.Errorf("no more than one role assignment is expected, the user has %d: use AppRoleAssignmentsComplex", len(roles))
	default:
		return roles[0].Field("value"), nil
	}
}

// complexRoles returns one JSON text for each role, with its members in the documented order.
func complexRoles(a arguments) (directory.Value, error) {
	roles, err := roleRecords(a)
	if err != nil {
		return directory.Null(), err
	}
	texts := make([]directory.Value, len(roles))
	for i, role := range roles {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(struct {
			ID          directory.Value `json:"id"`
			Value       directory.Value `json:"value"`
			DisplayName directory.Value `json:"displayName"`
		}{role.Field("id"), role.Field("value"), role.Field("displayName")}); err != nil {
			return directory.Null(), err
		}
		texts[i] = directory.Text(strings.TrimSuffix(b.String(), "\n"))
	}
	return directory.List(texts...), nil
}

func roleRecords(a arguments) ([]directory.Value, error) {
	elements := a.values[0].Elements()
	for _, element := range elements {
		if element.Kind() != directory.KindRecord {
			return nil, errors.New("source is not a list of role assignments: use [appRoleAssignments]")
		}
	}
	return elements, nil
}
