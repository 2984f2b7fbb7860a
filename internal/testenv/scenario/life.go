package scenario

import "fmt"

// Admin is an administrator of the target, who works beside the engine.
type Admin interface {
	// Delete removes the account of a name.
	Delete(name string)
	// Leave removes a member from a group, both by name.
	Leave(group, name string)
}

// Stage is a state of the directory.
type Stage struct {
	Name      string
	Directory Directory
	// Before is what happens in the target before the cycle.
	Before func(Admin)
}

// Crowd is how many people there are besides those with a story. With them the first stage has more than twenty people
// without a link, so that the target is listed; the later ones have few, so that it is searched (design.md 6).
const Crowd = 16

// Stages are the whole life.
func Stages() []Stage {
	one := joiners()
	two := movers(one.copied())
	three := returners(two.copied())
	return []Stage{
		{Name: "joiners", Directory: one},
		{Name: "movers and leavers", Directory: two},
		{Name: "returners", Directory: three, Before: func(a Admin) {
			a.Delete("kim" + domain)
			a.Delete("p16" + domain)
			a.Leave("everyone", "p06"+domain)
		}},
	}
}

func joiners() Directory {
	var d Directory
	for _, id := range []string{"ada", "bob", "cyn", "dan", "eve", "hal", "kim", "lou", "max"} {
		d.People = append(d.People, person(id, "Sales"))
	}
	everyone := []string{"ada", "bob"}
	for i := range Crowd {
		p := person(fmt.Sprintf("p%02d", i+1), "Crowd")
		d.People = append(d.People, p)
		if i < Crowd-2 {
			everyone = append(everyone, p.ID)
		}
	}
	d.edit([]string{"ada", "bob"}, func(p *Person) { p.Manager = "eve" })
	d.edit([]string{"cyn", "p01"}, func(p *Person) { p.Manager = "ada"; p.Title = "Clerk" })
	d.Groups = []Group{
		{ID: "g-staff", Name: "staff", Members: []string{"ada", "bob", "cyn", "lou"}},
		{ID: "g-club", Name: "club", Members: []string{"ada", "eve"}},
		{ID: "g-everyone", Name: "everyone", Members: everyone},
	}
	return d
}

// movers: ada and p02 move, cyn is renamed, dan is switched off, lou is deleted, fay joins, and so does gus, who has an account
// already.
func movers(d Directory) Directory {
	d.edit([]string{"ada", "p02"}, func(p *Person) { p.Department, p.Title = "HR", "Head" })
	d.edit([]string{"bob"}, func(p *Person) { p.Manager = "ada" })
	d.edit([]string{"cyn"}, func(p *Person) { p.Name = "cynthia" + domain })
	d.edit([]string{"dan"}, func(p *Person) { p.Off = true })
	d.edit([]string{"eve"}, func(p *Person) { p.Phone, p.Mail = "+1 (555) 99-99", "eve@new.example.com" })
	d.remove("lou")
	for _, id := range []string{"fay", "gus"} {
		p := person(id, "Sales")
		p.Manager = "bob"
		d.People = append(d.People, p)
	}
	d.group("g-staff").Members = []string{"ada", "cyn", "fay", "gus"}
	d.group("g-club").Name, d.group("g-club").Members = "club 27", []string{"ada"}
	everyone := d.group("g-everyone")
	everyone.Members = append(without(everyone.Members, "p01", "p02", "p03", "p04", "p05"), "fay")
	d.Groups = append(d.Groups, Group{ID: "g-new", Name: "new", Members: []string{"fay"}})
	return d
}

// returners: dan is switched on again, lou comes back, bob is switched off, kim is deleted, whose account an administrator
// deleted before; p16's was deleted too, and p16 becomes a member.
func returners(d Directory) Directory {
	d.edit([]string{"dan"}, func(p *Person) { p.Off = false })
	d.edit([]string{"bob"}, func(p *Person) { p.Off = true })
	d.edit([]string{"p07"}, func(p *Person) { p.Name = "p7" + domain; p.Title = "Clerk" })
	d.edit([]string{"max"}, func(p *Person) { p.Manager = "ada"; p.Department = "HR" })
	d.edit([]string{"gus"}, func(p *Person) { p.Manager = "" })
	d.remove("kim")
	d.People = append(d.People, person("lou", "HR"))
	d.group("g-staff").Members = []string{"ada", "cyn", "gus", "lou"}
	d.group("g-club").Members = nil
	everyone := d.group("g-everyone")
	everyone.Members = append(without(everyone.Members, "bob", "p06"), "p15", "p16", "p01")
	d.Groups = d.Groups[:len(d.Groups)-1]
	return d
}
