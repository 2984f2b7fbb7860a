package scim_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// parrot gives one answer to everything, and a token where a token is asked for.
type parrot struct {
	status            int
	retryAfter, place string
	body, token       []byte
	requests, tooMany int
	secrets           []string
	contentType       string
}

// talkative is how many requests one call may send: none of those below lists more than a few pages of the same.
const talkative = 400

var errLoop = errors.New("it goes on and on")

func (p *parrot) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if p.requests++; p.requests > talkative {
		p.tooMany++
		return nil, errLoop
	}
	body, status := p.body, p.status
	if r.URL.Path == "/token" {
		body, status = p.token, http.StatusOK
	}
	header := http.Header{"Content-Type": {p.contentType}}
	if p.retryAfter != "" {
		header["Retry-After"] = []string{p.retryAfter}
	}
	if p.place != "" {
		header["Location"] = []string{p.place}
	}
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: r,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}, nil
}

// askAll does everything that a connector can do and returns the errors.
func askAll(t *testing.T, c *scim.Connector) (failures []error) {
	text := directory.Text
	note := func(err error) {
		if err != nil {
			failures = append(failures, err)
		}
	}
	note(c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: "nobody"}))
	_, err := c.Discover(t.Context())
	note(err)
	for _, all := range []bool{false, true} {
		_, err = c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: `emails[type eq "work"].value`, Value: text("a@b.example"), Attributes: []string{"roles", "manager"}, All: all})
		note(err)
	}
	_, err = c.Get(t.Context(), directory.User, "1", []string{"userName", "active", "emails", "addresses"})
	note(err)
	_, err = c.Members(t.Context(), "1")
	note(err)
	note(c.List(t.Context(), connector.Listing{Type: directory.Group, Attributes: []string{"displayName"}}, func([]connector.Account) error { return nil }))
	name := []connector.Change{{Attribute: "active", Value: directory.Boolean(false)}, {Attribute: `emails[type eq "work"].value`, Value: text("c@d.example")}, {Attribute: "userName", Value: text("ada")}}
	for _, operation := range []connector.Operation{
		{ID: "1", Kind: connector.Create, Type: directory.User, Changes: name},
		{ID: "2", Kind: connector.Update, Type: directory.User, Target: "1", Changes: name},
		{ID: "3", Kind: connector.Delete, Type: directory.User, Target: "1"},
		{ID: "4", Kind: connector.AddMembers, Type: directory.Group, Target: "1", Members: []directory.Anchor{"2", "3"}},
		{ID: "5", Kind: connector.RemoveMembers, Type: directory.Group, Target: "1", Members: []directory.Anchor{"2", "3"}},
	} {
		outcome := c.Apply(t.Context(), []connector.Operation{operation})[0]
		note(outcome.Err)
		if operation.Kind == connector.Create && outcome.Err == nil && outcome.Target == "" {
			t.Error("an account was created that has no id")
		}
	}
	return failures
}

// judgeParrot: whatever is answered, every error has a kind, no secret is in one, and nothing goes on for ever.
func judgeParrot(t *testing.T, p *parrot, failures []error) {
	for _, err := range failures {
		if directory.KindOf(err) == "" {
			t.Errorf("an error without a kind: %v", err)
		}
		for _, hidden := range p.secrets {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("a secret is told: %v", err)
			}
		}
	}
	if p.tooMany > 0 {
		t.Errorf("%d requests", p.requests+p.tooMany)
	}
}

// FuzzAnswer: a target may answer anything to anything, and say anything about when to come back and where to go.
func FuzzAnswer(f *testing.F) {
	const errorBody = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"noTarget","detail":"d","status":"400"}`
	for _, seed := range []struct {
		status                  int
		retryAfter, place, body string
	}{
		{200, "", "", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":[{"id":"1","userName":"ada","emails":[{"value":"a@b.example"}]}]}`},
		{200, "", "", `{"totalResults":9,"nextCursor":"x","Resources":[{"id":"1"},{"id":"2"}]}`},
		{201, "", "/scim/v2/Users/a%2Fb", `{"id":"a/b","userName":"ada","meta":{"location":"x"}}`},
		{200, "", "", `{"id":"1","displayName":"g","members":[{"value":"2"},{"$ref":"../Users/3"},"4"]}`},
		{400, "", "", errorBody}, {409, "", "", errorBody}, {404, "", "", ""}, {405, "", "", ""}, {413, "1", "", ""}, {501, "", "", "<html>"},
		{200, "", "", errorBody}, {429, "7", "", ""}, {429, "-1", "", ""}, {503, "Fri, 31 Dec 1999 23:59:59 GMT", "", ""}, {503, "99999999999999999999", "", ""},
		{500, "", "", "boom"}, {302, "", "/scim/v2/Users", ""}, {307, "", "http://else.example/", ""}, {308, "", "%zz", ""}, {204, "", "", ""}, {200, "", "", "\ufeff{}"},
		{200, "", "", `{"patch":{"supported":false},"bulk":{"supported":true,"maxOperations":2,"maxPayloadSize":10},"filter":null}`},
		{200, "", "", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"bulkId":"1","status":"201","location":"/scim/v2/Users/7"},{"status":{"code":"400"}}]}`},
	} {
		f.Add(uint16(seed.status), seed.retryAfter, seed.place, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, status uint16, retryAfter, place string, body []byte) {
		if strings.ContainsAny(retryAfter+place, "\r\n\x00") {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			if status < 200 || status > 599 {
				status = 200 + status%400
			}
			p := &parrot{status: int(status), retryAfter: retryAfter, place: place, contentType: "application/scim+json", secrets: []string{token}}
			// The target may repeat the token.
			p.body = bytes.ReplaceAll(body, []byte("ada"), []byte("ada "+token))
			if c := parroted(t, scim.Options{BearerToken: secret.New(token)}, p); c != nil {
				judgeParrot(t, p, askAll(t, c))
			}
		})
	})
}

func parroted(t *testing.T, options scim.Options, p *parrot) *scim.Connector {
	options.BaseURL, options.Transport, options.RateLimit, options.Timeout = "http://localhost:1/scim/v2", p, unlimited, time.Second
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// FuzzTokenAnswer: a token endpoint may answer anything too. What it delivers goes into a header or is refused.
func FuzzTokenAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"abc","token_type":"Bearer","expires_in":3600}`, `{"access_token":"abc","token_type":"bearer","expires_in":"60"}`, `{"access_token":"a b\n","token_type":"Bearer"}`,
		`{"access_token":"abc","token_type":"mac","expires_in":-1}`, `{"error":"invalid_client","error_description":"s3cr3t"}`, `{}`, ``, `access_token=abc&token_type=bearer`, `{"access_token":7,"expires_in":1e400}`,
		`{"access_token":"abc","expires_in":` + strconv.Itoa(1<<62) + `}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		synctest.Test(t, func(t *testing.T) {
			const clientSecret = "cl13nt-s3cr3t"
			p := &parrot{status: http.StatusOK, body: []byte(`{"totalResults":0,"Resources":[]}`), contentType: "application/json", secrets: []string{clientSecret},
				token: bytes.ReplaceAll(answer, []byte("s3cr3t"), []byte(clientSecret))}
			c := parroted(t, scim.Options{OAuth2: &scim.OAuth2{TokenURL: "http://localhost:1/token", ClientID: "me", ClientSecret: secret.New(clientSecret)}}, p)
			var failures []error
			for range 2 {
				if err := c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: "nobody"}); err != nil {
					failures = append(failures, err)
				}
			}
			judgeParrot(t, p, failures)
		})
	})
}
