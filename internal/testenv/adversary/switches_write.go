package adversary

// Switches about ids, and about accounts that come and go.
const (
	IDsWithSlashes        Switch = "ids with slashes"
	IDsWithSpaces         Switch = "ids with spaces and signs"
	IDsInUnicode          Switch = "ids in Unicode"
	IDFollowsName         Switch = "id follows the name"
	IDFollowsNameSilently Switch = "id follows the name, silently"
	RenameDeletes         Switch = "rename deletes"
	SecondUserWithoutID   Switch = "second user without id"
	CreatedWithoutID      Switch = "created without id"
	CreatedWithoutBody    Switch = "created without body"
	CreatedWith200        Switch = "created with 200"
	DeleteGone500         Switch = "500 for deleting what is gone"
	DeleteRefused         Switch = "delete refused"
	DeleteAnswersBody     Switch = "delete answers 200"
	IDsAsNumbers          Switch = "ids as numbers"
	IDsDifferByCase       Switch = "ids differ by case"
	CreatedWithOther      Switch = "created with another account"
	OnePoisoned           Switch = "one account broken"
	DeleteForbidden       Switch = "delete forbidden"
	DeleteDisables        Switch = "delete disables"
	DeleteLater           Switch = "delete accepted"
	DeleteIgnored         Switch = "delete ignored"
	DeleteNotRouted       Switch = "404 for every delete"
	DeletedNamesTaken     Switch = "deleted names stay taken"
)

func identityRows() []Row {
	const rematch = "the outcome counts as unknown; matches again"
	trial := []Otherwise{{Profiles: []string{Entra}, Except: []Aspect{Deletions, Trial}, Copes: "the same; so the group on which it tries how members are removed stays, and the connection says so"}}
	return []Row{
		{Switch: IDsWithSlashes, Does: "has ids with slashes", Source: "RT", Copes: "ids are opaque and escaped"},
		{Switch: IDsWithSpaces, Does: "has ids with spaces, quotes, `?`, `#`, `%`, `+`, `&`", Source: "issue 5", Copes: "ids are opaque and escaped, also inside filters"},
		{Switch: IDsInUnicode, Does: "has ids in Unicode, with slashes", Source: "issue 5", Copes: "ids are opaque and escaped"},
		{Switch: IDFollowsName, Does: "makes the id from the name, so that a rename changes it", Source: "17.18; RT", Copes: "verifies the id after a rename; matches again", Rounds: 1},
		{Switch: IDFollowsNameSilently, Does: "the same, answering 204", Source: "17.18; RT", Copes: "a 404 drops the link, and it is matched again once", Rounds: 1},
		{Switch: RenameDeletes, Does: "deletes whoever is renamed", Source: "17.18", Copes: "verifies the id after a rename; creates the account again"},
		{Switch: SecondUserWithoutID, Does: "answers 201 without an id for a name that differs from another by case, which no search finds", Source: "RT", Copes: "finds out on somebody who is there that case matters; who is not found is looked for in the list"},
		{Switch: CreatedWithoutID, Does: "answers 201 with a resource that has no id", Source: "4", Copes: rematch},
		{Switch: CreatedWithoutBody, Does: "answers 201 with nothing but a `Location`", Source: "RFC 7644 3.3", Copes: rematch},
		{Switch: CreatedWith200, Does: "answers 200 to a create", Source: "13", Copes: "takes it for success"},
		{Switch: DeleteGone500, Does: "answers 500 when what is to be deleted is gone", Source: "RT", Copes: "reads back: gone is gone"},
		{Switch: DeleteRefused, Does: "refuses deletes with 501", Source: "8", Copes: "says so, and keeps everything else going", Except: []Aspect{Deletions}, Says: "501",
			Otherwise: trial},
		{Switch: DeleteAnswersBody, Does: "answers a delete with 200 and the resource", Source: "13", Copes: "takes it for success"},
		{Switch: IDsAsNumbers, Does: "has ids that are numbers, too large for a floating-point number", Source: "issue 5", Copes: "ids are opaque, to the last digit"},
		{Switch: IDsDifferByCase, Does: "has ids that differ by case only", Source: "issue 5", Copes: "ids are compared exactly"},
		{Switch: CreatedWithOther, Does: "answers 201 with somebody else's account", Source: "issue 5", Copes: "recognises that it is not the one that was sent; " + rematch, Rounds: 1},
		{Switch: OnePoisoned, Does: "answers 500 to whatever is written to one account", Source: "13; RT", Copes: "says so, and keeps everything else going", Except: []Aspect{Poisoned}, Says: "500"},
		{Switch: DeleteForbidden, Does: "refuses deletes with 403", Source: "13", Copes: "says so, and keeps everything else going", Except: []Aspect{Deletions}, Says: "403", Otherwise: trial},
		{Switch: DeleteDisables, Does: "takes a delete and switches the account off instead", Source: "19", Copes: "believes it; who comes back is matched and switched on", Except: []Aspect{Deletions}},
		{Switch: DeleteLater, Does: "answers 202 to a delete, and does it later", Source: "13", Copes: "looks whether it was done; asks again in the next cycle", Rounds: 1},
		{Switch: DeleteIgnored, Does: "answers 204 to a delete and does nothing", Source: "13", Copes: "reads back, and says that the account is still there", Except: []Aspect{Deletions}, Says: "still there", Otherwise: trial},
		{Switch: DeleteNotRouted, Does: "answers 404 to a delete of what is there", Source: "13", Copes: "reads back, and says that the account is still there", Except: []Aspect{Deletions}, Says: "still there", Otherwise: trial},
		{Switch: DeletedNamesTaken, Does: "keeps the names of deleted accounts taken, and shows nobody who has them", Source: "17.17", Copes: "says that somebody has the name, and keeps the object for the administrator",
			Except: []Aspect{Freed}, Says: "409"},
	}
}

