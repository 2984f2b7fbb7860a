package file_test

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/file"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/sourcetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	formats := []struct {
		name   string
		encode func(sourcetest.Content) ([]byte, error)
		broken string
	}{
		{"people.json", encodeJSON, `{"users":[{"id":"u-ada"},{"id":"u-bob"}`},
		{"people.csv", encodeCSV, "id,displayName\nu-ada,\"Ada\nu-bob,Bob\n"},
	}
	for _, format := range formats {
		t.Run(format.name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T) sourcetest.Rig {
				path := filepath.Join(t.TempDir(), format.name)
				set := func(content sourcetest.Content) {
					t.Helper()
					encoded, err := format.encode(content)
					if err != nil {
						t.Fatal(err)
					}
					write(t, path, string(encoded))
				}
				set(sourcetest.Content{})
				return sourcetest.Rig{
					Source: file.New(file.Options{Path: path}),
					Set:    set,
					Break:  func() { write(t, path, format.broken) },
				}
			})
		})
	}
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func encodeJSON(content sourcetest.Content) ([]byte, error) {
	users, groups := []any{}, []any{}
	for _, user := range content.Users {
		record := map[string]any{"id": user.ID, "accountEnabled": !user.Disabled, "manager": nil, "deletedDateTime": nil}
		for name, text := range user.Attributes {
			record[name] = text
		}
		if user.Manager != "" {
			record["manager"] = user.Manager
		}
		if user.DeletedDateTime != "" {
			record["deletedDateTime"] = user.DeletedDateTime
		}
		users = append(users, record)
	}
	for _, group := range content.Groups {
		groups = append(groups, map[string]any{
			"id": group.ID, "displayName": group.ID, "securityEnabled": true, "members": group.Members,
		})
	}
	return json.MarshalIndent(map[string]any{"users": users, "groups": groups}, "", "  ")
}

func encodeCSV(content sourcetest.Content) ([]byte, error) {
	names := map[string]bool{}
	memberships := map[string][]string{}
	for _, user := range content.Users {
		for name := range user.Attributes {
			names[name] = true
		}
	}
	for _, group := range content.Groups {
		for _, member := range group.Members {
			memberships[member] = append(memberships[member], group.ID)
		}
	}
	attributes := slices.Sorted(maps.Keys(names))
	rows := [][]string{append([]string{"id", "accountEnabled", "deletedDateTime", "manager", "groups"}, attributes...)}
	for _, user := range content.Users {
		enabled := "TRUE"
		if user.Disabled {
			enabled = "False"
		}
		row := []string{user.ID, enabled, user.DeletedDateTime, user.Manager, strings.Join(memberships[user.ID], ";")}
		for _, name := range attributes {
			row = append(row, user.Attributes[name])
		}
		rows = append(rows, row)
	}
	var out strings.Builder
	err := csv.NewWriter(&out).WriteAll(rows)
	return []byte(out.String()), err
}
