package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// logsCommand prints the provisioning log.
type logsCommand struct {
	storeFlags

	Since  string   `placeholder:"TIME" help:"From then on: a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 24h or 7d."`
	Until  string   `placeholder:"TIME" help:"Before then."`
	Action []string `placeholder:"ACTION" help:"What was done: create, update, delete, stageddelete, disable or other. Repeatable."`
	Status []string `placeholder:"STATUS" help:"How it ended: success, warning, failure or skipped. Repeatable."`
	Type   string   `placeholder:"TYPE" help:"user or group."`
	Object string   `placeholder:"ID" help:"Source id or name of an object, exactly, with regard to case."`
	Cycle  string   `placeholder:"ID" help:"Id of a cycle."`
	Change string   `placeholder:"ID" help:"Id of a change."`
	Code   string   `placeholder:"CODE" help:"An error code such as DuplicateTargetEntries, with regard to case."`

	Format string `enum:"text,jsonl,csv" default:"text" help:"text, jsonl (one JSON object a line) or csv. Default: ${default}."`
	Out    string `placeholder:"DIR" help:"Directory for the three files of csv. It is created when missing; older files in it are replaced."`
}

// Help returns the long text of logs --help.
func (logsCommand) Help() string {
	return `Prints the log of a job, oldest first; times are UTC. It contacts neither source nor application, and works while Terraform runs. ` +
		`The log of a destroyed job stays until its records are too old; name that job with --job.

With --format jsonl every record has the names of Microsoft's provisioningObjectSummary. ` +
		`With --format csv there are three files: ` + provlog.EventsFile + `, ` + provlog.StepsFile + ` and ` + provlog.PropertiesFile +
		`; changeId says what belongs together. A value that a spreadsheet would take for a formula has an apostrophe before it.

Examples:

    terraform-provider-provisioning logs --since 24h --status failure
    terraform-provider-provisioning logs --object ann@example.com --format jsonl | jq .provisioningSteps
    terraform-provider-provisioning logs --job wiki/main --since 2026-01-01 --until 2026-02-01 --format csv --out january`
}

// Validate rejects flags that do not go together.
func (c *logsCommand) Validate() error {
	if c.Format == "csv" && c.Out == "" {
		return errors.New("--format csv writes three files; name their directory with --out")
	}
	if c.Format != "csv" && c.Out != "" {
		return errors.New("--out is for --format csv; other formats go to standard output")
	}
	return nil
}

// logWriter writes pages of records.
type logWriter interface {
	write(records []provlog.Record) error
	// close ends the output.
	close() error
}

// Run prints the log.
func (c *logsCommand) Run(ctx context.Context, build Build, streams Streams) error {
	request, err := c.request(time.Now())
	if err != nil {
		return err
	}
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		var writer logWriter
		counted := map[provlog.Status]int{}
		err := eachPage(func(token string) (string, error) {
			request.PageToken = token
			answer, err := engine.Client().Operations.ListLogs(ctx, connect.NewRequest(request))
			if err != nil {
				return "", err
			}
			records := make([]provlog.Record, len(answer.Msg.GetRecords()))
			for i, message := range answer.Msg.GetRecords() {
				records[i] = recordOf(message)
				counted[records[i].Status]++
			}
			if writer == nil { // not before the engine has accepted the question
				if writer, err = c.writer(streams.Out); err != nil {
					return "", err
				}
			}
			return answer.Msg.GetNextPageToken(), writer.write(records)
		})
		if writer != nil {
			err = errors.Join(err, writer.close())
		}
		if err == nil && c.Format != "jsonl" {
			_, err = io.WriteString(streams.Err, tally(counted))
		}
		return err
	})
}

func (c *logsCommand) request(now time.Time) (*provisioningv1.ListLogsRequest, error) {
	request := &provisioningv1.ListLogsRequest{
		JobId: c.Job, Actions: c.Action, Statuses: c.Status, ObjectType: c.Type, Object: c.Object, CycleId: c.Cycle, ChangeId: c.Change,
		ErrorCode: c.Code, PageSize: 1000,
	}
	if c.Since != "" {
		at, err := moment("--since", c.Since, now)
		if err != nil {
			return nil, err
		}
		request.Since = timestamppb.New(at)
	}
	if c.Until != "" {
		at, err := moment("--until", c.Until, now)
		if err != nil {
			return nil, err
		}
		request.Until = timestamppb.New(at)
	}
	return request, nil
}

