package expression

import "github.com/app-provisioning/terraform-provider-provisioning/internal/directory"

// evaluateIIF evaluates the condition and then only the chosen branch.
func evaluateIIF(v evaluator, c *call) (Result, error) {
	condition, err := v.evaluate(c.places[0].node)
	if err != nil || condition.Outcome != Produced {
		return condition, err
	}
	if truth(condition.Value) {
		return v.evaluate(c.places[1].node)
	}
	return v.evaluate(c.places[2].node)
}

// evaluateSwitch evaluates the source, the keys from left to right up to the first equal one, and only the
// value that is returned. A null or empty source equals the key "" (expressions.md 4.2).
func evaluateSwitch(v evaluator, c *call) (Result, error) {
	source, result, err := v.key(c, 0)
	if err != nil || result.Outcome != Produced {
		return result, err
	}
	for i := 2; i+1 < len(c.places); i += 2 {
		key, result, err := v.key(c, i)
		if err != nil || result.Outcome != Produced {
			return result, err
		}
		if key == source {
			return v.evaluate(c.places[i+1].node)
		}
	}
	if c.places[1].node == nil {
		return produced(directory.Null()), nil
	}
	return v.evaluate(c.places[1].node)
}

// key evaluates a place of Switch to the text by which source and keys are compared.
func (v evaluator) key(c *call, i int) (string, Result, error) {
	result, err := v.evaluate(c.places[i].node)
	if err != nil || result.Outcome != Produced || result.Value.IsEmpty() {
		return "", result, err
	}
	text, err := textOf(result.Value)
	if err != nil {
		return "", Result{}, v.fail(c.function.Name, c.offset, arguments{call: c}.about(i, err))
	}
	return text, result, nil
}

func checkSwitch(c *call) string {
	if len(c.places)%2 != 0 {
		return "Switch needs an even number of arguments: source, default (may be empty), then pairs of key and value"
	}
	return ""
}

// evaluateCoalesce returns the first argument that is neither null nor empty, and the last one as it is
// (expressions.md 4.2).
func evaluateCoalesce(v evaluator, c *call) (Result, error) {
	result := Result{}
	for _, p := range c.places {
		if p.node == nil {
			continue
		}
		var err error
		result, err = v.evaluate(p.node)
		if err != nil || result.Outcome != Produced || !result.Value.IsEmpty() {
			return result, err
		}
	}
	return result, nil
}

func evaluateIgnoreFlow(v evaluator, c *call) (Result, error) {
	result, err := v.evaluate(c.places[0].node)
	if err == nil && result.Outcome == Produced && result.Value.IsEmpty() {
		return Result{Outcome: DropAttribute}, nil
	}
	return result, err
}
