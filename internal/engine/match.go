package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// MatchValue is what an object's account is looked for by: the value of one matching attribute or, where several share a
// precedence, the values of all of them.
type MatchValue struct {
	Condition
	// Further are the other attributes of a composite, whose values the account has to hold too; sorted by attribute.
	Further []Condition
	// Key is the whole in the form it is compared in.
	Key string
}

// Condition is a value that an account has to hold.
type Condition struct {
	Attribute string
	Value     directory.Value
}

// By names the attributes.
func (v MatchValue) By() string {
	set := MatchSet{v.Attribute}
	for _, condition := range v.Further {
		set = append(set, condition.Attribute)
	}
	return set.String()
}

// Name is the value as it is written, for people.
func (v MatchValue) Name() string {
	name, _ := v.Value.Text()
	for _, condition := range v.Further {
		text, _ := condition.Value.Text()
		name += ", " + text
	}
	return name
}

// MatchSet is the attributes of one matching precedence, sorted.
type MatchSet []string

// String names the attributes for people, and tells sets of one mapping apart.
func (s MatchSet) String() string { return strings.Join(s, " and ") }

// MatchSets returns the matching target attributes of an object type in the order they are tried.
func (p *Program) MatchSets(objectType directory.ObjectType) []MatchSet {
	compiled := p.types[objectType]
	if compiled == nil {
		return nil
	}
	var sets []MatchSet
	for _, together := range compiled.composites() {
		set := make(MatchSet, len(together))
		for i := range together {
			set[i] = together[i].Target
		}
		sets = append(sets, set)
	}
	return sets
}

// composites returns the matching attributes, cut where the precedence changes.
func (t *typeProgram) composites() [][]attribute {
	var cut [][]attribute
	for rest := t.matching; len(rest) > 0; {
		same := func(a attribute) bool { return a.MatchingPrecedence != rest[0].MatchingPrecedence }
		end := slices.IndexFunc(rest, same)
		if end < 0 {
			end = len(rest)
		}
		cut, rest = append(cut, rest[:end]), rest[end:]
	}
	return cut
}

// MatchKey is the form in which matching values are compared: one text per attribute and value. Case counts where the
// target says that it does, so that looking an account up in the index and asking the target give the same answer. What is
// no single value has none.
func (p *Program) MatchKey(attribute string, value directory.Value) string {
	text, ok := value.Text()
	if !ok {
		return ""
	}
	if !p.traits.exact(attribute) {
		text = fold(text)
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) { // no store keeps it
		return strings.ToLower(attribute) + ":" + strconv.Quote(text)
	}
	return strings.ToLower(attribute) + "=" + text
}

// fold writes text that strings.EqualFold calls equal in one way, in lower case. Lower-casing alone does not: a Greek sigma
// has two small letters.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r < 'A' || r > 'Z') && r != 'k' && r != 's' {
			return r
		}
		first := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			first = min(first, next)
		}
		if first == unicode.SimpleFold(first) {
			return r
		}
		return unicode.ToLower(first)
	}, text)
}

// compositeKey joins the keys of several attributes. It is quoted, so that no value can pass for the end of another one.
func compositeKey(keys []string) string {
	if len(keys) == 1 {
		return keys[0]
	}
	quoted := make([]string, len(keys))
	for i, key := range keys {
		quoted[i] = strconv.Quote(key)
	}
	return strings.Join(quoted, "&")
}

// AccountKeys returns the keys by which an account is found when it is looked for by a set: those of every value it holds.
// It is empty when the account has no value of some attribute.
func (p *Program) AccountKeys(set MatchSet, held map[string]directory.Value) []string {
	combinations := [][]string{nil}
	for _, attribute := range set {
		var longer [][]string
		for _, key := range p.heldKeys(attribute, held[attribute]) {
			for _, before := range combinations {
				longer = append(longer, append(slices.Clone(before), key))
			}
		}
		combinations = longer
	}
	keys := make([]string, len(combinations))
	for i, combination := range combinations {
		keys[i] = compositeKey(combination)
	}
	return keys
}

// heldKeys are the keys of the values an account holds in one attribute, without repeats. An element of a list is known by
// its value.
func (p *Program) heldKeys(attribute string, held directory.Value) []string {
	var keys []string
	for _, element := range held.Elements() {
		if element.Kind() == directory.KindRecord {
			element = element.Field(elementValue)
		}
		if key := p.MatchKey(attribute, element); key != "" && !element.IsEmpty() && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Holds reports whether an account that was found by the first attribute of a composite holds the further values too.
func (p *Program) Holds(value MatchValue, held map[string]directory.Value) bool {
	for _, condition := range value.Further {
		if !slices.Contains(p.heldKeys(condition.Attribute, held[condition.Attribute]), p.MatchKey(condition.Attribute, condition.Value)) {
			return false
		}
	}
	return true
}

// Names reports whether text names the object that has the match value, as people write it.
func (p *Program) Names(value MatchValue, text string) bool {
	if len(value.Further) > 0 {
		return strings.EqualFold(value.Name(), text)
	}
	return p.MatchKey(value.Attribute, directory.Text(text)) == value.Key
}

// matchValues returns an object's matching values in the order they are tried, and the results of all matching mappings.
// Mappings without a value are passed over (engine.md 9), and with them those of the same precedence.
func (p *Program) matchValues(compiled *typeProgram, object directory.Object, in Inputs) ([]MatchValue, []expression.Result, error) {
	environment := p.environment(object, false, in)
	var values []MatchValue
	var results []expression.Result
	for _, together := range compiled.composites() {
		var conditions []Condition
		var keys []string
		for i := range together {
			mapped := &together[i]
			result, err := p.produce(compiled, mapped, environment, in)
			if err != nil {
				return nil, nil, err
			}
			results = append(results, result)
			if result.Outcome != expression.Produced || result.Value.IsEmpty() {
				continue
			}
			key := p.MatchKey(mapped.Target, result.Value)
			if key == "" {
				return nil, nil, directory.Errorf(directory.Invalid, "%w: %w", errMapping,
					fmt.Errorf("matching attribute %s yields a %s; it must be a single value", mapped.Target, result.Value.Kind()))
			}
			conditions, keys = append(conditions, Condition{mapped.Target, result.Value}), append(keys, key)
		}
		if len(conditions) == len(together) {
			values = append(values, MatchValue{Condition: conditions[0], Further: conditions[1:], Key: compositeKey(keys)})
		}
	}
	return values, results, nil
}