// Switches about PATCH, PUT and values.
const (
	CapitalsRefused       Switch = "capitals refused"
	CapitalsIgnored       Switch = "capitals ignored"
	BooleanTextRefused    Switch = `"True" refused`
	BooleanTextOnly       Switch = `only "True" accepted`
	ActiveReplaceOnly     Switch = "active only replaced"
	NoActive              Switch = "no active"
	NoActiveSilently      Switch = "no active, silently"
	TypeDropped           Switch = "element without type"
	TypeDroppedSilently   Switch = "element without type, silently"
	ManagerObjectOnly     Switch = "manager only as object"
	ManagerTextOnly       Switch = "manager only as text"
	DottedKeysIgnored     Switch = "dotted keys ignored"
	OneAttributePerObject Switch = "one attribute per object"
	OneOperationOnly      Switch = "one operation per request"
	TitleRefused          Switch = "an attribute refused"
	TitleRefusedOfNew     Switch = "an attribute refused, of new accounts too"
	ExtensionMustBeListed Switch = "extension must be listed"
	ValueReformatted      Switch = "value reformatted"
	PatchMissing          Switch = "PATCH 405"
	PatchMissingTold      Switch = "PATCH 405, announced"
	PatchNotImplemented   Switch = "PATCH 501"
	PatchForUsersOnly     Switch = "PATCH for users only"
	PutNeedsIfMatch       Switch = "PUT needs If-Match"
	PatchAnswersNothing   Switch = "PATCH answers 204"
	PatchAnswersEmpty     Switch = "PATCH answers 200 and nothing"
	PatchAnswersOld       Switch = "PATCH answers what was"
	PatchNotAtomic        Switch = "PATCH in part"
	PatchOnlyActive       Switch = "PATCH of active only"
	PatchDenied           Switch = "PATCH denied, but there"
	PatchNotRouted        Switch = "404 for every PATCH"
	PutChangedMeanwhile   Switch = "412 for every second PUT"
	NamesInCapitals       Switch = "names in capitals"
	ManagerNotShown       Switch = "manager not shown"
	TitleNotShown         Switch = "title not shown"
	TitleUnprocessable    Switch = "an attribute refused with 422"
	DottedKeysRefused     Switch = "dotted keys refused"
	PathlessRefused       Switch = "operations without path refused"
	ElementsByPathOnly    Switch = "elements by path only"
	EmptyTextRefused      Switch = "empty manager refused"
	ManagerRemoveRefused  Switch = "remove of manager refused"
	DisableIgnored        Switch = "switching off ignored"
	StaleReads            Switch = "stale reads"
)