func (c *logsCommand) writer(out io.Writer) (logWriter, error) {
	switch c.Format {
	case "jsonl":
		return jsonLines{out}, nil
	case "csv":
		return openLogFiles(c.Out)
	default:
		return &logTable{table: table{to: out}}, nil
	}
}

// tally counts records by status, and names nobody.
func tally(counted map[provlog.Status]int) string {
	total, parts := 0, []string{}
	for _, status := range provlog.Statuses() {
		if n := counted[status]; n > 0 {
			total += n
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	switch total {
	case 0:
		return "no records\n"
	case 1:
		return "1 record: " + parts[0] + "\n"
	}
	return fmt.Sprintf("%d records: %s\n", total, strings.Join(parts, ", "))
}

type jsonLines struct{ to io.Writer }

func (j jsonLines) write(records []provlog.Record) error {
	return provlog.WriteJSONLines(j.to, records)
}
func (jsonLines) close() error { return nil }

// logTable prints one line for each record.
type logTable struct {
	table
	begun bool
}

func (t *logTable) write(records []provlog.Record) error {
	var rows [][]string
	if !t.begun && len(records) > 0 {
		t.begun = true
		rows = append(rows, []string{"TIME", "ACTION", "STATUS", "TYPE", "OBJECT", "CODE", "REASON"})
	}
	for _, r := range records {
		object := r.SourceName
		if object == "" {
			object = string(r.Source)
		}
		rows = append(rows, []string{provlog.FormatTime(r.Time), string(r.Action), string(r.Status), string(r.ObjectType), object, r.ErrorCode, r.Reason})
	}
	return t.rows(rows...)
}

func (*logTable) close() error { return nil }

// logFiles are the three files of a CSV export.
type logFiles struct {
	csv   *provlog.CSV
	files []*os.File
}

func openLogFiles(dir string) (_ *logFiles, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the export: %w", err)
	}
	l := &logFiles{}
	defer func() {
		if err != nil {
			for _, file := range l.files {
				_ = file.Close()
			}
		}
	}()
	for _, name := range []string{provlog.EventsFile, provlog.StepsFile, provlog.PropertiesFile} {
		// The log holds personal data: the files are for their owner alone.
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return nil, fmt.Errorf("write the export: %w", err)
		}
		l.files = append(l.files, file)
	}
	l.csv, err = provlog.NewCSV(l.files[0], l.files[1], l.files[2])
	return l, err
}

func (l *logFiles) write(records []provlog.Record) error { return l.csv.Write(records) }

func (l *logFiles) close() error {
	err := l.csv.Flush()
	for _, file := range l.files {
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}

// recordOf is a record as the engine keeps it.
func recordOf(m *provisioningv1.LogRecord) provlog.Record {
	r := provlog.Record{
		ChangeID: m.GetChangeId(), CycleID: m.GetCycleId(), JobID: m.GetJobId(), Time: m.GetTime().AsTime(), Action: provlog.Action(m.GetAction()),
		Status: provlog.Status(m.GetStatus()), ObjectType: directory.ObjectType(m.GetObjectType()), Source: directory.Anchor(m.GetSourceId()),
		SourceName: m.GetSourceName(), Target: directory.Anchor(m.GetTargetId()), ErrorCode: m.GetErrorCode(), Reason: m.GetReason(),
		DurationMS: m.GetDurationMs(), InitiatedBy: provlog.Initiator(m.GetInitiatedBy()),
	}
	for _, step := range m.GetSteps() {
		r.Steps = append(r.Steps, provlog.Step{
			Name: step.GetName(), Type: provlog.StepType(step.GetType()), Status: provlog.Status(step.GetStatus()), Description: step.GetDescription(),
			Details: step.GetDetails(),
		})
	}
	for _, modified := range m.GetModified() {
		r.Modified = append(r.Modified, provlog.ModifiedProperty{
			DisplayName: modified.GetDisplayName(), OldValue: modified.GetOldValue(), NewValue: modified.GetNewValue(),
		})
	}
	return r
}
