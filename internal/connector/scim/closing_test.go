package scim_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// counted is a server that knows how many connections are open; closed is told each time one ends.
func counted(t *testing.T, handler http.HandlerFunc) (address string, open func() int, closed <-chan struct{}) {
	t.Helper()
	var mu sync.Mutex
	connections, ended := map[net.Conn]bool{}, make(chan struct{}, 100)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(connection net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if connections[connection] = true; state == http.StateClosed {
			delete(connections, connection)
			ended <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(connections)
	}, ended
}

// TestCloseGivesConnectionsBack: those to the target, and those to the token endpoint (connector.Connector). Every cycle opens a
// connector of its own.
func TestCloseGivesConnectionsBack(t *testing.T) {
	t.Parallel()
	target, toTarget, targetClosed := counted(t, okHandler)
	login, toLogin, loginClosed := counted(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"access","token_type":"Bearer"}`))
	})
	c, err := scim.New(scim.Options{BaseURL: target, RateLimit: unlimited, OAuth2: &scim.OAuth2{TokenURL: login, ClientID: "me", ClientSecret: secret.New(clientSecret)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := getUser(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if toTarget() != 1 || toLogin() != 1 {
		t.Errorf("%d connections to the target, %d to the token endpoint, want 1 and 1: they are kept for the next request", toTarget(), toLogin())
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, closed := range map[string]<-chan struct{}{"target": targetClosed, "token endpoint": loginClosed} {
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Errorf("after Close a connection to the %s is still open", name)
		}
	}
	if open := toTarget() + toLogin(); open != 0 {
		t.Errorf("%d connections are open", open)
	}
}
