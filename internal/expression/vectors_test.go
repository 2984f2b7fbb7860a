package expression

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// vector is one entry of testdata/expression-vectors.json (expressions.md 12).
type vector struct {
	ID         string
	Expression string
	Attributes map[string]directory.Value
	Expected   json.RawMessage
	Flow       string
	Now        time.Time
	// TargetExisting are the values that are used in the target already.
	TargetExisting []string `json:"target_existing"`
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/expression-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// TestVectors runs every conformance vector.
func TestVectors(t *testing.T) {
	t.Parallel()
	vectors := readVectors(t)
	if len(vectors) != 191 {
		t.Errorf("the file holds %d vectors, want 191", len(vectors))
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

// taken answers from the values that exist in the target, ignoring case as directories do.
func (v vector) taken(candidate directory.Value) (bool, error) {
	text, _ := candidate.Text()
	return slices.ContainsFunc(v.TargetExisting, func(existing string) bool { return strings.EqualFold(existing, text) }), nil
}

func (v vector) run(t *testing.T) {
	t.Helper()
	e, err := Parse(v.Expression)
	var result Result
	if err == nil {
		result, err = e.Evaluate(Environment{Attribute: func(name string) directory.Value { return v.Attributes[name] }, Now: v.Now, Taken: v.taken})
	}
	if bytes.HasPrefix(bytes.TrimSpace(v.Expected), []byte("{")) {
		if err == nil {
			t.Errorf("%s = %v, want an error", v.Expression, result.Value)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	outcome := map[string]Outcome{"": Produced, "attribute": DropAttribute, "object": DropObject}[v.Flow]
	var want directory.Value
	if err := json.Unmarshal(v.Expected, &want); err != nil {
		t.Fatal(err)
	}
	if got := asText(result.Value); result.Outcome != outcome || !got.Equal(asText(want)) {
		t.Errorf("%s = %v (%v), want %v (%v)", v.Expression, result.Value, result.Outcome, want, outcome)
	}
}

// asText converts to text element by element, as the vectors are compared.
func asText(value directory.Value) directory.Value {
	if text, ok := value.Text(); ok {
		return directory.Text(text)
	}
	if value.Kind() != directory.KindList {
		return value
	}
	var elements []directory.Value
	for _, element := range value.Elements() {
		elements = append(elements, asText(element))
	}
	return directory.List(elements...)
}
