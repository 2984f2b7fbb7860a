package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// people is the size of the population in benchmarks (design.md 10).
const people = 100_000

// Benchmark measures what design.md 10 sets bars for: importing a population for the first time and again with one
// change, reading all of it, and recording results.
func Benchmark(b *testing.B, setup Setup) {
	ctx := context.Background()
	b.Run("import first", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			s := openFor(b, setup(b))
			b.StartTimer()
			importPopulation(ctx, b, s, -1)
		}
	})
	b.Run("import again with one change", func(b *testing.B) {
		s := openFor(b, setup(b))
		importPopulation(ctx, b, s, -1)
		b.ResetTimer()
		for i := range b.N {
			importPopulation(ctx, b, s, i)
		}
	})
	b.Run("read all in pages", func(b *testing.B) {
		s := openFor(b, setup(b))
		importPopulation(ctx, b, s, -1)
		b.ResetTimer()
		for range b.N {
			readPopulation(ctx, b, s)
		}
	})
	b.Run("members among 1000 of 10 groups", func(b *testing.B) {
		s := openFor(b, setup(b))
		importPopulation(ctx, b, s, -1)
		var groups, candidates []directory.Anchor
		for i := range 10 {
			groups = append(groups, groupAnchor(i))
		}
		for i := range 1000 {
			candidates = append(candidates, personAnchor(i*7))
		}
		b.ResetTimer()
		for range b.N {
			_, err := s.MembersAmong(ctx, copyID, groups, candidates, false)
			must(b, err)
		}
	})
	b.Run("members at any depth among 1000, all groups in one", func(b *testing.B) {
		s := openFor(b, setup(b))
		importPopulation(ctx, b, s, -1)
		var inside, candidates []directory.Anchor
		for i := range 500 {
			inside = append(inside, groupAnchor(i))
		}
		for i := range 1000 {
			candidates = append(candidates, personAnchor(i*7))
		}
		put(b, s, false, group("everybody", inside...))
		ask := func(round int) {
			// Another list of groups each time, so that no answer is there already.
			groups := []directory.Anchor{"everybody", directory.Anchor(fmt.Sprintf("nobody-%d", round))}
			members, err := s.MembersAmong(ctx, copyID, groups, candidates, true)
			must(b, err)
			equal(b, len(members), len(candidates))
		}
		b.Run("first page", func(b *testing.B) {
			for i := range b.N {
				ask(i + 1)
			}
		})
		b.Run("next pages", func(b *testing.B) {
			for range b.N {
				ask(0)
			}
		})
	})
	b.Run("touch everybody below a nested group", func(b *testing.B) {
		s := openFor(b, setup(b))
		importPopulation(ctx, b, s, -1)
		var inside []directory.Anchor
		for i := range 500 {
			inside = append(inside, groupAnchor(i))
		}
		put(b, s, false, group("everybody", inside...))
		b.ResetTimer()
		for range b.N {
			put(b, s, false, group("everybody"))
			put(b, s, false, group("everybody", inside...))
		}
	})
	b.Run("record 1000 links and log records", func(b *testing.B) {
		s := openFor(b, setup(b))
		fence := commit(b, s, jobID)
		b.ResetTimer()
		for i := range b.N {
			must(b, s.Record(ctx, jobID, fence, linkBatch(i*1000, 1000)))
		}
	})
	b.Run("memberships of a cycle without changes", func(b *testing.B) {
		s := openFor(b, setup(b))
		importPopulation(ctx, b, s, -1)
		fence := commit(b, s, jobID)
		recordPopulation(ctx, b, s, fence)
		b.ResetTimer()
		for range b.N {
			add, err := s.MembershipsToAdd(ctx, jobID, copyID, store.Membership{}, 1000)
			must(b, err)
			remove, err := s.MembershipsToRemove(ctx, jobID, copyID, store.Membership{}, 1000)
			must(b, err)
			if len(add)+len(remove) > 0 {
				b.Fatalf("%d memberships to add and %d to remove, want none", len(add), len(remove))
			}
		}
	})
	b.Run("orphans and counts of a cycle without changes", func(b *testing.B) {
		s := openFor(b, setup(b))
		importPopulation(ctx, b, s, -1)
		fence := commit(b, s, jobID)
		recordPopulation(ctx, b, s, fence)
		b.ResetTimer()
		for range b.N {
			_, err := s.OrphanLinks(ctx, jobID, copyID, directory.User, "", 1000)
			must(b, err)
			_, err = s.CountManaged(ctx, jobID)
			must(b, err)
		}
	})
}

func personAnchor(i int) directory.Anchor {
	return directory.Anchor(fmt.Sprintf("%08x-0000-4000-8000-%012d", uint32(i)*2654435761, i))
}

func groupAnchor(i int) directory.Anchor { return directory.Anchor(fmt.Sprintf("group-%04d", i)) }

