package expression

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// compare evaluates a condition. An attribute that is null or empty fails it, whatever the operator
// (expressions.md 2.6).
func (v evaluator) compare(n *comparison) (Result, error) {
	var texts [2]string
	failed := false
	for i, side := range []node{n.left, n.right} {
		result, err := v.evaluate(side)
		if err != nil || result.Outcome != Produced {
			return result, err
		}
		if _, attribute := side.(*reference); attribute && result.Value.IsEmpty() {
			failed = true
			continue
		}
		if texts[i], err = textOf(result.Value); err != nil {
			return Result{}, v.fail(n.operator, n.offset, err)
		}
	}
	return produced(directory.Boolean(!failed && holds(n.operator, order(texts[0], texts[1])))), nil
}

func holds(operator string, order int) bool {
	switch operator {
	case "=":
		return order == 0
	case "<>":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	default:
		return order <= 0
	}
}

// order compares as numbers when both texts are numeric, else ordinally.
func order(left, right string) int {
	if l, ok := integerOf(left); ok {
		if r, ok := integerOf(right); ok {
			return cmp.Compare(l, r)
		}
	}
	if l, numeric := decimalOf(left); numeric {
		if r, numeric := decimalOf(right); numeric {
			return l.Cmp(r)
		}
	}
	return strings.Compare(left, right)
}

// integerOf converts text to an integer: optional sign and digits, surrounding blanks ignored
// (expressions.md 1.1).
func integerOf(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	// The error of ParseInt would copy the text.
	if text == "" || len(text) > longestNumber || !isDigit(text[len(text)-1]) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// longestNumber bounds the conversion of digits nobody means as a number.
const longestNumber = 400

func decimalOf(text string) (*big.Rat, bool) {
	text = strings.TrimSpace(text)
	if len(text) > longestNumber {
		return nil, false
	}
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789.") != "" ||
		!isDigit(digits[0]) || !isDigit(digits[len(digits)-1]) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// truth converts a value to a boolean: true in any case and numbers other than zero (expressions.md 1.1,
// 4.2). Everything else is false.
func truth(value directory.Value) bool {
	if truth, ok := value.AsBoolean(); ok {
		return truth
	}
	text, ok := value.Text()
	if !ok {
		return false
	}
	if strings.EqualFold(strings.TrimSpace(text), "true") {
		return true
	}
	number, ok := decimalOf(text)
	return ok && number.Sign() != 0
}
