package attributemapping_test

import "testing"

var (
	userName = values{"expression": "[userPrincipalName]", "matching_precedence": 1}
	active   = values{"expression": `Switch([IsSoftDeleted], , "False", "True", "True", "False")`}
)

// with returns attributes that are complete but for one.
func with(target string, attribute any) values {
	return values{"attributes": values{"userName": userName, "active": active, target: attribute}}
}

func TestEveryMistakeIsShownAtItsPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config values
		want   []string
	}{
		{"nothing mapped", values{}, []string{
			"error at attributes: Invalid matching precedence: Attribute attributes: no attribute has a matching precedence, so existing accounts could not be found and would be created again",
		}},
		{"nobody matches", values{"attributes": values{"active": active}}, []string{
			"error at attributes: Invalid matching precedence: Attribute attributes: no attribute has a matching precedence, so existing accounts could not be found and would be created again",
		}},
		{"the matching attribute of the preset is excluded", values{"preset": "entra-default", "exclude": []any{"userName"}}, []string{
			"error at preset: Invalid matching precedence: Attribute preset: no attribute has a matching precedence, so existing accounts could not be found and would be created again",
		}},
		{"disabled users", and(with("title", values{"expression": "[jobTitle]"}), values{"enabled": false}), []string{
			"error at enabled: Invalid enabled: Attribute enabled: a user mapping cannot be disabled",
		}},
		{"unknown action", and(with("title", values{"expression": "[jobTitle]"}), values{"actions": []any{"disable"}}), []string{
			`error at actions["disable"]: Invalid Attribute Value Match: Attribute actions[Value("disable")] value must be one of: ["create" "update" "delete"], got: "disable"`,
		}},
		{"unknown object type", and(with("title", values{"expression": "[jobTitle]"}), values{"object_type": "device"}), []string{
			`error at object_type: Invalid Attribute Value Match: Attribute object_type value must be one of: ["user" "group"], got: "device"`,
		}},
		{"unknown preset", values{"preset": "okta-default"}, []string{
			`error at preset: Invalid Attribute Value Match: Attribute preset value must be one of: ["entra-default" "template"], got: "okta-default"`,
		}},
		{"exclude without preset", and(with("title", values{"expression": "[jobTitle]"}), values{"exclude": []any{"nickName"}}), []string{
			"error at exclude: Invalid excluded attribute: Attribute exclude: nickName: there is no preset to exclude it from",
		}},
		{"excluded without being there", values{"preset": "entra-default", "exclude": []any{"nickName"}}, []string{
			"error at exclude: Invalid excluded attribute: Attribute exclude: nickName: the preset entra-default maps no such attribute",
		}},
		{"excluded without being in any template", values{"preset": "template", "exclude": []any{"shoeSize"}}, []string{
			"error at exclude: Invalid excluded attribute: Attribute exclude: shoeSize: the preset template maps no such attribute",
		}},
		{"precedence of the preset", values{"preset": "entra-default", "attributes": values{"externalId": values{"expression": "[objectId]", "matching_precedence": 1}}}, []string{
			`error at attributes["externalId"].matching_precedence: Invalid matching precedence: Attribute attributes["externalId"].matching_precedence: userName has the same matching precedence 1, so the order in which they are tried is not known`,
		}},
		{"mapping of the preset at fault", values{"preset": "entra-default", "target_attributes": values{"title": values{"type": "Binary"}}}, []string{
			"error at preset: Invalid target attribute: Attribute preset: title: the target attribute has the type Binary, which is not provisioned",
		}},

		{"no path", with("displayName[x].y", values{"expression": "[mail]"}), []string{
			`error at attributes["displayName[x].y"]: Invalid target attribute: Attribute attributes["displayName[x].y"]: "displayName[x].y" is not the path of an attribute: expected a target attribute such as userName, name.familyName or emails[type eq "work"].value.`,
		}},
		{"primary key", with("id", values{"expression": "[objectId]"}), []string{
			`error at attributes["id"]: Invalid target attribute: Attribute attributes["id"]: id is set by the target itself and cannot be written`,
		}},
		{"twice", with("USERNAME", values{"expression": "[mail]"}), []string{
			`error at attributes["userName"]: Invalid target attribute: Attribute attributes["userName"]: the attribute is mapped twice, as USERNAME too`,
		}},
		{"syntax", with("displayName", values{"expression": "Join(\n  \" \", [givenName], surname\n)"}), []string{
			"error at attributes[\"displayName\"].expression: Invalid expression: Attribute attributes[\"displayName\"].expression: line 2, column 21: unknown word surname; write [surname] for an attribute or \"surname\" for a text\n" +
				"      \" \", [givenName], surname\n" +
				"                        ^",
		}},
		{"empty expression", with("displayName", values{"expression": ""}), []string{
			`error at attributes["displayName"].expression: Invalid Attribute Value Length: Attribute attributes["displayName"].expression string length must be at least 1, got: 0`,
		}},
		{"nothing to write", with("nickName", values{}), []string{
			`error at attributes["nickName"].default_value: Invalid default value: Attribute attributes["nickName"].default_value: a mapping without an expression leaves the target alone and needs a default_value for when it is empty`,
		}},
		{"null mapping", with("nickName", nil), []string{
			`error at attributes: Null Map Value: This attribute contains a null value.`,
		}},
		{"empty default", with("displayName", values{"expression": "[displayName]", "default_value": ""}), []string{
			`error at attributes["displayName"].default_value: Invalid Attribute Value Length: Attribute attributes["displayName"].default_value string length must be at least 1, got: 0`,
		}},
		{"default of the wrong type", and(with("level", values{"expression": "[level]", "default_value": "high"}), values{"target_attributes": values{"level": values{"type": "Integer"}}}), []string{
			`error at attributes["level"].default_value: Invalid default value: Attribute attributes["level"].default_value: the default cannot be used: the value is not an integer, and the target attribute has the type Integer.`,
		}},
		{"two precedences", with("externalId", values{"expression": "[objectId]", "matching_precedence": 1}), []string{
			`error at attributes["userName"].matching_precedence: Invalid matching precedence: Attribute attributes["userName"].matching_precedence: externalId has the same matching precedence 1, so the order in which they are tried is not known`,
		}},
		{"two precedences, which is not composite", and(with("externalId", values{"expression": "[objectId]", "matching_precedence": 1}), values{"composite_matching": false}), []string{
			`error at attributes["userName"].matching_precedence: Invalid matching precedence: Attribute attributes["userName"].matching_precedence: externalId has the same matching precedence 1, so the order in which they are tried is not known`,
		}},
		{"precedence 0", with("externalId", values{"expression": "[objectId]", "matching_precedence": 0}), []string{
			`error at attributes["externalId"].matching_precedence: Invalid Attribute Value: Attribute attributes["externalId"].matching_precedence value must be between 1 and 1000, got: 0`,
		}},
		{"match by two", with("displayName", values{"expression": `Join(" ", [givenName], [surname])`, "matching_precedence": 2}), []string{
			`error at attributes["displayName"].expression: Invalid expression: Attribute attributes["displayName"].expression: the expression of a matching attribute has to refer to exactly one source attribute, and this one refers to givenName, surname`,
		}},
		{"match by a constant", with("displayName", values{"expression": `"Contoso"`, "matching_precedence": 2}), []string{
			`error at attributes["displayName"].expression: Invalid expression: Attribute attributes["displayName"].expression: the expression of a matching attribute has to refer to exactly one source attribute, and this one refers to none: everybody would match the same account.`,
		}},
		{"match by nothing", with("nickName", values{"default_value": "n/a", "matching_precedence": 2}), []string{
			`error at attributes["nickName"].matching_precedence: Invalid matching precedence: Attribute attributes["nickName"].matching_precedence: a mapping without an expression has no value to match by`,
		}},
		{"match by what changes", with("nickName", values{"expression": `Append([mail], Guid())`, "matching_precedence": 2}), []string{
			`error at attributes["nickName"].expression: Invalid expression: Attribute attributes["nickName"].expression: Guid gives another value every time, so nothing would ever match`,
		}},
		{"match by what cannot be read", and(with("nickName", values{"expression": "[mailNickname]", "matching_precedence": 2}), values{"target_attributes": values{"nickName": values{"mutability": "WriteOnly"}}}), []string{
			`error at attributes["nickName"].matching_precedence: Invalid matching precedence: Attribute attributes["nickName"].matching_precedence: the target attribute is WriteOnly: it cannot be read, so nothing matches it`,
		}},
		{"unique on update", with("nickName", values{"expression": `SelectUniqueValue([mailNickname], [mail])`}), []string{
			`error at attributes["nickName"].flow_type: Invalid flow type: Attribute attributes["nickName"].flow_type: SelectUniqueValue chooses a value for a new account`,
		}},
		{"unique and matching", with("nickName", values{"expression": `SelectUniqueValue([mailNickname], [mail])`, "flow_type": "ObjectAddOnly", "matching_precedence": 2}), []string{
			`error at attributes["nickName"].matching_precedence: Invalid matching precedence: Attribute attributes["nickName"].matching_precedence: SelectUniqueValue cannot be used for matching: it never gives a value that an account has`,
		}},
		{"roles directly", with("roles", values{"expression": "[appRoleAssignments]"}), []string{
			`error at attributes["roles"].expression: Invalid expression: Attribute attributes["roles"].expression: [appRoleAssignments] cannot be mapped directly`,
		}},
		{"reference from a text", and(with("manager", values{"expression": "[mail]"}), values{"target_attributes": values{"manager": values{"type": "Reference"}}}), []string{
			`error at attributes["manager"].expression: Invalid expression: Attribute attributes["manager"].expression: the target attribute has the type Reference and can only be mapped from [manager].`,
		}},
		{"flow type", with("displayName", values{"expression": "[displayName]", "flow_type": "Sometimes"}), []string{
			`error at attributes["displayName"].flow_type: Invalid Attribute Value Match: Attribute attributes["displayName"].flow_type value must be one of: ["Always" "ObjectAddOnly" "MultiValueAddOnly" "ValueAddOnly" "AttributeAddOnly"], got: "Sometimes"`,
		}},
		{"flow type of several values", and(with("nickName", values{"expression": "[mail]", "flow_type": "MultiValueAddOnly"}), values{"target_attributes": values{"nickName": values{"multivalued": false}}}), []string{
			`error at attributes["nickName"].flow_type: Invalid flow type: Attribute attributes["nickName"].flow_type: MultiValueAddOnly is for attributes with several values, and this one has a single value`,
		}},
		{"flow behavior", with("displayName", values{"expression": "[displayName]", "flow_behavior": "Never"}), []string{
			`error at attributes["displayName"].flow_behavior: Invalid Attribute Value Match: Attribute attributes["displayName"].flow_behavior value must be one of: ["FlowWhenChanged" "FlowAlways"], got: "Never"`,
		}},
		{"null flow of nothing", with("nickName", values{"default_value": "n/a", "flow_null_values": true}), []string{
			`error at attributes["nickName"].flow_null_values: Invalid flow null values: Attribute attributes["nickName"].flow_null_values: there is no expression, so nothing can become empty`,
		}},
		{"null flow of a match", with("externalId", values{"expression": "[objectId]", "matching_precedence": 2, "flow_null_values": true}), []string{
			`error at attributes["externalId"].flow_null_values: Invalid flow null values: Attribute attributes["externalId"].flow_null_values: a matching attribute must keep its value`,
		}},
		{"null flow of what is required", and(with("title", values{"expression": "[jobTitle]", "flow_null_values": true}), values{"target_attributes": values{"title": values{"required": true}}}), []string{
			`error at attributes["title"].flow_null_values: Invalid flow null values: Attribute attributes["title"].flow_null_values: a required attribute must keep its value`,
		}},
		{"null flow of several values", and(with("emails", values{"expression": "[otherMails]", "flow_null_values": true}), values{"target_attributes": values{"emails": values{"multivalued": true}}}), []string{
			`error at attributes["emails"].flow_null_values: Invalid flow null values: Attribute attributes["emails"].flow_null_values: only attributes with a single value can be cleared`,
		}},
		{"object filter with a default", with("objectFilter", values{"expression": `IIF([mail] = "", IgnoreObjectFlow, "")`, "default_value": "x"}), []string{
			`error at attributes["objectFilter"].default_value: Invalid default value: Attribute attributes["objectFilter"].default_value: objectFilter only decides whether the object is left out (IgnoreObjectFlow) and is never written`,
		}},

		{"listed without a path", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"a b": values{}}}), []string{
			`error at target_attributes["a b"]: Invalid target attributes: Attribute target_attributes["a b"]: "a b" is not the path of an attribute: expected a target attribute such as userName, name.familyName or emails[type eq "work"].value.`,
		}},
		{"listed twice", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"title": values{}, "Title": values{}}}), []string{
			`error at target_attributes["title"]: Invalid target attributes: Attribute target_attributes["title"]: the target attribute is listed twice, as Title too`,
		}},
		{"type", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"title": values{"type": "Photo"}}}), []string{
			`error at target_attributes["title"].type: Invalid Attribute Value Match: Attribute target_attributes["title"].type value must be one of: ["String" "Integer" "Boolean" "Binary" "DateTime" "Reference"], got: "Photo"`,
		}},
		{"mutability", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"title": values{"mutability": "Never"}}}), []string{
			`error at target_attributes["title"].mutability: Invalid Attribute Value Match: Attribute target_attributes["title"].mutability value must be one of: ["ReadWrite" "ReadOnly" "Immutable" "WriteOnly"], got: "Never"`,
		}},
		{"read-only", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"title": values{"mutability": "ReadOnly"}}}), []string{
			`error at attributes["title"]: Invalid target attribute: Attribute attributes["title"]: the target attribute is ReadOnly and cannot be mapped`,
		}},
		{"required and read-only", values{"attributes": values{"userName": userName, "active": active}, "target_attributes": values{"title": values{"mutability": "ReadOnly", "required": true, "default_value": "x"}}}, []string{
			`error at target_attributes["title"]: Invalid target attributes: Attribute target_attributes["title"]: an attribute that is ReadOnly cannot be required: nothing could give it a value`,
		}},
		{"required and not mapped", values{"attributes": values{"userName": userName, "active": active}, "target_attributes": values{"title": values{"required": true}}}, []string{
			`error at target_attributes["title"]: Invalid target attributes: Attribute target_attributes["title"]: the attribute is required, but it is not mapped and has no default`,
		}},
		{"listed default of the wrong type", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"title": values{"required": true, "type": "Boolean", "default_value": "x"}}}), []string{
			`error at target_attributes["title"]: Invalid target attributes: Attribute target_attributes["title"]: the default cannot be used: the value is neither true nor false, and the target attribute has the type Boolean.`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.want, validate(t, c.config))
		})
	}
}

func TestDoubtsAreWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config values
		want   []string
	}{
		{"preset", values{"preset": "entra-default"}, nil},
		{"preset of the template", values{"preset": "template", "exclude": []any{"title"}, "attributes": values{"nickName": values{"expression": "[mailNickname]"}}}, nil},
		{"preset of the template for groups", values{"preset": "template", "object_type": "group"}, nil},
		{"preset for groups", values{"preset": "entra-default", "object_type": "group", "enabled": false}, nil},
		{"nobody is disabled", values{"attributes": values{"userName": userName}}, []string{
			`warning at attributes: Check the attribute mapping: Attribute attributes: no mapping reads [IsSoftDeleted], so nobody is ever disabled: whoever leaves keeps an active account`,
		}},
		{"both switches", and(with("title", values{"expression": "[jobTitle]", "flow_null_values": true}), values{"source_attributes": values{"jobTitle": values{"flow_null_values": true}}}), nil},
		{"second switch alone", with("title", values{"expression": "[jobTitle]", "flow_null_values": true}), []string{
			`warning at attributes["title"].flow_null_values: Check the flow null values of title: Attribute attributes["title"].flow_null_values: flow_null_values does nothing alone: source_attributes does not have it for jobTitle`,
		}},
		{"first switch alone", and(with("title", values{"expression": "[jobTitle]"}), values{"source_attributes": values{"jobTitle": values{"flow_null_values": true}}}), []string{
			`warning at source_attributes["jobTitle"]: Check the source attributes of jobTitle: Attribute source_attributes["jobTitle"]: flow_null_values does nothing alone: no mapping that reads the attribute has it`,
		}},
		{"cleared never", and(with("title", values{"expression": "[jobTitle]", "flow_null_values": true, "flow_type": "ObjectAddOnly"}), values{"source_attributes": values{"jobTitle": values{"flow_null_values": true}}}), []string{
			`warning at attributes["title"].flow_null_values: Check the flow null values of title: Attribute attributes["title"].flow_null_values: with flow_type ObjectAddOnly nothing is ever cleared`,
		}},
		{"every update of a create", with("title", values{"expression": "[jobTitle]", "flow_behavior": "FlowAlways", "flow_type": "ObjectAddOnly"}), []string{
			`warning at attributes["title"].flow_behavior: Check the flow behavior of title: Attribute attributes["title"].flow_behavior: the attribute is written on create only (flow_type ObjectAddOnly), so flow_behavior FlowAlways changes nothing.`,
		}},
		{"another value each time", with("nickName", values{"expression": "Guid()"}), []string{
			`warning at attributes["nickName"].expression: Check the expression of nickName: Attribute attributes["nickName"].expression: Guid gives another value in every cycle: every plan shows an update of every account, and every cycle writes it`,
		}},
		{"default of what is not required", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"title": values{"default_value": "x"}}}), []string{
			`warning at target_attributes["title"]: Check the target attributes of title: Attribute target_attributes["title"]: the default is used for required attributes only, so it changes nothing`,
		}},
		{"excluded and mapped", values{"preset": "entra-default", "exclude": []any{"title"}, "attributes": values{"title": values{"expression": "[mail]"}}}, []string{
			`warning at exclude: Check the excluded attribute of title: Attribute exclude: title: the attribute is mapped nevertheless, which overrides the preset anyway`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.want, validate(t, c.config))
		})
	}
}

