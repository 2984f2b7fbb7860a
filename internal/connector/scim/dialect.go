package scim

import "reflect"

// variation is another way to write the same thing (scim-client.md 17). None can wipe or widen anything: each changes the
// form of an operation on one attribute that takes one value, or on an element that is known to be absent.
type variation struct {
	topic topic
	// form and reason are what is learned when the target takes it.
	form, reason string
	set          func(*profile)
}

// variations lists what the fallback ladder tries, in that order. The numbers are the rows of scim-client.md 17.
func variations() []variation {
	return []variation{
		// Row 1.
		{topicOperationNames, "lower-case", "it refused capitalised operation names", func(p *profile) { p.add, p.replace, p.remove = "add", "replace", "remove" }},
		{topicOperationNames, "capitalised", "it refused lower-case operation names", func(p *profile) { p.add, p.replace, p.remove = "Add", "Replace", "Remove" }},
		// Rows 10 and 11.
		{topicMerged, "one by one", "it refused, or ignored, several attributes in one operation", func(p *profile) { p.merged = false }},
		// Row 2.
		{topicBooleans, "booleans", "it refused a boolean as a text", func(p *profile) { p.textBooleans = false }},
		{topicBooleans, "texts", "it refused a boolean", func(p *profile) { p.textBooleans = true }},
		// Row 7.
		{topicElements, "whole", "it refused a new element by its filtered path", func(p *profile) { p.wholeElements = true }},
		{topicElements, "by path", "it refused a new element as a whole", func(p *profile) { p.wholeElements = false }},
		// Row 13.
		{topicQuotedBooleans, "booleans", "it refused a quoted boolean inside a filter", func(p *profile) { p.quotedBooleans = false }},
		{topicQuotedBooleans, "texts", "it refused a boolean inside a filter", func(p *profile) { p.quotedBooleans = true }},
		// Row 9.
		{topicReferences, "objects", "it refused a reference as a text", func(p *profile) { p.bareReferences = false }},
		{topicReferences, "texts", "it refused a reference as an object", func(p *profile) { p.bareReferences = true }},
		{topicNoReference, "remove", "it refused an empty text for a reference", func(p *profile) { p.emptyReference = false }},
		{topicNoReference, "empty text", "it refused to remove a reference", func(p *profile) { p.emptyReference = true }},
		// Row 3.
		{topicAbsent, "replace", "it refused to add an attribute", func(p *profile) { p.replaceAbsent = true }},
		{topicRoleTexts, "objects", "it refused a role as a JSON text", func(p *profile) { p.roleTexts = false }},
		// Section 4.
		{topicSchemas, "all", "it refused an extension that schemas does not list", func(p *profile) { p.listExtensions = true }},
	}
}

// alternative is a profile with variations, and what is learned when the target takes it.
type alternative struct {
	profile    profile
	variations []variation
}

// alternatives returns the profile in each variation alone, and then each together with the other operation names: a
// target that refuses one name refuses it whatever else stands in the request.
func (p profile) alternatives() []alternative {
	var single, paired []alternative
	for _, v := range variations() {
		q := p
		v.set(&q)
		if reflect.DeepEqual(p, q) {
			continue
		}
		single = append(single, alternative{q, []variation{v}})
	}
	for _, names := range single {
		for _, other := range single {
			if names.variations[0].topic != topicOperationNames || other.variations[0].topic == topicOperationNames {
				continue
			}
			q := names.profile
			other.variations[0].set(&q)
			paired = append(paired, alternative{q, []variation{names.variations[0], other.variations[0]}})
		}
	}
	return append(single, paired...)
}

// renames reports whether the alternative has other operation names.
func (a alternative) renames() bool {
	return len(a.variations) > 0 && a.variations[0].topic == topicOperationNames
}

// dialect is the profile as this target wants it: with everything that was learned.
func (c *Connector) dialect() profile {
	p := c.profile
	for _, v := range variations() {
		if c.client.learned.form(v.topic, "") == v.form {
			v.set(&p)
		}
	}
	for _, n := range c.client.learned.all() {
		// A selection is about an element, and a path always names a part of one.
		path, err := ParsePath(n.Subject + ".value")
		if n.Topic == topicSelector && err == nil && path.FilterBy != "" && (n.Form == selectPrimary || n.Form == selectOnly) {
			p.selections = append(p.selections, selection{path.resolved().element(), n.Form})
		}
	}
	return p
}

// learn remembers the variations that the target took.
func (c *Connector) learn(taken []variation) {
	for _, v := range taken {
		c.client.learned.learn(v.topic, "", v.form, v.reason)
	}
}
