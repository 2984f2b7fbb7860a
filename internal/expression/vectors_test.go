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

// TestVectors runs every conformance vector. A vector whose function this version lacks must be listed in
// testdata/pending-vectors.txt and must fail for that reason, so the list can neither hide a defect nor
// outlive the gap.
func TestVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/pending-vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	pending := strings.Fields(string(data))
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
			e, err := Parse(v.Expression)
			lacking := err != nil && strings.Contains(err.Error(), "is not available in this version")
			if listed := slices.Contains(pending, v.ID); listed != lacking {
				t.Fatalf("listed as pending: %v, but its function is lacking: %v (%v)", listed, lacking, err)
			}
			if lacking {
				return
			}
			v.run(t, e, err)
		})
	}
	for _, id := range pending {
		if !seen[id] {
			t.Errorf("pending vector %s does not exist", id)
		}
	}
}

func (v vector) run(t *testing.T, e *Expression, err error) {
	t.Helper()
	var result Result
	if err == nil {
		result, err = e.Evaluate(Environment{Attribute: func(name string) directory.Value { return v.Attributes[name] }, Now: v.Now})
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
