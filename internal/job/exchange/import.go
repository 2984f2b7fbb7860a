package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Configuration is the part of a job's definition that a synchronization schema can carry.
type Configuration struct {
	App job.App
	// Mappings by object type, at most one for each. Their attributes are sorted by target.
	Mappings []job.Mapping
	// Filters by object type, users first, and name.
	Filters []job.Filter
}

// Import is what was read from a schema.
type Import struct {
	Configuration
	// Notes in the order of the schema.
	Notes []Note
}

// Note is a remark about a part of a schema, written as a comment.
type Note struct {
	Kind NoteKind
	// Path of the part, for example synchronizationRules[0].objectMappings[1].enabled.
	Path string
	// Message says what became of it and why, in one line.
	Message string
	// Detail are lines with the part itself, so that nothing is lost.
	Detail []string
	// ObjectType and Target are where the note belongs; empty when it is about all of it.
	ObjectType directory.ObjectType
	Target     string
	// Filter is the name of the filter the note is about.
	Filter string
	// Attribute is the mapping as it would be, had it not been left out.
	Attribute *job.AttributeMapping
}

// NoteKind says how much a note matters.
type NoteKind uint8

// The kinds of note.
const (
	// Remark: for information, nothing is missing.
	Remark NoteKind = iota
	// Changed: something is there in another form than it was.
	Changed
	// Missing: something was left out.
	Missing
	// Attention: nothing is missing here, but somebody has to decide.
	Attention
)

// String names the kind for a list.
func (k NoteKind) String() string {
	switch k {
	case Changed:
		return "changed"
	case Missing:
		return "left out"
	case Attention:
		return "attention"
	default:
		return "note"
	}
}

// Options of ReadSchema.
type Options struct {
	// AppKey and AppName of the application. Empty: made from the name of the target directory.
	AppKey, AppName string
	// Preset is a table of default mappings to build on, where that is shorter. Empty: none.
	Preset string
}

// ReadSchema reads a synchronization schema: the schema itself, or an object or list around it. The error names line and
// column of what cannot be read, or says what is missing.
func ReadSchema(raw []byte, options Options) (Import, error) {
	document, err := parseJSON(raw)
	if err != nil {
		return Import{}, err
	}
	schema, err := schemaIn(document)
	if err != nil {
		return Import{}, err
	}
	if schema != document {
		schema.locate("")
	}
	i := &importer{schema: schema, options: options, directories: map[string]*value{}, used: map[*value]bool{}}
	if err := i.app(); err != nil {
		return Import{}, err
	}
	i.rules()
	i.definitions()
	i.rest(document)
	return i.result, nil
}

// schemaIn finds the schema in what Graph answers: a schema, a template or job with one, or a list of these.
func schemaIn(document *value) (*value, error) {
	if document.kind != isObject {
		return nil, errors.New("this is not a synchronization schema: expected a JSON object with synchronizationRules")
	}
	document.read = true
	if document.find("synchronizationRules") != nil {
		return document, nil
	}
	if schema := document.object("schema"); schema != nil {
		return schemaIn(schema)
	}
	switch entries := document.list("value"); len(entries) {
	case 0:
	case 1:
		return schemaIn(entries[0])
	default:
		return nil, fmt.Errorf("the file holds a list of %d schemas: keep one of them", len(entries))
	}
	return nil, fmt.Errorf("this is not a synchronization schema: there is no synchronizationRules in it, only %s. "+
		"Expected the answer of GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema", strings.Join(document.names, ", "))
}

type importer struct {
	schema  *value
	options Options
	result  Import
	// directories by name.
	directories map[string]*value
	// used are the objects and attributes of directories that an imported mapping uses.
	used map[*value]bool
}

func (i *importer) note(n Note) { i.result.Notes = append(i.result.Notes, n) }

// drop leaves a part out: its content becomes the detail of a note.
func (i *importer) drop(v *value, n Note) {
	n.Path, n.Kind = v.path, Missing
	if n.Detail == nil {
		n.Detail = v.lines()
	}
	v.consume()
	i.note(n)
}

// outbound returns the rules that provision into an application.
func (i *importer) outbound() (outbound, other []*value) {
	for _, rule := range i.schema.list("synchronizationRules") {
		if target := rule.find("targetDirectoryName"); target != nil && entra(target.text) {
			other = append(other, rule)
			continue
		}
		outbound = append(outbound, rule)
	}
	return outbound, other
}

// entra reports whether a directory is the identity provider's own.
func entra(name string) bool {
	return slices.ContainsFunc(sourceNames(), func(known string) bool { return strings.EqualFold(known, name) })
}

