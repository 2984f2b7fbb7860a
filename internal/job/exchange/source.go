package exchange

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// source reads where a value comes from and returns it as an expression; "" is the mapping type None.
func (i *importer) source(v *value, at Note) string {
	s := v.object("source")
	if s == nil || s.allEmpty() {
		s.consume()
		return ""
	}
	return i.part(s, at)
}

func (v *value) allEmpty() bool {
	return !slices.ContainsFunc(v.elements, func(member *value) bool { return !member.empty() })
}

// part reads one part of an expression in the stored form, which says the same twice: as text and as tree
// (expressions.md 3). The text is taken when both agree; when they do not, the tree is, as far as it can be read.
func (i *importer) part(s *value, at Note) string {
	text, _ := s.scalar("expression")
	rebuilt := i.rebuild(s, at)
	if rebuilt == "" || text != "" && sameExpression(text, rebuilt) {
		return text
	}
	if text == "" {
		return rebuilt
	}
	parsed, textErr := expression.Parse(text)
	_, treeErr := expression.Parse(rebuilt)
	chosen := rebuilt
	if textErr == nil && treeErr != nil {
		chosen = text
	}
	// A tree that stops at the function's name does not contradict the text.
	if parameters := s.find("parameters"); textErr == nil && (parameters == nil || parameters.empty()) && parsed.Tree().Name == s.find("name").written() {
		return text
	}
	// A constant is sometimes written without the quotation marks.
	if text == s.find("name").written() {
		return chosen
	}
	at.Kind, at.Path = Changed, s.path
	at.Message = fmt.Sprintf("the text of the expression is %s, its parameters are those of %s; the latter is used", inline(text), inline(rebuilt))
	if chosen == text {
		at.Message = fmt.Sprintf("the text of the expression is %s, its parameters are those of %s, which cannot be read; the text is used", inline(text), inline(rebuilt))
	}
	i.note(at)
	return chosen
}

// written is the text of a part that is one, without reading it; "" otherwise.
func (v *value) written() string {
	if v == nil || v.kind != isText {
		return ""
	}
	return v.text
}

// rebuild makes the text of a part from its tree; "" when the tree says nothing.
func (i *importer) rebuild(s *value, at Note) string {
	kind, _ := s.scalar("type")
	name, named := s.scalar("name")
	var arguments []argument
	for _, parameter := range s.list("parameters") {
		key, _ := parameter.scalar("key")
		if value := parameter.object("value"); value != nil {
			arguments = append(arguments, argument{key, i.part(value, at)})
		}
	}
	switch {
	case !named:
		return ""
	case strings.EqualFold(kind, string(expression.TreeAttribute)):
		return "[" + name + "]"
	case strings.EqualFold(kind, string(expression.TreeConstant)):
		return expression.Quote(name)
	case strings.EqualFold(kind, string(expression.TreeFunction)):
		return callOf(name, arguments)
	case kind != "" || len(arguments) > 0:
		at.Kind, at.Path = Changed, s.path
		at.Message = fmt.Sprintf("source type %s is none of Attribute, Constant and Function; %s is read as text", inline(kind), inline(name))
		i.note(at)
	}
	return ""
}

type argument struct{ key, text string }

// callOf writes a function call. Arguments go to the places their keys name; where the keys are not known, they keep
// their order.
func callOf(name string, arguments []argument) string {
	texts := make([]string, len(arguments))
	for n, a := range arguments {
		texts[n] = a.text
	}
	switch name {
	case "=", "<>", ">", ">=", "<", "<=", "&":
		return strings.Join(texts, " "+name+" ")
	}
	for _, keys := range [][]string{expression.StoredKeys(name), expression.ParameterNames(name)} {
		if places, ok := placed(arguments, keys); ok {
			texts = places
			break
		}
	}
	return name + "(" + strings.Join(texts, ", ") + ")"
}

// placed puts arguments into the places that keys name, in order; the last keys repeat.
func placed(arguments []argument, keys []string) (places []string, ok bool) {
	if len(keys) == 0 {
		return nil, false
	}
	for _, a := range arguments {
		at := len(places)
		for at < len(keys) && !strings.EqualFold(keys[at], a.key) {
			at++
		}
		if at >= len(keys) && !strings.EqualFold(keys[len(keys)-1], a.key) {
			return nil, false
		}
		for len(places) < at {
			places = append(places, "")
		}
		places = append(places, a.text)
	}
	return places, true
}

// sameExpression reports whether two texts are the same expression. Texts that do not parse are compared without blanks.
func sameExpression(a, b string) bool {
	if a == b {
		return true
	}
	first, errA := expression.Parse(a)
	second, errB := expression.Parse(b)
	if errA != nil || errB != nil {
		return errA != nil && errB != nil && strings.Join(strings.Fields(a), "") == strings.Join(strings.Fields(b), "")
	}
	return sameTree(first.Tree(), second.Tree())
}

func sameTree(a, b expression.Tree) bool {
	return a.Type == b.Type && a.Name == b.Name && slices.EqualFunc(a.Parameters, b.Parameters, func(a, b expression.TreeParameter) bool {
		return a.Key == b.Key && sameTree(a.Value, b.Value)
	})
}
