package adversary

// Switches about the way a request and its answer travel.
const (
	Slow              Switch = "slow"
	NeverAnswers      Switch = "never answers"
	ResetBefore       Switch = "reset before"
	ResetAfter        Switch = "reset after"
	Truncated         Switch = "truncated"
	GatewayError      Switch = "502 after the write"
	BusySeconds       Switch = "429 in seconds"
	BusyDate          Switch = "429 until a date"
	BusyForYears      Switch = "429 for years"
	BusyNonsense      Switch = "429 with nonsense"
	BusySilent        Switch = "429 without a word"
	Unavailable       Switch = "503"
	UnavailableDate   Switch = "503 until a date"
	WrongContentType  Switch = "wrong content type"
	RedirectSameHost  Switch = "redirect on the host"
	RedirectOtherHost Switch = "redirect to another host"
	RedirectLoop      Switch = "redirect in a circle"
	HTMLForEverything Switch = "HTML for everything"
	EndlessBody       Switch = "endless body"

	BusyTooLarge        Switch = "413 in seconds"
	TokenRefused        Switch = "401 now and then"
	NotFoundNowAndThen  Switch = "404 now and then"
	Outage              Switch = "outage"
	ForbiddenEverywhere Switch = "403 for everything"
	ReadOnly            Switch = "403 for every write"
	WritesAnswerHTML    Switch = "HTML for every write"
	RedirectFound       Switch = "302 on the host"
	ErrorsAsText        Switch = "errors are text"
	RefusalsWith200     Switch = "refusals with 200"
	NotFoundAsPage      Switch = "404 with HTML"
)

