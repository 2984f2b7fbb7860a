package scimconnection_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

// selfSigned returns a certificate and its key in PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)},
		&x509.Certificate{}, public, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// sentSecrets returns the secrets of every write of the connection.
func sentSecrets(fake *acctest.Fake) []map[string]string {
	var sent []map[string]string
	for _, put := range fake.Puts() {
		if put.GetDraft().GetScimConnection() != nil {
			sent = append(sent, put.GetSecrets())
		}
	}
	return sent
}

// secrecy checks that no secret is in a state or a plan.
type secrecy struct {
	t       *testing.T
	secrets []string
}

func (s secrecy) look(where string, content any) {
	s.t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		s.t.Fatal(err)
	}
	// A key in PEM has other line ends in JSON.
	plain := strings.ReplaceAll(string(text), `\n`, "\n")
	for _, value := range s.secrets {
		if strings.Contains(plain, value) || strings.Contains(string(text), value) {
			s.t.Errorf("the secret %.20q is in the %s", value, where)
		}
	}
	if !strings.Contains(string(text), "wiki.example.com") {
		s.t.Errorf("the search of the %s finds nothing at all", where)
	}
}

func (s secrecy) CheckState(_ context.Context, req statecheck.CheckStateRequest, _ *statecheck.CheckStateResponse) {
	s.look("state", req.State)
}

func (s secrecy) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, _ *plancheck.CheckPlanResponse) {
	plan := *req.Plan
	plan.Config = nil // the text of the configuration itself, in which these secrets are written
	s.look("plan", plan)
}

// TestAccSCIMConnectionCredentials: every way to prove who is asking is created, changed into the next one and imported, with
// nothing left to plan; a secret is sent when its version changes, and is in no state and no plan.
func TestAccSCIMConnectionCredentials(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t)
	fake := acctest.NewFake()
	hidden := secrecy{t, []string{
		key, strings.Split(key, "\n")[1], "first-client-secret", "second-client-secret", "third-client-secret", "password-of-the-user", "password-at-the-proxy", "the-bearer-token",
	}}
	null := func(paths ...string) statecheck.StateCheck {
		at := tfjsonpath.New(paths[0])
		for _, name := range paths[1:] {
			at = at.AtMapKey(name)
		}
		return statecheck.ExpectKnownValue(address, at, knownvalue.Null())
	}
	var steps []resource.TestStep
	add := func(name string, action plancheck.ResourceActionType, withKeys bool, checks ...statecheck.StateCheck) {
		step := acctest.Apply(t, name, address, action)
		if withKeys {
			step.ConfigVariables = config.Variables{"certificate": config.StringVariable(certificate), "key": config.StringVariable(key)}
		}
		step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply, hidden)
		step.ConfigStateChecks = append([]statecheck.StateCheck{hidden}, checks...)
		imported := acctest.Import(address)
		imported.ConfigVariables = step.ConfigVariables
		steps = append(steps, step, imported)
	}
	add("secret", plancheck.ResourceActionCreate, false, null("oauth2", "client_secret_wo"), null("oauth2", "scopes"), null("profile"), null("tls"))
	add("rotated", plancheck.ResourceActionUpdate, false, null("oauth2", "client_secret_wo"))
	add("unsent", plancheck.ResourceActionUpdate, false)
	add("assertion", plancheck.ResourceActionUpdate, true, null("oauth2", "private_key_wo"))
	add("certificate", plancheck.ResourceActionUpdate, true, null("oauth2"), null("tls", "client_key_wo"))
	add("everything", plancheck.ResourceActionUpdate, true, null("basic", "password_wo"), null("proxy", "password_wo"))
	add("bearer", plancheck.ResourceActionUpdate, false, null("basic"), null("tls"), null("headers"), null("proxy", "username"))

	acctest.On(fake.Client()).Run(t, steps...)

	want := []map[string]string{
		{"client_secret": "first-client-secret"},
		{"client_secret": "second-client-secret"},
		nil, // the version is the same
		{"private_key": key},
		{"client_key": key},
		{"client_key": key, "password": "password-of-the-user", "proxy_password": "password-at-the-proxy"},
		{"bearer_token": "the-bearer-token"},
	}
	if diff := cmp.Diff(want, sentSecrets(fake)); diff != "" {
		t.Error(diff)
	}
}
