package wikiapp

import "strings"

const (
	urnUser       = "urn:ietf:params:scim:schemas:core:2.0:User"
	urnGroup      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	urnEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	urnWiki       = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"
)

// kind is the data type of an attribute (RFC 7643 2.3).
type kind string

const (
	text      kind = "string"
	flag      kind = "boolean"
	moment    kind = "dateTime"
	reference kind = "reference"
	complexed kind = "complex"
)

// attribute is one row of a schema. It decides what a body may hold, what a filter may ask and what /Schemas says.
type attribute struct {
	name      string
	kind      kind
	about     string
	multi     bool
	exact     bool // compared with case
	required  bool
	readOnly  bool
	immutable bool
	unique    bool
	canonical []string
	subs      []*attribute
}

func (a *attribute) sub(name string) *attribute {
	return named(a.subs, name)
}

// leaf is the attribute a comparison on a really looks at: "members eq x" means "members.value eq x" (RFC 7644 3.5.2).
// It is nil for a complex attribute without a "value".
func (a *attribute) leaf() *attribute {
	if a.kind != complexed {
		return a
	}
	return a.sub("value")
}

// named finds an attribute by its name, which is not case-sensitive (RFC 7643 2.1).
func named(list []*attribute, name string) *attribute {
	for _, a := range list {
		if strings.EqualFold(a.name, name) {
			return a
		}
	}
	return nil
}

// schema is a set of attributes under one URN.
type schema struct {
	urn, name, about string
	attrs            []*attribute
}

// resourceType is one kind of resource: what it may hold and where it lives.
type resourceType struct {
	name, endpoint string
	core           *schema
	extensions     []*schema
	common         []*attribute
	// naming is the attribute whose value is unique without regard to case: userName or displayName.
	naming string
}

// attribute finds a core or common attribute by name.
func (t *resourceType) attribute(name string) *attribute {
	if a := named(t.core.attrs, name); a != nil {
		return a
	}
	return named(t.common, name)
}

// extension finds an extension by its URN, which is not case-sensitive.
func (t *resourceType) extension(urn string) *schema {
	for _, s := range t.extensions {
		if strings.EqualFold(s.urn, urn) {
			return s
		}
	}
	return nil
}

func commonAttributes() []*attribute {
	return []*attribute{
		{name: "schemas", kind: reference, multi: true, exact: true, readOnly: true},
		{name: "id", kind: text, exact: true, readOnly: true, unique: true},
		{name: "externalId", kind: text, exact: true},
		{name: "meta", kind: complexed, readOnly: true, subs: []*attribute{
			{name: "resourceType", kind: text, exact: true, readOnly: true},
			{name: "created", kind: moment, readOnly: true},
			{name: "lastModified", kind: moment, readOnly: true},
			{name: "location", kind: reference, exact: true, readOnly: true},
		}},
	}
}

// plural is a multi-valued attribute with the sub-attributes RFC 7643 2.4 gives to all of them, plus more.
func plural(name, about string, types []string, more ...*attribute) *attribute {
	subs := []*attribute{
		{name: "value", kind: text, about: "The value itself."},
		{name: "display", kind: text, about: "A name for reading."},
		{name: "type", kind: text, about: "What the value is for.", canonical: types},
		{name: "primary", kind: flag, about: "The preferred value; true at most once."},
	}
	return &attribute{name: name, kind: complexed, about: about, multi: true, subs: append(subs, more...)}
}

func line(name, about string) *attribute { return &attribute{name: name, kind: text, about: about} }