func person(i int, department string) directory.Object {
	name := fmt.Sprintf("person%06d", i)
	return directory.Object{
		Type: directory.User, Anchor: personAnchor(i),
		Attributes: map[string]directory.Value{
			"userPrincipalName": directory.Text(name + "@example.com"),
			"displayName":       directory.Text("Person Number " + name),
			"givenName":         directory.Text("Person"),
			"surname":           directory.Text(name),
			"mail":              directory.Text(name + "@example.com"),
			"department":        directory.Text(department),
			"jobTitle":          directory.Text("Engineer"),
			"employeeId":        directory.Integer(int64(i)),
			"accountEnabled":    directory.Boolean(true),
			"city":              directory.Text("Zürich"),
			"proxyAddresses":    directory.List(directory.Text("SMTP:"+name+"@example.com"), directory.Text("smtp:"+name+"@example.org")),
		},
		References: map[string][]directory.Anchor{"manager": {personAnchor(i / 10)}},
	}
}

// importPopulation imports people in 500 groups of 1,000 members; the person number changed has another department.
func importPopulation(ctx context.Context, tb testing.TB, s store.Store, changed int) {
	_, err := s.Import(ctx, copyID, day, func(im store.Importer) (store.ImportResult, error) {
		for page := 0; page < people; page += 1000 {
			changes := make([]store.ObjectChange, 1000)
			for i := range changes {
				department := "Engineering"
				if page+i == changed {
					department = fmt.Sprintf("Department %d", changed)
				}
				changes[i].Object = person(page+i, department)
			}
			if err := im.Put(ctx, changes); err != nil {
				return store.ImportResult{}, err
			}
		}
		var groups []store.ObjectChange
		for g := range 500 {
			var members []directory.Anchor
			for i := range 1000 {
				members = append(members, personAnchor((g*200+i)%people))
			}
			groups = append(groups, store.ObjectChange{Object: directory.Object{
				Type: directory.Group, Anchor: groupAnchor(g),
				Attributes: map[string]directory.Value{"displayName": directory.Text(fmt.Sprintf("Group %d", g))},
				References: map[string][]directory.Anchor{"members": members},
			}})
		}
		return store.ImportResult{Watermark: "w", Complete: true}, im.Put(ctx, groups)
	})
	must(tb, err)
}

func readPopulation(ctx context.Context, tb testing.TB, s store.Store) {
	count := 0
	for after := int64(0); ; {
		objects, err := s.Objects(ctx, copyID, directory.User, after, 1<<62, 1000)
		must(tb, err)
		if len(objects) == 0 {
			break
		}
		count += len(objects)
		after = objects[len(objects)-1].Position
	}
	if count != people {
		tb.Fatalf("read %d objects, want %d", count, people)
	}
}

func linkBatch(from, n int) store.Batch {
	var batch store.Batch
	for i := from; i < from+n; i++ {
		name := fmt.Sprintf("person%06d@example.com", i)
		key := store.LinkKey{Type: directory.User, Source: personAnchor(i)}
		batch.PutLinks = append(batch.PutLinks, store.Link{
			LinkKey: key, Target: directory.Anchor(fmt.Sprintf("target-%d", i)), MatchKey: name, Name: name, Managed: true, Active: true,
			Exported: person(i, "Engineering").Attributes, LinkedAt: day,
		})
		batch.Log = append(batch.Log, provlog.Record{
			ChangeID: fmt.Sprintf("change-%d", i), CycleID: "cycle", JobID: jobID, Time: day.Add(time.Duration(i) * time.Millisecond),
			Action: provlog.ActionCreate, Status: provlog.StatusSuccess, ObjectType: directory.User, Source: key.Source, SourceName: name,
			Steps: []provlog.Step{
				{Name: "import", Type: provlog.StepImport, Status: provlog.StatusSuccess, Description: "read from the source"},
				{Name: "scope", Type: provlog.StepScoping, Status: provlog.StatusSuccess, Description: "in scope: assigned directly"},
				{Name: "match", Type: provlog.StepMatching, Status: provlog.StatusSuccess, Description: "no account with this user name"},
				{Name: "create", Type: provlog.StepExport, Status: provlog.StatusSuccess, Description: "account created"},
			},
			Modified: []provlog.ModifiedProperty{{DisplayName: "userName", NewValue: name}, {DisplayName: "active", NewValue: "True"}},
		})
	}
	return batch
}

// recordPopulation makes links for everyone and every group, and all memberships.
func recordPopulation(ctx context.Context, tb testing.TB, s store.Store, fence int64) {
	for from := 0; from < people; from += 1000 {
		batch := linkBatch(from, 1000)
		batch.Log = nil
		must(tb, s.Record(ctx, jobID, fence, batch))
	}
	for g := range 500 {
		batch := store.Batch{PutLinks: []store.Link{{
			LinkKey: store.LinkKey{Type: directory.Group, Source: groupAnchor(g)}, Target: groupAnchor(g), Managed: true, Active: true,
		}}}
		for i := range 1000 {
			batch.PutMembers = append(batch.PutMembers, store.Membership{Group: groupAnchor(g), Member: personAnchor((g*200 + i) % people)})
		}
		must(tb, s.Record(ctx, jobID, fence, batch))
	}
}
