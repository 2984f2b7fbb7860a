package adversary

// Switches about lists.
const (
	TotalCapped         Switch = "total capped"
	TotalIsPage         Switch = "total is the page's length"
	TotalTooLarge       Switch = "total too large"
	TotalMissing        Switch = "total missing"
	TotalAsText         Switch = "total as text"
	ItemsPerPageEchoed  Switch = "itemsPerPage echoed"
	CountCut            Switch = "count cut"
	CountIgnored        Switch = "count ignored"
	StartIndexIgnored   Switch = "startIndex ignored"
	StartIndexWrong     Switch = "startIndex answered wrong"
	ZeroBased           Switch = "startIndex from zero"
	NewestFirst         Switch = "newest first, accounts made meanwhile"
	DeletedBetweenPages Switch = "deleted between pages"
	EmptyPage           Switch = "empty page"
	ListedTwice         Switch = "listed twice"
	BeyondEndRefused    Switch = "beyond the end refused"
	CursorPaging        Switch = "cursors only"
	CursorRepeats       Switch = "cursor repeats"
	ResourcesMissing    Switch = "Resources missing"
	TotalZero           Switch = "total zero"
	CountRefused        Switch = "large count refused"
	CursorExpires       Switch = "cursors expire"
	OrderUnstable       Switch = "order changes"
)

const lists = "reads on until a page brings nothing new; no single number is trusted"

func pagingRows() []Row {
	return []Row{
		{Switch: TotalCapped, Does: "answers at most the page limit as `totalResults`", Source: "RT", Copes: lists},
		{Switch: TotalIsPage, Does: "answers the length of the page as `totalResults`", Source: "RT", Copes: lists},
		{Switch: TotalTooLarge, Does: "announces more in `totalResults` than it delivers", Source: "RT", Copes: "does not take the list for whole; matches by search"},
		{Switch: TotalMissing, Does: "answers lists without `totalResults`, `itemsPerPage` and `startIndex`", Source: "RT", Copes: lists},
		{Switch: TotalAsText, Does: "answers `totalResults` as text", Source: "RT", Copes: lists},
		{Switch: ItemsPerPageEchoed, Does: "answers the `count` it was asked for as `itemsPerPage`", Source: "RT (SCIMMY)", Copes: lists},
		{Switch: CountCut, Does: "delivers fewer than `count` without a word", Source: "RT (elimity)", Copes: lists},
		{Switch: CountIgnored, Does: "ignores `startIndex` and `count` and delivers everything at once", Source: "RT", Copes: lists},
		{Switch: StartIndexIgnored, Does: "always delivers the first page", Source: "12; RT", Copes: "notices that the list does not advance; matches by search"},
		{Switch: StartIndexWrong, Does: "answers `startIndex` 0", Source: "12", Copes: lists},
		{Switch: ZeroBased, Does: "counts `startIndex` from 0, so that the first account is never listed", Source: "RT", Copes: "notices that the list is short of one; matches by search"},
		{Switch: NewestFirst, Does: "lists the newest first, while others make accounts", Source: "RT", Copes: lists},
		{Switch: DeletedBetweenPages, Does: "loses an account between two pages, so that the next ones move up", Source: "RT", Copes: "notices that the list is short; matches by search"},
		{Switch: EmptyPage, Does: "delivers an empty page in the middle", Source: "issue 5", Copes: "does not take the list for whole; matches by search"},
		{Switch: ListedTwice, Does: "lists an account twice", Source: "RT", Copes: "an id counts once"},
		{Switch: BeyondEndRefused, Does: "refuses a `startIndex` beyond the end", Source: "12", Copes: "takes that for the end"},
		{Switch: CursorPaging, Does: "pages by cursor only", Source: "RFC 9865", Copes: "follows the cursors"},
		{Switch: CursorRepeats, Does: "answers the same cursor again and again", Source: "RFC 9865", Copes: "notices that the list does not advance; matches by search"},
		{Switch: ResourcesMissing, Does: "leaves `Resources` out when there are none", Source: "RFC 7644 3.4.2", Copes: "takes that for none"},
		{Switch: TotalZero, Does: "answers 0 as `totalResults`, and delivers", Source: "issue 5", Copes: lists},
		{Switch: CountRefused, Does: "refuses a `count` above its limit", Source: "12", Copes: "asks without `count`"},
		{Switch: CursorExpires, Does: "pages by cursor only, and every cursor has expired", Source: "RFC 9865", Copes: "does not take the list for whole; matches by search"},
		{Switch: OrderUnstable, Does: "lists in another order for every request", Source: "issue 5", Copes: "notices that the list does not advance; matches by search"},
	}
}

