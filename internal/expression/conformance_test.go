package expression

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// ownVector is one entry of testdata/own-vectors.json: the format of expressions.md 12, and for an expected error its
// kind, "configuration" or "evaluation" (expressions.md 1.4).
type ownVector struct {
	ID         string
	Expression string
	Attributes map[string]directory.Value
	Expected   json.RawMessage
	Error      string
	Flow       string
	Now        time.Time
	// Taken is what the target has already, for SelectUniqueValue.
	Taken []directory.Value `json:"target_existing"`
}

// environment lets the expression see the vector's source object and target, and the same fixed parameters every time.
func (v ownVector) environment() Environment {
	return Environment{
		Attribute:     func(name string) directory.Value { return v.Attributes[name] },
		Now:           v.Now,
		Random:        rand.Reader,
		DefaultDomain: "contoso.onmicrosoft.com",
		Parameter:     func(name string) (string, bool) { return "corp.contoso.com", name == "Domain" },
		Taken: func(candidate directory.Value) (bool, error) {
			return slices.ContainsFunc(v.Taken, candidate.Equal), nil
		},
	}
}

// TestOwnVectors holds what the published examples leave open: one vector or more for every rule of expressions.md,
// with the expected value taken from the rule.
func TestOwnVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/own-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []ownVector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, v := range vectors {
		if seen[v.ID] {
			t.Errorf("vector id %s occurs twice", v.ID)
		}
		seen[v.ID] = true
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			v.run(t)
		})
	}
}

func (v ownVector) run(t *testing.T) {
	t.Helper()
	e, err := Parse(v.Expression)
	if v.Error == "configuration" {
		var mistake *SyntaxError
		if !errors.As(err, &mistake) {
			t.Errorf("Parse(%s) = %v, want a *SyntaxError", v.Expression, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	result, err := e.Evaluate(v.environment())
	if v.Error != "" {
		var failure *EvaluationError
		if !errors.As(err, &failure) {
			t.Errorf("%s of %v = %v, %v; want an *EvaluationError", v.Expression, v.Attributes, result.Value, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s of %v: %v", v.Expression, v.Attributes, err)
	}
	var want directory.Value
	if err := json.Unmarshal(v.Expected, &want); err != nil {
		t.Fatal(err)
	}
	outcome := map[string]Outcome{"": Produced, "attribute": DropAttribute, "object": DropObject}[v.Flow]
	if got := asText(result.Value); result.Outcome != outcome || !got.Equal(asText(want)) {
		t.Errorf("%s of %v = %v (%v), want %v (%v)", v.Expression, v.Attributes, result.Value, result.Outcome, want, outcome)
	}
}
