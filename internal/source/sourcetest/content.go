package sourcetest

import (
	"maps"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Content is everything a source holds.
type Content struct {
	Users  []User
	Groups []Group
}

// User is a user of a source.
type User struct {
	ID string
	// Attributes are text; accountEnabled and deletedDateTime are not among them.
	Attributes map[string]string
	// Disabled sets accountEnabled to false, otherwise it is true.
	Disabled bool
	// DeletedDateTime is an RFC 3339 time, or empty for a user that is not soft-deleted.
	DeletedDateTime string
	// Manager is the id of another user, or empty.
	Manager string
}

// Group is a security-enabled group. Its displayName is its id and it has at least one member, because
// a CSV file has no other groups.
type Group struct {
	ID      string
	Members []string // ids of users, in any order, without repeats
}

// Objects returns the content the way a source delivers it: users before groups, each in the given order.
func (c Content) Objects() []directory.Object {
	objects := make([]directory.Object, 0, len(c.Users)+len(c.Groups))
	for _, user := range c.Users {
		object := directory.Object{
			Type: directory.User, Anchor: directory.Anchor(user.ID),
			Attributes: map[string]directory.Value{directory.AttributeAccountEnabled: directory.Boolean(!user.Disabled)},
		}
		for name, text := range user.Attributes {
			object.Attributes[name] = directory.Text(text)
		}
		if user.DeletedDateTime != "" {
			object.Attributes["deletedDateTime"] = directory.Text(user.DeletedDateTime)
			object.Removed = directory.SoftDeleted
		}
		if user.Manager != "" {
			object.References = map[string][]directory.Anchor{directory.ReferenceManager: {directory.Anchor(user.Manager)}}
		}
		objects = append(objects, object)
	}
	for _, group := range c.Groups {
		members := make([]directory.Anchor, 0, len(group.Members))
		for _, member := range group.Members {
			members = append(members, directory.Anchor(member))
		}
		slices.Sort(members)
		objects = append(objects, directory.Object{
			Type: directory.Group, Anchor: directory.Anchor(group.ID),
			Attributes: map[string]directory.Value{
				directory.AttributeDisplayName:     directory.Text(group.ID),
				directory.AttributeSecurityEnabled: directory.Boolean(true),
			},
			References: map[string][]directory.Anchor{directory.ReferenceMembers: members},
		})
	}
	return objects
}

// clone returns a content that can be changed without changing c.
func (c Content) clone() Content {
	out := Content{Users: slices.Clone(c.Users), Groups: slices.Clone(c.Groups)}
	for i := range out.Users {
		out.Users[i].Attributes = maps.Clone(out.Users[i].Attributes)
	}
	for i := range out.Groups {
		out.Groups[i].Members = slices.Clone(out.Groups[i].Members)
	}
	return out
}
