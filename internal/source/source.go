package source

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Watermark is a position in a source's change feed. It is opaque to everyone but the source that gave it;
// the empty watermark asks for everything.
type Watermark string

// Source reads people and groups. Implementations are safe for use by one goroutine at a time.
type Source interface {
	// Changes calls deliver with what changed since the watermark, page by page, and returns the next
	// watermark. Pages hold at most PageSize changes. There is no order, an object may occur several times,
	// and a change may be replayed in a later call; the last occurrence in one call wins. Pages are not
	// empty, and deliver may keep them.
	//
	// When Changes returns an error, nothing delivered in that call may be used: the caller discards it
	// whole. An error returned by deliver ends the call and is returned unchanged.
	//
	// deliver runs inside a transaction of the store: a source that waits for a network fetches first and delivers then.
	//
	// Errors: Invalid when the source's content cannot be used (bad record, duplicate id), NotFound when
	// there is no such source, Unauthorised or Forbidden when it refuses us, Transient or Throttled when it
	// does not answer now, ErrWatermarkExpired when the watermark is too old.
	Changes(ctx context.Context, since Watermark, deliver func([]Change) error) (Result, error)
}

// PageSize is the largest number of changes in one page.
const PageSize = 1000

// ErrWatermarkExpired says that the source no longer knows the watermark. The caller starts again with the
// empty one; links are kept (engine.md 3, rule 11).
var ErrWatermarkExpired = directory.Errorf(directory.Invalid, "the source no longer knows this watermark")

// Change is one changed object.
type Change struct {
	Object directory.Object
	// Partial says that Object holds only what changed: attributes that are absent keep their value, an
	// attribute that is explicitly null was cleared, and relations change by Added and Removed.
	// Otherwise Object is the whole object and replaces what was known of it. Object.Removed is the present
	// state in either case: a soft-deleted object that arrives as Present was restored.
	Partial bool
	// Added and Removed are the changes of relations by relation name, for partial changes only. A relation in
	// Object.References is replaced whole, an empty list clears it; where Added and Removed both name an anchor, it is
	// there afterwards.
	Added, Removed map[string][]directory.Anchor
}

// Result is the end of a feed.
type Result struct {
	Watermark Watermark
	// Complete says that every object that exists was delivered. What the caller knows and did not receive
	// is hard-deleted (engine.md 3, rule 6).
	Complete bool
}
