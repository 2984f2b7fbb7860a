package api

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// Runs on one job follow each other, runs on different jobs do not wait, and who is not willing to wait is not made to.
func TestTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all turns
		var order []string
		endFirst, err := all.take(t.Context(), "wiki/main")
		if err != nil {
			t.Fatal(err)
		}
		endOther, err := all.take(t.Context(), "crm/main")
		if err != nil {
			t.Fatal(err)
		}
		endOther()
		done := make(chan struct{})
		for range 2 {
			go func() {
				end, err := all.take(t.Context(), "wiki/main")
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, "later")
				end()
				done <- struct{}{}
			}()
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := all.take(impatient, "wiki/main"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		order = append(order, "first")
		endFirst()
		<-done
		<-done
		if len(order) != 3 || order[0] != "first" {
			t.Errorf("order %v", order)
		}
		if len(all.taken) != 0 {
			t.Errorf("left behind: %v", all.taken)
		}
	})
}