func transportRows() []Row {
	const lost = "a lost write is never repeated; matches again in the next cycle"
	return []Row{
		{Switch: Slow, Does: "takes five seconds for every answer", Source: "14", Copes: "waits, up to `timeout`"},
		{Switch: NeverAnswers, Does: "does about every 15th request and never answers it", Source: "13", Copes: lost, Rounds: 6},
		{Switch: ResetBefore, Does: "drops the connection at about every 15th request", Source: "13", Copes: "repeats reads; " + lost, Rounds: 6},
		{Switch: ResetAfter, Does: "does about every 15th request and drops the connection", Source: "13", Copes: "repeats reads; " + lost, Rounds: 6},
		{Switch: Truncated, Does: "breaks off about every 15th answer", Source: "13", Copes: "repeats reads; " + lost, Rounds: 6},
		{Switch: GatewayError, Does: "does about every 15th request, and a gateway answers 502", Source: "13", Copes: "repeats reads; " + lost, Rounds: 6},
		{Switch: BusySeconds, Does: "answers about every 15th request 429 with `Retry-After` in seconds", Source: "13", Copes: "waits that long and repeats"},
		{Switch: BusyDate, Does: "answers about every 15th request 429 with `Retry-After` as a date", Source: "13", Copes: "waits until then and repeats"},
		{Switch: BusyForYears, Does: "answers 429 with a `Retry-After` of three years, twice", Source: "issue 5", Copes: "does not wait; the next cycle goes on", Rounds: 2},
		{Switch: BusyNonsense, Does: "answers about every 15th request 429 with a `Retry-After` that nobody can read", Source: "issue 5", Copes: "waits as it sees fit and repeats"},
		{Switch: BusySilent, Does: "answers about every 15th request 429 without `Retry-After`", Source: "13", Copes: "waits as it sees fit and repeats"},
		{Switch: Unavailable, Does: "answers about every 15th request 503", Source: "13", Copes: "repeats reads; writes are tried again in the next cycle", Rounds: 6},
		{Switch: UnavailableDate, Does: "answers about every 15th request 503 with `Retry-After` as a date", Source: "13", Copes: "waits until then and repeats"},
		{Switch: WrongContentType, Does: "answers SCIM as `text/plain`", Source: "1", Copes: "reads the body, not the label"},
		{Switch: RedirectSameHost, Does: "redirects to another path on the same host", Source: "13", Copes: "follows, with the same method"},
		{Switch: RedirectOtherHost, Does: "redirects to another host", Source: "13", Copes: "does not follow: the token never goes there", Refused: true, Says: "another host"},
		{Switch: RedirectLoop, Does: "redirects in a circle", Source: "13", Copes: "gives up after five", Refused: true, Says: "redirected more than"},
		{Switch: HTMLForEverything, Does: "answers everything with 200 and a page for people", Source: "13", Copes: "an answer that is not SCIM is an error", Refused: true, Says: "text/html"},
		{Switch: EndlessBody, Does: "answers searches with a body that does not end", Source: "issue 5", Copes: "stops reading at the limit", Refused: true, Says: "answered more than"},
		{Switch: BusyTooLarge, Does: "answers about every 15th request 413 with `Retry-After`", Source: "13", Copes: "waits that long and repeats"},
		{Switch: TokenRefused, Does: "answers about every 15th request 401", Source: "13", Copes: "stops the cycle; goes on in the next", Rounds: 12},
		{Switch: NotFoundNowAndThen, Does: "answers about every 15th request for an account that is there 404", Source: "13", Copes: "drops the link and matches again once", Rounds: 6},
		{Switch: Outage, Does: "answers nobody for half a day, in the midst of a cycle", Source: "17.21", Copes: lost, Rounds: 6},
		{Switch: ForbiddenEverywhere, Does: "refuses everything with 403", Source: "13", Copes: "the connection test says so", Refused: true, Says: "403"},
		{Switch: ReadOnly, Does: "refuses every write with 403", Source: "13", Copes: "says so", Except: []Aspect{Everything}, Says: "403"},
		{Switch: WritesAnswerHTML, Does: "answers every write with 200 and a page for people", Source: "13", Copes: "an answer that is not SCIM is an error", Except: []Aspect{Everything}, Says: "text/html"},
		{Switch: RedirectFound, Does: "redirects to another path on the same host with 302", Source: "13", Copes: "follows, with the same method"},
		{Switch: ErrorsAsText, Does: "answers errors as plain text without a `scimType`", Source: "13", Copes: "goes by the status"},
		{Switch: RefusalsWith200, Does: "answers 200 to what it refuses, with the error inside", Source: "RT", Copes: "believes the error"},
		{Switch: NotFoundAsPage, Does: "answers 404 with a page for people", Source: "5", Copes: "goes by the status"},
	}
}

// Switches about bulk (RFC 7644 3.7) and discovery.
const (
	BulkWorks           Switch = "bulk"
	BulkStopsHalfway    Switch = "bulk stops halfway"
	BulkAnswersHalf     Switch = "bulk answers half"
	BulkOtherOrder      Switch = "bulk in another order"
	BulkWithoutIDs      Switch = "bulk without bulkId"
	BulkWithoutLocation Switch = "bulk without location"
	BulkMissing         Switch = "bulk announced, missing"
	BulkSmaller         Switch = "bulk smaller than announced"
	BulkStatusObject    Switch = "bulk status as object"
	BulkCut             Switch = "bulk answer cut off"
	BulkStatusNumber    Switch = "bulk status as number"
	BulkErrorWith200    Switch = "bulk 200 with an error"
	BulkTooLarge        Switch = "bulk 413"
	BulkUnlimited       Switch = "bulk limits not announced"
	BulkStopsAtError    Switch = "bulk stops at an error"
	BulkAllOrNothing    Switch = "bulk all or nothing"
	BulkFailsAfter      Switch = "bulk done, 500"
	BulkIDsSwapped      Switch = "bulkIds swapped"
	BulkWithoutMethod   Switch = "bulk without method"
	BulkAnswersTwice    Switch = "bulk answers twice"
	DiscoveryFails      Switch = "discovery 500"
	DiscoveryIsHTML     Switch = "discovery is HTML"
	DiscoveryMissing    Switch = "discovery missing"
)