func patchRows() []Row {
	const small = "sends lower-case names"
	entra := func(copes string) []Otherwise { return []Otherwise{{Profiles: []string{Entra}, Copes: copes}} }
	text := func(copes string) []Otherwise {
		return []Otherwise{{Profiles: []string{Entra, EntraCompliant}, Copes: copes}}
	}
	merged := func(copes string) []Otherwise { return []Otherwise{{Profiles: []string{EntraCompliant}, Copes: copes}} }
	const put = "reads, merges and writes the whole resource with PUT"
	return []Row{
		{Switch: CapitalsRefused, Does: "rejects `Add`, `Replace`, `Remove`", Source: "17.1", Copes: small, Otherwise: entra("tries lower-case names, and remembers them")},
		{Switch: CapitalsIgnored, Does: "answers 200 to `Add`, `Replace`, `Remove` and does nothing", Source: "RT", Copes: small,
			Otherwise: entra("sees that nothing changed, tries lower-case names, and remembers them")},
		{Switch: BooleanTextRefused, Does: "refuses `\"True\"` as a boolean", Source: "17.2; RT (SCIMMY)", Copes: "sends booleans",
			Otherwise: entra("sends texts; finds the refused operation, sends a boolean, and remembers that")},
		{Switch: BooleanTextOnly, Does: "takes booleans in PATCH only as `\"True\"` and `\"False\"`", Source: "17.2", Copes: "finds the refused operation, sends it in the other form, and remembers that",
			Otherwise: entra("sends texts")},
		{Switch: ActiveReplaceOnly, Does: "takes only `replace` for `active`", Source: "17.3", Copes: "always replaces `active`"},
		// Where the account is written with PUT there is no refusal.
		{Switch: NoActive, Blind: true, Does: "has no `active`, and refuses it in PATCH", Source: "RT", Copes: "writes everything else and says what could not be written", Except: []Aspect{Active}, Says: "active"},
		{Switch: NoActiveSilently, Blind: true, Does: "has no `active`, and ignores it", Source: "RT", Copes: "says that nobody can see whether accounts are off; everything else is written", Except: []Aspect{Active}, Says: "nobody can see"},
		{Switch: TypeDropped, Does: "keeps elements without their `type`, so that `[type eq \"work\"]` never matches", Source: "17.8", Copes: "learns which path selects the element"},
		{Switch: TypeDroppedSilently, Does: "the same, answering 200 to a path that selects nothing", Source: "17.8", Copes: "reads back after the first create and learns which path selects the element"},
		{Switch: ManagerObjectOnly, Does: "takes the manager only as an object", Source: "17.9", Copes: "sends an object",
			Otherwise: text("sends text; tries the object after a refusal, and remembers that")},
		{Switch: ManagerTextOnly, Does: "takes the manager only as text", Source: "17.9", Copes: "tries text after a refusal, and remembers that", Otherwise: text("sends text")},
		{Switch: DottedKeysIgnored, Does: "ignores dotted keys in a value", Source: "17.10", Copes: "one operation for each attribute, with its path",
			Otherwise: merged("sends them; sees that nothing changed, sends one operation for each attribute, and remembers that")},
		{Switch: OneAttributePerObject, Does: "takes one attribute in an operation without a path", Source: "17.11", Copes: "one operation for each attribute, with its path",
			Otherwise: merged("after a refusal one operation for each attribute, and remembers that")},
		{Switch: OneOperationOnly, Does: "takes one operation in a PATCH", Source: "17, ladder", Copes: "splits a refused PATCH into single operations"},
		{Switch: TitleRefused, Does: "refuses one attribute", Source: "17, ladder", Copes: "writes the others; the provisioning log says which one was refused, and it is tried again on the retry ladder", Except: []Aspect{Title}, Escrowed: true, Says: "refused title"},
		{Switch: TitleRefusedOfNew, Does: "refuses one attribute, and new accounts that have it", Source: "17, ladder", Copes: "makes them without it; the provisioning log says which one was refused, and it is tried again on the retry ladder", Except: []Aspect{Title}, Escrowed: true, Says: "refused title"},
		{Switch: ExtensionMustBeListed, Does: "refuses an extension that `schemas` does not list", Source: "4", Copes: "lists it"},
		{Switch: ValueReformatted, Does: "keeps telephone numbers in a form of its own", Source: "17.19", Copes: "compares with what was written, not with what came back"},
		{Switch: PatchMissing, Does: "answers 405 to PATCH", Source: "17.15", Copes: put},
		{Switch: PatchMissingTold, Does: "answers 405 to PATCH, and announces that", Source: "17.15", Copes: put},
		{Switch: PatchNotImplemented, Does: "answers 501 to PATCH", Source: "17.15", Copes: put},
		{Switch: PatchForUsersOnly, Does: "answers 405 to PATCH of groups", Source: "17.15", Copes: put},
		{Switch: PutNeedsIfMatch, Does: "has no PATCH, and refuses PUT without `If-Match`", Source: "17.15", Copes: put + " and `If-Match`"},
		{Switch: PatchAnswersNothing, Does: "answers every PATCH with 204", Source: "RT (SCIMMY)", Copes: "takes it for success"},
		{Switch: PatchAnswersEmpty, Does: "answers a PATCH with 200 and nothing", Source: "13", Copes: "takes it for success"},
		{Switch: PatchAnswersOld, Does: "answers a PATCH with the account as it was before", Source: "13", Copes: "reads the account, which shows that it was written"},
		{Switch: PatchNotAtomic, Does: "keeps what it did of a PATCH that it refuses", Source: "17, ladder", Copes: "reads the account before it tries another form"},
		{Switch: PatchOnlyActive, Does: "takes a PATCH of `active` and of nothing else", Source: "17.3", Copes: "writes `active`, and says what could not be written", Except: []Aspect{Updates}, Says: "refused"},
		{Switch: PatchDenied, Does: "announces that it has no PATCH, and has it", Source: "11", Copes: "tries it"},
		{Switch: PatchNotRouted, Does: "answers 404 to a PATCH of an account that is there", Source: "13; 17.15", Copes: "matches again once, and says that the account cannot be written", Except: []Aspect{Updates, Active}, Says: "404"},
		{Switch: PutChangedMeanwhile, Does: "has no PATCH, and answers 412 to every second PUT", Source: "13", Copes: "reads again and writes once more"},
		{Switch: NamesInCapitals, Does: "keeps names in capitals", Source: "5; 17.19", Copes: "compares with what was written, not with what came back"},
		{Switch: ManagerNotShown, Does: "never shows the manager", Source: "5", Copes: "writes it; where its absence is seen, says that it may not be there, and tries again", Doubts: true},
		{Switch: TitleNotShown, Does: "never shows an attribute", Source: "5", Copes: "writes it; where its absence is seen, says that it may not be there, and tries again", Doubts: true},
		{Switch: TitleUnprocessable, Does: "refuses one attribute in PATCH with 422", Source: "13", Copes: "writes the others; the provisioning log says which one was refused, and it is tried again on the retry ladder", Except: []Aspect{Title}, Escrowed: true, Says: "refused title"},
		{Switch: DottedKeysRefused, Does: "refuses dotted keys in a value", Source: "17.10", Copes: "one operation for each attribute, with its path",
			Otherwise: merged("after a refusal one operation for each attribute, and remembers that")},
		{Switch: PathlessRefused, Does: "refuses an operation without a path", Source: "RT (elimity)", Copes: "one operation for each attribute, with its path",
			Otherwise: merged("after a refusal one operation for each attribute, and remembers that")},
		{Switch: ElementsByPathOnly, Does: "takes new elements by a filtered path only", Source: "17.7", Copes: "tries the path after a refusal, and remembers that",
			Otherwise: text("makes elements by their paths")},
		{Switch: EmptyTextRefused, Does: "refuses an empty text as manager", Source: "9", Copes: "removes the manager", Otherwise: text("sends an empty text; removes the manager after a refusal, and remembers that")},
		{Switch: ManagerRemoveRefused, Does: "refuses to remove a manager, and takes an empty text", Source: "9", Copes: "sends an empty text after a refusal, and remembers that", Otherwise: text("sends an empty text")},
		{Switch: DisableIgnored, Does: "takes the switching off of an account and does nothing", Source: "7; 17.20", Copes: "looks, and says that the account is still on", Except: []Aspect{Active}, Says: "nothing changed"},
		{Switch: StaleReads, Does: "shows everything as it was two seconds ago", Source: "issue 5", Copes: "goes by what it wrote"},
	}
}

