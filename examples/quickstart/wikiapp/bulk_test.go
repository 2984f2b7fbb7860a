package wikiapp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

func TestBulk(t *testing.T) {
	t.Parallel()
	k := kit{t, wikiapp.New(wikiapp.Options{Token: "secret", BulkOperations: 5})}
	if bulk := k.want(200, "GET", "/ServiceProviderConfig", "")["bulk"].(tree); bulk["supported"] != true || bulk["maxOperations"] != 5.0 {
		t.Errorf("announced: %v", bulk)
	}
	ann := k.user("ann", "")
	const head = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],`
	answer := k.want(200, "POST", "/Bulk", head+`"Operations":[
		{"method":"POST","bulkId":"1","path":"/Users","data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bob"}},
		{"method":"POST","bulkId":"2","path":"/Users","data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}},
		{"method":"PATCH","path":"/Users/`+ann+`","data":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Dr"}]}},
		{"method":"POST","path":"/Users","data":{}},
		{"method":"DELETE","path":"/Users/nobody"}]}`)
	var got []any
	for _, element := range answer["Operations"].([]any) {
		one := element.(tree)
		got = append(got, []any{one["method"], one["bulkId"], one["status"]})
	}
	want := []any{[]any{"POST", "1", "201"}, []any{"POST", "2", "409"}, []any{"PATCH", nil, "200"}, []any{"POST", nil, "400"}, []any{"DELETE", nil, "404"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	users := k.app.Users()
	if len(users) != 2 || users[0].UserName != "ann" || users[0].Title != "Dr" || users[1].UserName != "bob" {
		t.Errorf("users: %+v", users)
	}
	answer = k.want(200, "POST", "/Bulk", head+`"failOnErrors":1,"Operations":[
		{"method":"DELETE","path":"/Users/nobody"},{"method":"DELETE","path":"/Users/`+ann+`"}]}`)
	if operations := answer["Operations"].([]any); len(operations) != 1 || len(k.app.Users()) != 2 {
		t.Errorf("after a failure: %v", operations)
	}
	k.want(413, "POST", "/Bulk", head+`"Operations":[{},{},{},{},{},{}]}`)
	k.want(400, "POST", "/Bulk", `{"Operations":[]}`)
}
