package storetest

import (
	"context"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// texts are told apart and sorted by their bytes: no folding, no trimming, no normalising, no language.
var texts = []string{" a", "A", "B", "a", "a ", "a%", "a_", "b", "e\u0301", "i", "É", "ß", "é", "ı", "ﬀ", "𝒜"}

func text() []testCase {
	ctx := context.Background()
	return []testCase{
		on("anchors differ by bytes and sort by bytes", func(t *testing.T, s store.Store) {
			var objects []directory.Object
			var batch store.Batch
			for i := range texts {
				anchor := directory.Anchor(texts[len(texts)-1-i])
				objects = append(objects, user(anchor))
				batch.PutLinks = append(batch.PutLinks, link(directory.User, anchor))
			}
			put(t, s, true, objects...)
			keep(t, s, batch)
			found, err := s.ListLinks(ctx, jobID, directory.User, "", 100)
			must(t, err)
			var sorted []string
			for _, l := range found {
				sorted = append(sorted, string(l.Source))
			}
			equal(t, sorted, texts)
			for _, anchor := range texts {
				equal(t, get(t, s, directory.User, directory.Anchor(anchor)), user(directory.Anchor(anchor)))
				byKey, err := s.LinksByMatchKey(ctx, jobID, directory.User, []string{anchor})
				must(t, err)
				equal(t, byKey, map[string][]store.Link{anchor: {link(directory.User, directory.Anchor(anchor))}})
			}
		}),
		on("pages by text meet every text once", func(t *testing.T, s store.Store) {
			var members []directory.Anchor
			batch := store.Batch{PutLinks: []store.Link{link(directory.Group, "g")}}
			for _, anchor := range texts {
				members = append(members, directory.Anchor(anchor))
				batch.PutLinks = append(batch.PutLinks, link(directory.User, directory.Anchor(anchor)))
			}
			put(t, s, true, group("g", members...))
			keep(t, s, batch)
			var met []directory.Anchor
			for after := (store.Membership{}); ; {
				page, err := s.MembershipsToAdd(ctx, jobID, copyID, after, 1)
				must(t, err)
				if len(page) == 0 {
					break
				}
				after = page[0].Membership
				met = append(met, after.Member)
			}
			equal(t, met, members)
		}),
		on("ids and versions are not patterns", func(t *testing.T, s store.Store) {
			for _, id := range texts {
				must(t, s.PutDraft(ctx, store.Draft{Kind: store.DraftApp, ID: id, Body: []byte(id)}))
			}
			must(t, s.DeleteDraft(ctx, store.DraftApp, "a%"))
			all, err := s.ListDrafts(ctx, store.DraftApp)
			must(t, err)
			equal(t, len(all), len(texts)-1)
		}),
	}
}
