package sqlstore

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// document is the envelope of stored JSON that is not hot: {"v":1,"body":…}.
type document[T any] struct {
	Version int `json:"v"`
	Body    T   `json:"body"`
}

func encodeDocument[T any](content T) (string, error) {
	data, err := json.Marshal(document[T]{Version: bodyVersion, Body: content})
	return string(data), err
}

func decodeDocument[T any](text string) (T, error) {
	var d document[T]
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d.Body, err
	}
	if d.Version != bodyVersion {
		return d.Body, fmt.Errorf("document of version %d, this binary knows %d", d.Version, bodyVersion)
	}
	return d.Body, nil
}

// cycleRow is the stored form of a cycle.
type cycleRow struct {
	ID         string       `json:"id"`
	Generation int64        `json:"generation"`
	Full       bool         `json:"full"`
	CopyID     string       `json:"copy"`
	From       int64        `json:"from"`
	To         int64        `json:"to"`
	Phase      store.Phase  `json:"phase"`
	Cursor     int64        `json:"cursor"`
	Counts     store.Counts `json:"counts"`
	StartedAt  int64        `json:"started"`
	EndedAt    int64        `json:"ended"`
	Failure    string       `json:"failure"`
}

func encodeCycle(c store.Cycle) (string, error) {
	return encodeDocument(cycleRow{
		ID: c.ID, Generation: c.Generation, Full: c.Full, CopyID: c.CopyID, From: c.From, To: c.To,
		Phase: c.Phase, Cursor: c.Cursor, Counts: c.Counts, StartedAt: millis(c.StartedAt), EndedAt: millis(c.EndedAt),
		Failure: c.Failure,
	})
}

// decodeCycle reads a cycle; the empty text is none.
func decodeCycle(text string) (*store.Cycle, error) {
	if text == "" {
		return nil, nil
	}
	row, err := decodeDocument[cycleRow](text)
	if err != nil {
		return nil, err
	}
	return &store.Cycle{
		ID: row.ID, Generation: row.Generation, Full: row.Full, CopyID: row.CopyID, From: row.From, To: row.To,
		Phase: row.Phase, Cursor: row.Cursor, Counts: row.Counts, StartedAt: timeOf(row.StartedAt), EndedAt: timeOf(row.EndedAt),
		Failure: row.Failure,
	}, nil
}

// encodeQuarantine writes the record of a quarantine; none is the empty text.
func encodeQuarantine(q engine.Quarantine) (string, error) {
	if !q.In() {
		return "", nil
	}
	q.CurrentBegan, q.SeriesBegan, q.NextAttempt = truncated(q.CurrentBegan), truncated(q.SeriesBegan), truncated(q.NextAttempt)
	return encodeDocument(q)
}

func decodeQuarantine(text string) (engine.Quarantine, error) {
	if text == "" {
		return engine.Quarantine{}, nil
	}
	return decodeDocument[engine.Quarantine](text)
}

// truncated is a time as it comes back from the database.
func truncated(t time.Time) time.Time { return timeOf(millis(t)) }
