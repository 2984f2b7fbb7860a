package sqlstore

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// namedBy are the attributes with an index of their own, in the schema's own words.
var namedBy = []string{"userPrincipalName", "mail", "mailNickname", "employeeId", "displayName"}

// objectsNamed is the query by one attribute.
func objectsNamed(attribute string) string {
	return selectObject + " WHERE removed <> 'hard' AND copy_id = $1 AND object_type = $2 AND json_extract(body, '$.attributes." + attribute + "') = $3 COLLATE NOCASE LIMIT $4"
}

// ObjectsByName implements store.Copies. The indexes ignore the case of ASCII letters alone, so a name with others is not
// looked up.
func (s *Store) ObjectsByName(ctx context.Context, copyID string, objectType directory.ObjectType, attribute, name string, limit int) (objects []store.StoredObject, indexed bool, err error) {
	ascii := !strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf || r == 0 })
	if !ascii || !slices.Contains(namedBy, attribute) {
		return nil, false, nil
	}
	err = s.read(ctx, "look objects up by name", func(t *tx) error {
		objects, err = list(ctx, t, scanObject, objectsNamed(attribute), copyID, string(objectType), name, max(limit, 0))
		if err != nil {
			return err
		}
		return addMembers(ctx, t, copyID, objects)
	})
	slices.SortFunc(objects, func(a, b store.StoredObject) int { return strings.Compare(string(a.Anchor), string(b.Anchor)) })
	return objects, true, err
}
