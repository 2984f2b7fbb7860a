package provlog

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
)

// WriteJSONLines writes records as JSON, one in a line, members in the order of Summary and map keys sorted.
func WriteJSONLines(to io.Writer, records []Record) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	for _, record := range records {
		if err := encoder.Encode(record.Summary()); err != nil {
			return err
		}
	}
	return nil
}

// The names of the three files of a CSV export (engine.md 23).
const (
	EventsFile     = "events.csv"
	StepsFile      = "steps.csv"
	PropertiesFile = "modified_properties.csv"
)

// CSV writes records in three tables that changeId joins: events, steps and modified properties. A cell that a
// spreadsheet would run as a formula begins with an apostrophe.
type CSV struct {
	events, steps, properties *csv.Writer
}

// NewCSV writes the three header rows.
func NewCSV(events, steps, properties io.Writer) (*CSV, error) {
	c := &CSV{events: csv.NewWriter(events), steps: csv.NewWriter(steps), properties: csv.NewWriter(properties)}
	err := c.events.Write([]string{
		"changeId", "cycleId", "jobId", "activityDateTime", "provisioningAction", "status", "identityType", "sourceId", "sourceDisplayName",
		"targetId", "durationInMilliseconds", "initiatedBy", "errorCode", "errorCategory", "reason", "recommendedAction",
	})
	if err == nil {
		err = c.steps.Write([]string{"changeId", "name", "provisioningStepType", "status", "description", "details"})
	}
	if err == nil {
		err = c.properties.Write([]string{"changeId", "displayName", "oldValue", "newValue"})
	}
	return c, err
}

// Write adds records. Flush must follow the last one.
func (c *CSV) Write(records []Record) error {
	for _, r := range records {
		advice, _ := AdviceOn(r.ErrorCode)
		err := c.events.Write(cells(
			r.ChangeID, r.CycleID, r.JobID, FormatTime(r.Time), string(r.Action), string(r.Status), string(r.ObjectType), string(r.Source),
			r.SourceName, string(r.Target), strconv.FormatInt(r.DurationMS, 10), string(r.InitiatedBy), r.ErrorCode, string(advice.Category),
			r.Reason, advice.RecommendedAction,
		))
		if err != nil {
			return err
		}
		for _, step := range r.Steps {
			details := ""
			if len(step.Details) > 0 {
				encoded, err := json.Marshal(step.Details)
				if err != nil {
					return err
				}
				details = string(encoded)
			}
			if err := c.steps.Write(cells(r.ChangeID, step.Name, string(step.Type), string(step.Status), step.Description, details)); err != nil {
				return err
			}
		}
		for _, modified := range r.Modified {
			if err := c.properties.Write(cells(r.ChangeID, modified.DisplayName, modified.OldValue, modified.NewValue)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush writes what is buffered and returns the first error of any of the three.
func (c *CSV) Flush() error {
	for _, w := range []*csv.Writer{c.events, c.steps, c.properties} {
		w.Flush()
		if err := w.Error(); err != nil {
			return err
		}
	}
	return nil
}

// cells disarms formulas. Values come from directories, where people choose their own display names; spreadsheets run a
// cell that begins like a formula even when it is quoted.
func cells(values ...string) []string {
	for i, value := range values {
		if value == "" {
			continue
		}
		switch value[0] {
		case '=', '+', '-', '@', '\t', '\r', '\n':
			values[i] = "'" + value
		}
	}
	return values
}