// What is not known yet may turn out right; what is wrong in any case is reported at once.
func TestUnknownPartsAreNotMistakes(t *testing.T) {
	t.Parallel()
	flowed := values{"expression": "[jobTitle]", "flow_null_values": true}
	required := values{"title": values{"required": true}}
	for _, c := range []struct {
		name   string
		config values
		want   []string
	}{
		{"app", and(with("title", values{"expression": "[jobTitle]"}), values{"app_id": unknown}), nil},
		{"object type", and(with("title", values{"expression": "[jobTitle]"}), values{"object_type": unknown, "enabled": false}), nil},
		{"enabled", and(with("title", values{"expression": "[jobTitle]"}), values{"enabled": unknown}), nil},
		{"preset", values{"preset": unknown, "exclude": []any{"title"}}, nil},
		{"excluded", values{"preset": "entra-default", "exclude": unknown, "attributes": values{"externalId": values{"expression": "[objectId]", "matching_precedence": 1}}}, nil},
		{"one excluded", values{"preset": "entra-default", "exclude": []any{unknown, "title"}, "attributes": values{"externalId": values{"expression": "[objectId]", "matching_precedence": 1}}}, nil},
		{"attributes", values{"attributes": unknown}, nil},
		{"attributes beside lists", values{"attributes": unknown, "target_attributes": values{"active": values{"required": true}},
			"source_attributes": values{"jobTitle": values{"flow_null_values": true}}}, nil},
		{"one attribute", values{"attributes": values{"userName": unknown}}, nil},
		{"expression", with("title", values{"expression": unknown, "flow_null_values": true}), nil},
		{"matching expression", with("externalId", values{"expression": unknown, "matching_precedence": 2}), nil},
		{"expression with a listed source", and(with("title", values{"expression": unknown, "flow_null_values": true}), values{"source_attributes": values{"jobTitle": values{"flow_null_values": true}}}), nil},
		{"precedence", values{"attributes": values{"userName": values{"expression": "[mail]", "matching_precedence": unknown}, "active": active}}, nil},
		{"two precedences, composite", and(with("externalId", values{"expression": "[objectId]", "matching_precedence": 1}), values{"composite_matching": true}), nil},
		{"two precedences, perhaps composite", and(with("externalId", values{"expression": "[objectId]", "matching_precedence": 1}), values{"composite_matching": unknown}), nil},
		{"precedence of two", with("displayName", values{"expression": `Join(" ", [givenName], [surname])`, "matching_precedence": unknown}), nil},
		{"default", with("nickName", values{"default_value": unknown}), nil},
		{"flow type of a unique value", with("nickName", values{"expression": "SelectUniqueValue([mailNickname], [mail])", "flow_type": unknown}), nil},
		{"flow behavior", with("title", values{"expression": "[jobTitle]", "flow_type": "ObjectAddOnly", "flow_behavior": unknown}), nil},
		{"second switch", with("title", values{"expression": "[jobTitle]", "flow_null_values": unknown}), nil},
		{"first switch", and(with("title", flowed), values{"source_attributes": values{"jobTitle": values{"flow_null_values": unknown}}}), nil},
		{"listed source", and(with("title", flowed), values{"source_attributes": values{"jobTitle": unknown}}), nil},
		{"list of sources", and(with("title", flowed), values{"source_attributes": unknown}), nil},
		{"required", and(with("title", flowed), values{"source_attributes": unknown, "target_attributes": values{"title": values{"required": unknown}}}), nil},
		{"listed target", and(with("title", flowed), values{"source_attributes": unknown, "target_attributes": values{"title": unknown}}), nil},
		{"list of targets", and(with("emails", values{"expression": "[otherMails]", "flow_type": "MultiValueAddOnly"}), values{"target_attributes": unknown}), nil},
		{"type", and(with("level", values{"expression": "[level]", "default_value": "high"}), values{"target_attributes": values{"level": values{"type": unknown}}}), nil},
		{"mutability", and(with("title", values{"expression": "[jobTitle]"}), values{"target_attributes": values{"title": values{"mutability": unknown}}}), nil},
		{"value of what is required", values{"attributes": values{"userName": userName, "active": active, "title": unknown}, "target_attributes": required}, nil},

		{"wrong in any case", with("externalId", values{"expression": "Frobnicate()", "matching_precedence": unknown, "flow_type": unknown}), []string{
			"error at attributes[\"externalId\"].expression: Invalid expression: Attribute attributes[\"externalId\"].expression: line 1, column 1: unknown function Frobnicate\n    Frobnicate()\n    ^",
		}},
		{"wrong however it is matched", values{"app_id": unknown, "attributes": values{"userName": unknown, "id": values{"expression": unknown}}}, []string{
			`error at attributes["id"]: Invalid target attribute: Attribute attributes["id"]: id is set by the target itself and cannot be written`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.want, validate(t, c.config))
		})
	}
}