func userType() *resourceType {
	return &resourceType{
		name: "User", endpoint: "/Users", naming: "userName", common: commonAttributes(),
		core: &schema{urn: urnUser, name: "User", about: "An account of the wiki.", attrs: []*attribute{
			{name: "userName", kind: text, about: "The name a person signs in with.", required: true, unique: true},
			{name: "name", kind: complexed, about: "The parts of a person's name.", subs: []*attribute{
				line("formatted", "The whole name."),
				line("familyName", "The family name."),
				line("givenName", "The given name."),
				line("middleName", "The middle names."),
				line("honorificPrefix", "What stands before the name."),
				line("honorificSuffix", "What stands after the name."),
			}},
			line("displayName", "The name shown to others."),
			line("nickName", "The casual name."),
			{name: "profileUrl", kind: reference, about: "A page about the person.", exact: true},
			line("title", "The job title."),
			line("userType", "The relation to the organisation."),
			line("preferredLanguage", "The language to show."),
			line("locale", "The region whose formats apply."),
			line("timezone", "The time zone, as in the IANA database."),
			{name: "active", kind: flag, about: "Whether the person may sign in."},
			plural("emails", "Mail addresses.", []string{"work", "home", "other"}),
			plural("phoneNumbers", "Telephone numbers.", []string{"work", "home", "mobile", "fax", "pager", "other"}),
			{name: "addresses", kind: complexed, about: "Postal addresses.", multi: true, subs: []*attribute{
				line("formatted", "The whole address."),
				line("streetAddress", "Street and number."),
				line("locality", "City."),
				line("region", "State or region."),
				line("postalCode", "Postal code."),
				line("country", "Country, ISO 3166-1 alpha-2."),
				{name: "type", kind: text, about: "What the address is for.", canonical: []string{"work", "home", "other"}},
				{name: "primary", kind: flag, about: "The preferred address; true at most once."},
			}},
			plural("roles", "Roles in the wiki.", nil),
			{name: "groups", kind: complexed, about: "Groups the person is a direct member of.", multi: true, readOnly: true,
				subs: []*attribute{
					{name: "value", kind: text, about: "The id of the group.", exact: true, readOnly: true},
					{name: "$ref", kind: reference, about: "Where the group is.", exact: true, readOnly: true},
					{name: "display", kind: text, about: "The name of the group.", readOnly: true},
					{name: "type", kind: text, about: "Always direct.", readOnly: true, canonical: []string{"direct"}},
				}},
		}},
		extensions: []*schema{{
			urn: urnEnterprise, name: "EnterpriseUser", about: "What an organisation adds to an account.", attrs: []*attribute{
				line("employeeNumber", "The number of the employee."),
				line("costCenter", "The cost centre."),
				line("organization", "The organisation."),
				line("division", "The division."),
				line("department", "The department."),
				{name: "manager", kind: complexed, about: "The person's manager.", subs: []*attribute{
					{name: "value", kind: text, about: "The id of the manager's account.", exact: true},
					{name: "$ref", kind: reference, about: "Where the manager's account is.", exact: true},
					{name: "displayName", kind: text, about: "The manager's name.", readOnly: true},
				}},
			}}, {
			urn: urnWiki, name: "WikiUser", about: "What the wiki alone knows of an account.", attrs: []*attribute{
				{name: "labels", kind: text, about: "Topics the person writes about.", multi: true},
				{name: "newsletter", kind: flag, about: "Whether the person gets the newsletter."},
			}}},
	}
}

func groupType() *resourceType {
	return &resourceType{
		name: "Group", endpoint: "/Groups", naming: "displayName", common: commonAttributes(),
		core: &schema{urn: urnGroup, name: "Group", about: "A group of accounts.", attrs: []*attribute{
			{name: "displayName", kind: text, about: "The name of the group.", required: true, unique: true},
			{name: "members", kind: complexed, about: "The accounts in the group.", multi: true, subs: []*attribute{
				{name: "value", kind: text, about: "The id of the account.", exact: true, immutable: true},
				{name: "$ref", kind: reference, about: "Where the account is.", exact: true, immutable: true},
				{name: "type", kind: text, about: "Always User.", immutable: true, canonical: []string{"User"}},
				{name: "display", kind: text, about: "The user name of the account.", readOnly: true},
			}},
		}},
	}
}
