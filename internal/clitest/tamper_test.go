package clitest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

// tamper does what an administrator of the application does. It must not hide what the engine has written: that has to be
// asked before.
func (s *stage) tamper(ts *testscript.TestScript, args []string) {
	if len(args) != 1 && len(args) != 3 {
		ts.Fatalf("usage: tamper NAME [ATTRIBUTE JSON]")
	}
	users := s.app.Users()
	at := slices.IndexFunc(users, func(user wikiapp.User) bool { return user.UserName == args[0]+"@example.com" })
	if at < 0 {
		ts.Fatalf("there is no account %s", args[0])
	}
	method, body, want := http.MethodDelete, "", http.StatusNoContent
	if len(args) == 3 {
		method, want = http.MethodPatch, http.StatusOK
		body = fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":%q,"value":%s}]}`, args[1], args[2])
	}
	request := httptest.NewRequest(method, wikiapp.Prefix+"/Users/"+users[at].ID, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/scim+json")
	answer := httptest.NewRecorder()
	s.app.ServeHTTP(answer, request)
	if answer.Code != want && answer.Code != http.StatusNoContent {
		ts.Fatalf("%s: status %d: %s", strings.Join(args, " "), answer.Code, answer.Body)
	}
	s.app.ResetRequests()
}
