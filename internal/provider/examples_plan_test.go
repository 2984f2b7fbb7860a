package provider_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const examples = "../../examples"

// Every example is planned, so that the documentation never shows what does not work. Each file stands for itself,
// except those of a guide, which belong together.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	var configurations [][]string
	for _, pattern := range []string{"resources/*/resource*.tf", "data-sources/*/data-source*.tf"} {
		files, err := filepath.Glob(filepath.Join(examples, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no examples found at %s: %v", pattern, err)
		}
		for _, file := range files {
			configurations = append(configurations, []string{file})
		}
	}
	guides, err := filepath.Glob(filepath.Join(examples, "guides/*"))
	if err != nil || len(guides) == 0 {
		t.Fatalf("no guides found: %v", err)
	}
	for _, guide := range guides {
		files, err := filepath.Glob(filepath.Join(guide, "*.tf"))
		if err != nil {
			t.Fatal(err)
		}
		configurations = append(configurations, files)
	}
	for _, files := range configurations {
		name, err := filepath.Rel(examples, files[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := example(t, files)
			if strings.HasPrefix(name, "resources/") || strings.HasPrefix(name, "guides/") {
				step.PlanOnly, step.ExpectNonEmptyPlan = true, true
			}
			bench(t).Run(t, step)
		})
	}
}

func TestAccExamplesOfTheProviderBlock(t *testing.T) {
	for name, namespace := range map[string]string{
		"provider.tf":       "app-provisioning", // names the provider's address
		"provider-store.tf": "hashicorp",        // which is what the harness takes for granted
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TF_ACC_PROVIDER_NAMESPACE", namespace)
			step := example(t, []string{filepath.Join(examples, "provider", name)})
			step.ProtoV6ProviderFactories = bench(t).Factories()
			step.PlanOnly = true
			resource.Test(t, resource.TestCase{Steps: []resource.TestStep{step}})
		})
	}
}

// example returns a step with some files as one directory and a value for every variable that has no default.
func example(t *testing.T, files []string) resource.TestStep {
	t.Helper()
	directory := t.TempDir()
	variables := config.Variables{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(directory, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, match := range declaredVariable.FindAllSubmatch(text, -1) {
			if hasDefault.Match(match[0]) {
				continue
			}
			variables[string(match[1])] = config.StringVariable(valueFor(t, string(match[1])))
		}
	}
	return resource.TestStep{ConfigDirectory: config.StaticDirectory(directory), ConfigVariables: variables}
}

// valueFor returns an example of what a variable holds, by the end of its name.
func valueFor(t *testing.T, variable string) string {
	t.Helper()
	certificate, key := strings.HasSuffix(variable, "_certificate"), strings.HasSuffix(variable, "_private_key")
	if !certificate && !key {
		return "an-example"
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kind, encode := "PRIVATE KEY", func() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(private) }
	if certificate {
		kind, encode = "CERTIFICATE", func() ([]byte, error) {
			return x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{}, public, private)
		}
	}
	encoded, err := encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: encoded}))
}

var (
	declaredVariable = regexp.MustCompile(`(?m)^variable "(\w+)" \{[^}]*\}`)
	hasDefault       = regexp.MustCompile(`\bdefault\s*=`)
)

// bench returns an engine with the drafts that examples refer to by id, as if managed by another part of a
// configuration.
func bench(t *testing.T) *acctest.Bench {
	t.Helper()
	b := acctest.On(acctest.NewFake().Client())
	for _, draft := range []*provisioningv1.Draft{
		{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{Key: "people"}}},
		{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "crm"}}},
		{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: &provisioningv1.ScimConnection{AppId: "crm", Name: "scim"}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{AppId: "crm", ObjectType: "user"}}},
	} {
		b.Put(t, draft)
	}
	return b
}