func bulkRows() []Row {
	const single = "one request for each operation instead"
	const rematch = "what has no answer counts as unknown; matches again"
	return []Row{
		{Switch: BulkWorks, Does: "offers bulk", Source: "11", Copes: "uses it, within its limits"},
		{Switch: BulkStopsHalfway, Does: "does and answers only the first half of a bulk request", Source: "issue 5", Copes: rematch, Rounds: 4},
		{Switch: BulkAnswersHalf, Does: "does a whole bulk request and answers half of it", Source: "issue 5", Copes: rematch, Rounds: 4},
		{Switch: BulkOtherOrder, Does: "answers a bulk request in another order", Source: "issue 5", Copes: "goes by `bulkId`, never by order"},
		{Switch: BulkWithoutIDs, Does: "answers a bulk request without `bulkId`", Source: "issue 5", Copes: rematch,
			// Accounts that are there already are updated in the same request, and what is refused has no location either.
			Otherwise: []Otherwise{{Profiles: []string{Entra, EntraCompliant}, Rounds: 1}}},
		{Switch: BulkWithoutLocation, Does: "answers a bulk request without `location`", Source: "issue 5", Copes: rematch},
		{Switch: BulkMissing, Does: "announces bulk and answers 501", Source: "11", Copes: single},
		{Switch: BulkSmaller, Does: "announces larger bulk requests than it takes", Source: "11", Copes: "halves them, or " + single},
		{Switch: BulkStatusObject, Does: "answers a bulk request with statuses that are objects", Source: "RFC 7644 3.7", Copes: "reads them"},
		{Switch: BulkCut, Does: "does a bulk request and breaks off the answer", Source: "issue 5", Copes: rematch, Rounds: 4},
		{Switch: BulkStatusNumber, Does: "answers a bulk request with statuses that are numbers", Source: "RFC 7644 3.7", Copes: "reads them"},
		{Switch: BulkErrorWith200, Does: "announces bulk and answers 200 with an error inside", Source: "issue 5", Copes: single},
		{Switch: BulkTooLarge, Does: "announces bulk and answers 413 to every bulk request", Source: "issue 5", Copes: single},
		{Switch: BulkUnlimited, Does: "announces bulk without its limits", Source: "RFC 7643 5", Copes: "keeps to limits of its own, halves them, or " + single},
		{Switch: BulkStopsAtError, Does: "stops a bulk request at the first operation that it refuses", Source: "RFC 7644 3.7.3", Copes: rematch, Rounds: 1},
		{Switch: BulkAllOrNothing, Does: "refuses a bulk request when it refuses one of its operations", Source: "issue 5", Copes: single},
		{Switch: BulkFailsAfter, Does: "does a bulk request and answers 500", Source: "issue 5", Copes: rematch, Rounds: 4},
		{Switch: BulkIDsSwapped, Does: "swaps the `bulkId`s of new accounts", Source: "issue 5", Copes: "looks whether an account is the one that was sent; " + rematch, Rounds: 1},
		{Switch: BulkWithoutMethod, Does: "answers a bulk request without `method`", Source: "issue 5", Copes: "goes by `bulkId`"},
		{Switch: BulkAnswersTwice, Does: "answers each operation of a bulk request twice", Source: "issue 5", Copes: "two answers that agree are one"},
		{Switch: DiscoveryFails, Does: "answers 500 to `/ServiceProviderConfig`", Source: "11", Copes: "does without"},
		{Switch: DiscoveryIsHTML, Does: "answers `/ServiceProviderConfig` with a page for people", Source: "11", Copes: "does without"},
		{Switch: DiscoveryMissing, Does: "has no `/ServiceProviderConfig`", Source: "11", Copes: "does without"},
	}
}
