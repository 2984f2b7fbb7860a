package scenario

import (
	"fmt"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Person is a user of the source.
type Person struct {
	ID string
	// Name is the user name.
	Name                           string
	Department, Title, Phone, Mail string
	// Manager is the id of another person; empty: none.
	Manager string
	Off     bool
}

// Group is a group of the source; members are ids of people.
type Group struct {
	ID, Name string
	Members  []string
}

// Directory is what the source holds.
type Directory struct {
	People []Person
	Groups []Group
}

// domain is where everybody is.
const domain = "@example.com"

func person(id, department string) Person {
	return Person{ID: id, Name: id + domain, Department: department, Phone: "+1 (555) 01-" + fmt.Sprint(len(id)), Mail: id + "@mail.example.com"}
}

func (d Directory) copied() Directory {
	c := Directory{People: slices.Clone(d.People)}
	for _, g := range d.Groups {
		g.Members = slices.Clone(g.Members)
		c.Groups = append(c.Groups, g)
	}
	return c
}

// edit changes people by id.
func (d *Directory) edit(ids []string, change func(*Person)) {
	for i := range d.People {
		if slices.Contains(ids, d.People[i].ID) {
			change(&d.People[i])
		}
	}
}

func (d *Directory) remove(ids ...string) {
	d.People = slices.DeleteFunc(d.People, func(p Person) bool { return slices.Contains(ids, p.ID) })
	for i := range d.Groups {
		d.Groups[i].Members = without(d.Groups[i].Members, ids...)
	}
}

func (d *Directory) group(id string) *Group {
	i := slices.IndexFunc(d.Groups, func(g Group) bool { return g.ID == id })
	return &d.Groups[i]
}

func without(members []string, ids ...string) []string {
	return slices.DeleteFunc(slices.Clone(members), func(m string) bool { return slices.Contains(ids, m) })
}

func (d Directory) person(id string) (Person, bool) {
	i := slices.IndexFunc(d.People, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return d.People[i], true
}

// Objects are the directory as a source delivers it.
func (d Directory) Objects() []directory.Object {
	var all []directory.Object
	for _, p := range d.People {
		o := directory.Object{Type: directory.User, Anchor: directory.Anchor(p.ID), Attributes: map[string]directory.Value{
			"userPrincipalName": directory.Text(p.Name), "accountEnabled": directory.Boolean(!p.Off), "employeeId": directory.Text("e-" + p.ID)}}
		for name, value := range map[string]string{"department": p.Department, "jobTitle": p.Title, "telephoneNumber": p.Phone, "mail": p.Mail} {
			if value != "" {
				o.Attributes[name] = directory.Text(value)
			}
		}
		if p.Manager != "" {
			o.References = map[string][]directory.Anchor{"manager": {directory.Anchor(p.Manager)}}
		}
		all = append(all, o)
	}
	for _, g := range d.Groups {
		var members []directory.Anchor
		for _, m := range g.Members {
			members = append(members, directory.Anchor(m))
		}
		all = append(all, directory.Object{Type: directory.Group, Anchor: directory.Anchor(g.ID),
			Attributes: map[string]directory.Value{"displayName": directory.Text(g.Name)}, References: map[string][]directory.Anchor{"members": members}})
	}
	return all
}
