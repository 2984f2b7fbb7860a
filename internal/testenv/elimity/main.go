// Command elimity serves the SCIM library github.com/elimity-com/scim with handlers and an in-memory store of our own, one store
// for each tenant: http://127.0.0.1:PORT/TENANT/v2. What a tenant holds is read at /TENANT/dump, which is no part of SCIM.
//
// The token is taken from the environment; the port is told on standard output. It is a module of its own, so that the product
// does not depend on what it is tested with.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

type tenantKey struct{}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, newServer(os.Getenv("TESTENV_TOKEN"))))
}

func newServer(token string) http.Handler {
	all := &stores{byTenant: map[string]*store{}}
	server := scim.Server{
		Config: scim.ServiceProviderConfig{MaxResults: 100, SupportFiltering: true, SupportPatch: true,
			AuthenticationSchemes: []scim.AuthenticationScheme{{Type: scim.AuthenticationTypeOauthBearerToken, Name: "Bearer", Primary: true}}},
		ResourceTypes: []scim.ResourceType{
			{ID: optional.NewString("User"), Name: "User", Endpoint: "/Users", Schema: schema.CoreUserSchema(),
				SchemaExtensions: []scim.SchemaExtension{{Schema: schema.ExtensionEnterpriseUser()}}, Handler: handler{all, users}},
			{ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups", Schema: schema.CoreGroupSchema(), Handler: handler{all, groups}},
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenant, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case rest == "dump":
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(all.of(tenant).dump())
		case r.Header.Get("Authorization") != "Bearer "+token:
			http.Error(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401"}`, http.StatusUnauthorized)
		default:
			inner := r.Clone(context.WithValue(r.Context(), tenantKey{}, tenant))
			inner.URL.Path, inner.URL.RawPath = "/"+rest, ""
			server.ServeHTTP(w, inner)
		}
	})
}