// Switches about searches.
const (
	FilterIgnored        Switch = "filter ignored"
	FilterFindsNothing   Switch = "filter finds nothing"
	FilterRefused        Switch = "filter refused"
	FilterOtherAttribute Switch = "filter on another attribute"
	FilterPrefix         Switch = "filter by prefix"
	FilterCaseExact      Switch = "filter by case"
	HitsWithoutValues    Switch = "hits without values"
	NotFoundOnEmpty      Switch = "404 for none"
	NotFoundOnEmptyTold  Switch = "404 for none, set"
	BadRequestOnEmpty    Switch = "400 for none, set"
	HTMLWith200          Switch = "200 with HTML"
	ErrorBodyWith200     Switch = "200 with an error"
	EmptyObjectWith200   Switch = "200 with an empty object"
	DisabledUnreadable   Switch = "disabled users cannot be read"
	DisabledVanish       Switch = "disabled users vanish"
	GroupFilterRefused   Switch = "filter refused for groups"
	GroupFilterIgnored   Switch = "filter ignored for groups"
	HitTwice             Switch = "hit twice"
	TwoOfAName           Switch = "two of a name"
)

func filterRows() []Row {
	return []Row{
		{Switch: FilterIgnored, Does: "reads the filter and answers the newest", Source: "17.12; RT", Copes: "every hit is verified; lists instead"},
		{Switch: FilterFindsNothing, Does: "does not look at the attribute, so that nobody is found", Source: "17.12; RT", Copes: "proves that searching finds somebody who is there; lists instead"},
		{Switch: FilterRefused, Resting: 4, Does: "refuses the attribute with 400 `invalidFilter`", Source: "17.12; RT (elimity)", Copes: "lists instead"},
		{Switch: FilterOtherAttribute, Does: "finds by another attribute", Source: "issue 5", Copes: "every hit is verified; lists instead"},
		{Switch: FilterPrefix, Does: "finds whoever begins with the value", Source: "issue 5", Copes: "every hit is verified; lists instead"},
		{Switch: FilterCaseExact, Does: "finds names by their exact case, though they are unique without it", Source: "17.13", Copes: "finds out on somebody who is there; who is not found is looked for in the list"},
		{Switch: HitsWithoutValues, Does: "answers searches with ids only", Source: "RFC 7644 3.4.2.5", Copes: "a hit that does not show the value is not believed; lists instead"},
		{Switch: NotFoundOnEmpty, Does: "answers 404 when a search finds nobody", Source: "17.16", Copes: "says which setting takes that for \"none\"", Refused: true, Says: "404"},
		{Switch: NotFoundOnEmptyTold, Resting: 4, Does: "the same, and `not_found_is_empty` is set", Source: "17.16", Copes: "takes it for none", Set: Setting{NotFoundIsEmpty: true}},
		{Switch: BadRequestOnEmpty, Resting: 4, Does: "answers 400 when a search finds nobody, and `not_found_is_empty` is set", Source: "17.16", Copes: "takes it for none", Set: Setting{NotFoundIsEmpty: true}},
		{Switch: HTMLWith200, Does: "answers searches with 200 and a page for people", Source: "13", Copes: "an answer that is not SCIM is an error, never \"nobody\"", Refused: true, Says: "text/html"},
		{Switch: ErrorBodyWith200, Does: "answers a bad token with 200 and an error inside", Source: "RT", Copes: "believes the error", Refused: true, Says: "error 401 inside"},
		{Switch: EmptyObjectWith200, Does: "answers searches with 200 and `{}`", Source: "issue 5", Copes: "an answer that is not a ListResponse is an error, never \"nobody\"", Refused: true, Says: "not a ListResponse"},
		{Switch: DisabledUnreadable, Does: "shows disabled users neither in lists nor by id, but lets them be written", Source: "17.17", Copes: "writes by the id it knows"},
		{Switch: DisabledVanish, Does: "answers 404 for disabled users, also when they are written", Source: "17.17", Copes: "matches again, tries once to create, and keeps the object for the administrator",
			Except: []Aspect{Returns}, Tries: true, Says: "409"},
		{Switch: GroupFilterRefused, Resting: 4, Does: "refuses to search groups", Source: "17.12", Copes: "lists instead"},
		{Switch: GroupFilterIgnored, Does: "ignores the filter for groups", Source: "17.12", Copes: "every hit is verified; lists instead"},
		{Switch: HitTwice, Does: "answers a search with the same account twice", Source: "5", Copes: "an id counts once"},
		{Switch: TwoOfAName, Does: "has two accounts whose name differs by case, one of which is meant", Source: "5; issue 5", Copes: "writes to neither, and says that there are two",
			Except: []Aspect{Doubled}, Says: "more than one account"},
	}
}
