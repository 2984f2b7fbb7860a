package expression

import "github.com/app-provisioning/terraform-provider-provisioning/internal/directory"

func branchFunctions() []function {
	text := directory.Text
	return []function{
		{
			Function: define("IIF", "Returns one of two values, depending on a condition.", required("condition"), required("valueIfTrue"), required("valueIfFalse")).explain(
				"The condition is a comparison, or a value that counts as true: True in any case, or a number other than 0. Only the chosen value is evaluated. "+
					"A comparison whose attribute is null or empty is false, whatever the operator; to test for that use Switch with the key \"\". "+
					"There is no AND and OR: nest IIF.",
				example(`IIF([country] = "USA", [country], [department])`, "Sales", object{"country": text("DEU"), "department": text("Sales")}),
				example(`IIF([country] <> "USA", "abroad", "home")`, "home", nil),
				example(`IIF(IsPresent([mail]), [mail], IgnoreAttributeFlow)`, "drop attribute", nil)),
			lazy: evaluateIIF, condition: true,
		},
		{
			Function: define("Switch", "Returns the value of the first key that equals source, else defaultValue.", required("source"), optional("defaultValue"), repeated("key"), repeated("value")).explain(
				"Keys are compared as text and distinguish capitals. A null or empty source equals the key \"\". Without a default the result is null when no key fits. Only the value that is returned is evaluated.",
				example(`Switch([state], "Other", "NSW", "New South Wales", "VIC", "Victoria")`, "Victoria", object{"state": text("VIC")}),
				example(`Switch([state], [state], "", "none")`, "none", nil),
				example(`Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "True", object{"IsSoftDeleted": directory.Boolean(false)})),
			lazy: evaluateSwitch, check: checkSwitch,
		},
		{
			Function: define("Coalesce", "Returns the first source that is neither null nor empty; the last argument is the default.", required("source"), Parameter{Name: "sourceOrDefault", Repeats: true}).explain(
				"The last argument is returned as it is, even when it is empty. Sources after the first usable one are not evaluated.",
				example(`Coalesce([mail], [userPrincipalName], "unknown")`, "j.smith@contoso.com", object{"userPrincipalName": text("j.smith@contoso.com")}),
				example(`Coalesce([mail], "unknown")`, "unknown", nil)),
			lazy: evaluateCoalesce,
		},
		{
			Function: define("IgnoreFlowIfNullOrEmpty", "Leaves the target attribute alone when the value is null or empty.", required("source")).explain(
				"The attribute is then left out of the request, on create and on update, and defaults do not apply.",
				example(`IgnoreFlowIfNullOrEmpty([department])`, "Sales", object{"department": text("Sales")}),
				example(`IgnoreFlowIfNullOrEmpty([department])`, "drop attribute", nil)),
			lazy: evaluateIgnoreFlow,
		},
		{
			Function: define("IsNull", "Tests whether a value is null.", required("source")).explain(
				"An attribute that the object does not have is null. The empty text is not null.",
				example(`IsNull([mail])`, "True", nil), example(`IsNull("")`, "False", nil)),
			strict: isNull, handlesNull: true,
		},
		{
			Function: define("IsNothing", "Tests whether a value is null (older name of IsNull).", required("source")).companion().explain(
				"The same as IsNull.",
				example(`IsNothing([mail])`, "True", nil)),
			strict: isNull, handlesNull: true,
		},
		{
			Function: define("IsNullOrEmpty", "Tests whether a value is null or empty.", required("source")).explain(
				"An empty list is empty too. A blank is not.",
				example(`IsNullOrEmpty("")`, "True", nil), example(`IsNullOrEmpty(" ")`, "False", nil)),
			strict: isNullOrEmpty, handlesNull: true,
		},
		{
			Function: define("IsPresent", "Tests whether a value is neither null nor empty.", required("source")).explain(
				"The opposite of IsNullOrEmpty.",
				example(`IsPresent([mail])`, "True", object{"mail": text("j.smith@contoso.com")})),
			strict: isPresent, handlesNull: true,
		},
		{
			Function: define("IsString", "Tests whether a value can be turned into text.", required("source")).explain(
				"False for null, lists and role assignments; true for text, numbers, booleans and date-times.",
				example(`IsString([mail])`, "True", object{"mail": text("j.smith@contoso.com")}),
				example(`IsString([missing])`, "False", nil)),
			strict: isString, handlesNull: true,
		},
		{
			Function: define("Not", "Returns False for True, and True for anything else.", required("source")).explain(
				"Anything else includes null, the empty text and any other text. Case does not matter.",
				example(`Not([accountEnabled])`, "False", object{"accountEnabled": directory.Boolean(true)}),
				example(`Not([missing])`, "True", nil)),
			strict: not, handlesNull: true,
		},
		{
			Function: define("CBool", "Converts a value or a comparison to True or False.", required("expression")).explain(
				"True in any case and numbers other than 0 give True; everything else, null included, gives False.",
				example(`CBool([department] = "Sales")`, "True", object{"department": text("Sales")}),
				example(`CBool("yes")`, "False", nil)),
			strict: convertToBoolean, condition: true, handlesNull: true,
		},
	}
}

func listFunctions() []function {
	text := directory.Text
	addresses := object{"addresses": directory.List(text("a@contoso.com"), text("b@contoso.com"), text("a@contoso.com"))}
	return []function{
		{
			Function: define("Item", "Returns one element of a list, counted from 1.", required("attribute"), required("index")).explain(
				"A single value counts as a list of one. Fails when the list has no such element, also when it is null: guard it with IIF and Count.",
				example(`Item([addresses], 2)`, "b@contoso.com", addresses),
				example(`Item([addresses], 4)`, "error: index 4 is outside the list, which has 3 elements counted from 1", addresses)),
			strict: item, handlesNull: true,
		},
		{
			Function: define("Count", "Returns the number of elements.", required("attribute")).explain(
				"Null has none, a single value is one.",
				example(`Count([addresses])`, "3", addresses), example(`Count([missing])`, "0", nil)),
			strict: countElements, handlesNull: true,
		},
		{
			Function: define("RemoveDuplicates", "Removes repeated values from a list.", required("attribute")).explain(
				"The first of equal values stays, in its place. Case matters. Null when the attribute is null.",
				example(`RemoveDuplicates([addresses])`, "[a@contoso.com, b@contoso.com]", addresses)),
			strict: removeDuplicates,
		},
	}
}

func numberFunctions() []function {
	return []function{{
		Function: define("BitAnd", "Returns the bitwise AND of two integers.", required("value1"), required("value2")).explain(
			"Integers have 64 bits and may be written in hexadecimal, as in &HF. Null when value1 is null; fails when a value is not an integer.",
			example(`BitAnd(&HF, &HF7)`, "7", nil),
			example(`IIF(BitAnd([userAccountControl], 2) = 0, "True", "False")`, "False", object{"userAccountControl": directory.Integer(514)})),
		strict: bitAnd,
	}}
}

func loggingFunctions() []function {
	text := directory.Text
	return []function{
		{
			Function: define("Error", "Fails the object with a message.", required("message")).companion().explain(
				"The object is not provisioned and is tried again later; others are unaffected. The message is logged, so put no secrets in it.",
				example(`Switch([employeeId], [employeeId], "", Error("employeeId is required"))`, "error: employeeId is required", nil)),
			strict: raise, handlesNull: true,
		},
		{
			Function: define("Redact", "Returns the value unchanged and hides it in logs.", required("value")).explain(
				"Logs and previews show [Redact] instead of the result. Meant for generated passwords.",
				example(`Redact([initialPassword])`, "s3cret", object{"initialPassword": text("s3cret")})),
			strict: unchanged,
		},
	}
}