// sourceNames are what the identity provider's directory is called; the first one is written.
func sourceNames() []string {
	return []string{"Azure Active Directory", "Microsoft Entra ID", "Windows Azure Active Directory"}
}

func (i *importer) app() error {
	for _, d := range i.schema.list("directories") {
		if name, ok := d.scalar("name"); ok && i.directories[name] == nil {
			i.directories[name] = d
		}
	}
	name := i.options.AppName
	if rules, _ := i.outbound(); name == "" && len(rules) > 0 {
		name, _ = rules[0].scalar("targetDirectoryName")
	}
	if len([]rune(name)) > 256 {
		name = string([]rune(name)[:256])
	}
	key := cmp.Or(i.options.AppKey, slug(name), "app")
	i.result.App = job.App{Key: key, DisplayName: cmp.Or(strings.TrimSpace(name), key)}
	if err := i.result.App.Validate(); err != nil {
		return err
	}
	return nil
}

func (i *importer) rules() {
	outbound, other := i.outbound()
	for _, rule := range other {
		i.drop(rule, Note{Message: "the rule provisions into " + rule.find("targetDirectoryName").text +
			"; this provider provisions from a source into an application"})
	}
	for _, rule := range outbound {
		i.rule(rule)
	}
	if !slices.ContainsFunc(i.result.Mappings, func(m job.Mapping) bool { return m.ObjectType == directory.User }) {
		i.note(Note{Kind: Attention, Path: "synchronizationRules", Message: "no mapping for users was imported, and a job needs one"})
	}
	slices.SortFunc(i.result.Filters, func(a, b job.Filter) int {
		return cmp.Or(byType(a.ObjectType, b.ObjectType), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(i.result.Mappings, func(a, b job.Mapping) int { return byType(a.ObjectType, b.ObjectType) })
}

// byType sorts users first.
func byType(a, b directory.ObjectType) int { return cmp.Compare(b, a) }

func (i *importer) rule(rule *value) {
	source, _ := rule.scalar("sourceDirectoryName")
	target, _ := rule.scalar("targetDirectoryName")
	if source != "" && !entra(source) {
		i.note(Note{Kind: Changed, Path: rule.path + ".sourceDirectoryName",
			Message: fmt.Sprintf("the source is %s; provisioning_source has to offer the attributes that the mappings use", inline(source))})
	}
	if target != "" && target != i.result.App.DisplayName {
		i.note(Note{Kind: Remark, Path: rule.path + ".targetDirectoryName", Message: fmt.Sprintf("the application is called %s in the schema", inline(target))})
	}
	i.metadata(rule, ruleMetadata(), Note{})
	for _, filter := range []struct{ member, inner, why string }{
		{"groupFilter", "includedGroups", "the rule is limited to these groups; assign them with provisioning_app_assignment and scope = \"assigned\""},
		{"containerFilter", "includedContainers", "the rule is limited to these containers; there are no containers here, use a scoping filter"},
	} {
		member := rule.find(filter.member)
		if member == nil || member.kind != isObject {
			continue
		}
		if inner := member.find(filter.inner); len(member.elements) == 1 && inner != nil && inner.empty() {
			member.consume()
		} else if !member.empty() {
			i.drop(member, Note{Message: filter.why})
		}
	}
	for _, mapping := range rule.list("objectMappings") {
		i.objectMapping(mapping, i.directories[source], i.directories[target])
	}
}

// metadata reads key-value pairs. Pairs that are no default are left out with a note.
func (i *importer) metadata(v *value, known map[string][]string, at Note) {
	for _, entry := range v.list("metadata") {
		key, value := entry.find("key"), entry.find("value")
		if key != nil && value != nil {
			if defaults, ok := known[key.text]; ok && (defaults == nil || slices.Contains(defaults, value.text)) && len(entry.elements) == 2 {
				entry.consume()
				continue
			}
		}
		at.Message = "metadata has no counterpart"
		if key != nil {
			at.Message = fmt.Sprintf("metadata %s has no counterpart", inline(key.text))
		}
		i.drop(entry, at)
	}
}

// rest turns everything that nobody read into notes.
func (i *importer) rest(v *value) {
	for n, element := range v.elements {
		if v.kind == isObject && strings.Contains(v.names[n], "@odata.") {
			element.consume()
			continue
		}
		switch {
		case element.read:
			i.rest(element)
		case element.empty() || leftOut(element.path):
			element.consume()
		default:
			i.drop(element, Note{Message: called(v, n) + " has no counterpart"})
		}
	}
}

// called names an element of a part.
func called(v *value, n int) string {
	if v.kind == isObject {
		return "the member " + inline(v.names[n])
	}
	return "the element"
}

// slug makes a key from a name.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 60 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

// inline prints a text of a schema within a message.
func inline(text string) string { return quoteJSON(text) }
