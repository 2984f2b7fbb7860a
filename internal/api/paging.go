package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"google.golang.org/protobuf/proto"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Page sizes of every listing.
const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// pageSize is the size asked for, within bounds.
func pageSize(asked int32) (int, error) {
	switch {
	case asked < 0:
		return 0, directory.Errorf(directory.Invalid, "page_size is %d; leave it out for %d, or ask for up to %d", asked, defaultPageSize, maxPageSize)
	case asked == 0:
		return defaultPageSize, nil
	}
	return min(int(asked), maxPageSize), nil
}

// pageToken is a place behind an item of a listing: P names the item. Q is a digest of what was asked, because a place in
// one listing means nothing in another.
type pageToken[P any] struct {
	Position P      `json:"p"`
	Question string `json:"q"`
}

// question digests a request whose page size and token were cleared.
func question(request proto.Message) (string, error) {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return "", directory.Errorf(directory.Fatal, "encode the request: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8]), nil
}

func encodePageToken[P any](position P, question string) (string, error) {
	raw, err := json.Marshal(pageToken[P]{Position: position, Question: question})
	if err != nil {
		return "", directory.Errorf(directory.Fatal, "encode a page token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// decodePageToken reads a token that encodePageToken made for the same question. The empty token is the first page.
func decodePageToken[P any](token, question string) (position P, err error) {
	if token == "" {
		return position, nil
	}
	var read pageToken[P]
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(raw, &read)
	}
	if err != nil || read.Question != question {
		return position, directory.Errorf(directory.Invalid,
			"page_token does not belong to this request; send the token of the page before, with the same filters, or none for the first page")
	}
	return read.Position, nil
}
