package checkup

import (
	"context"
	"errors"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// The probes of a store.
const (
	probeWrite = "write"
	probeKey   = "key"
)

// nobody is a connection that no configuration can have: a name is never empty.
const nobody = "check-up/"

func (p *patient) store(ctx context.Context, connections []Connection) {
	err := p.engine.Store.PutDescribed(ctx, store.ConnectionKey{ConnectionID: nobody}, store.Described{At: p.engine.Now()})
	if err == nil {
		_, err = p.engine.Store.ForgetKnowledge(ctx, nobody, nil)
	}
	if err != nil {
		p.tell(probeWrite, fail, err.Error(), "Check that the store's file and its directory can be written by this user, that the disk is not full, and that no other program holds the file.")
	} else {
		p.tell(probeWrite, pass, "the store can be read and written", "")
	}
	p.key(ctx, connections)
}

// key opens every secret that a connection uses: one that was sealed with another key cannot be opened.
func (p *patient) key(ctx context.Context, connections []Connection) {
	opened := 0
	for _, connection := range connections {
		for _, which := range connection.Secrets() {
			_, err := p.engine.Store.GetSecret(ctx, connection.ID(), which)
			switch {
			case err == nil:
				opened++
			case !errors.Is(err, directory.NotFound): // a secret that is missing is the connection's affair
				p.tell(probeKey, fail, err.Error(), "Use the key the store was made with: the file beside the store, or PROVISIONING_STORE_KEY. If it is lost, give every connection its secrets anew, with a new version.")
				return
			}
		}
	}
	if opened == 0 {
		p.skip("no secret is stored", probeKey)
		return
	}
	p.tell(probeKey, pass, fmt.Sprintf("every stored secret can be opened (%d)", opened), "")
}