// Switches about members.
const (
	RemoveByValueEmpties   Switch = "remove with value empties"
	RemoveByValueRefused   Switch = "remove with value refused"
	FilteredRemoveRefused  Switch = "remove by path refused"
	OnlyEmptyingRemove     Switch = "remove by path refused, with value empties"
	RemoveMissingTolerated Switch = "removing nobody tolerated"
	MembersReplaceIgnored  Switch = "replace of members ignored"
	MemberAddIgnored       Switch = "add of members ignored"
	MemberThereRefused     Switch = "adding a member refused"
	MembersLimited         Switch = "few members at once"
	UnknownMembersTaken    Switch = "unknown members taken"
	UnknownMember404       Switch = "404 for an unknown member"
	MembersNeverShown      Switch = "members never shown"
	ExcludedIgnored        Switch = "excludedAttributes ignored"
	MemberRemoveIgnored    Switch = "removing members ignored"
	MembersCapped          Switch = "PATCH for users only, few members shown"
)

func memberRows() []Row {
	value := func(copes string) []Otherwise { return []Otherwise{{Profiles: []string{Entra}, Copes: copes}} }
	const path = "removes by path, `members[value eq \"…\"]`"
	return []Row{
		{Switch: RemoveByValueEmpties, Does: "empties the group when members are removed with a value", Source: "17.4; RT", Copes: path, Otherwise: value("finds out on a throw-away group that it does harm; " + path)},
		{Switch: RemoveByValueRefused, Does: "refuses `remove` with a value", Source: "17.5", Copes: path, Otherwise: value("finds out on a throw-away group that it is refused; " + path)},
		{Switch: FilteredRemoveRefused, Does: "refuses `remove` by path", Source: "17.6", Copes: "tries the form with a value on a throw-away group; it does no harm, so it is used"},
		{Switch: OnlyEmptyingRemove, Does: "refuses `remove` by path, and empties the group with a value", Source: "17.4, 17.6", Copes: "tries the form with a value on a throw-away group; it does harm, so it is never used", Except: []Aspect{Members}, Says: "refused some members"},
		{Switch: RemoveMissingTolerated, Does: "answers 204 when a member that is not there is removed", Source: "17.7", Copes: "takes it for success; 400 `noTarget` too"},
		{Switch: MembersReplaceIgnored, Does: "answers 204 to `replace` of members and does nothing", Source: "RT", Copes: "members are added and removed, never replaced"},
		{Switch: MemberAddIgnored, Does: "answers 204 to `add` of members and does nothing, and `verify_members` is set", Source: "17.20; RT", Copes: "reads members back, and says that they are not there", Except: []Aspect{Members}, Says: "member", Set: Setting{VerifyMembers: true}},
		{Switch: MemberThereRefused, Does: "answers 409 when a member is added again", Source: "13", Copes: "takes it for success"},
		{Switch: MembersLimited, Does: "answers 413 to more than four members at once", Source: "10", Copes: "halves the batch until it is taken"},
		{Switch: UnknownMembersTaken, Does: "takes members that do not exist", Source: "10", Copes: "nobody tells that an account is gone; `drift` finds out", Except: []Aspect{Vanished}},
		{Switch: UnknownMember404, Does: "answers 404 when one of many members does not exist", Source: "10; RT (Better Auth)", Copes: "halves the batch until the one is found"},
		{Switch: MembersNeverShown, Does: "never shows members, and `verify_members` is set", Source: "RT", Copes: "says that nothing can be verified, and believes the answers", Set: Setting{VerifyMembers: true}},
		{Switch: ExcludedIgnored, Does: "shows members although they are excluded", Source: "17.14", Copes: "drops them"},
		{Switch: MemberRemoveIgnored, Does: "answers 204 to the removal of a member and does nothing, and `verify_members` is set", Source: "17.20", Copes: "reads members back, and says that they are still there", Except: []Aspect{Members}, Says: "member", Set: Setting{VerifyMembers: true}},
		{Switch: MembersCapped, Does: "has no PATCH for groups, and shows no more than five members of one", Source: "17.15", Copes: "finds out on the first group that it writes, and does not write groups from then on", Except: []Aspect{Members, GroupNames, Vanished}, Says: "members"},
	}
}
