package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// stagedCommand looks at the disables and deletes that wait, and decides about them.
type stagedCommand struct {
	List    stagedListCommand    `cmd:"" help:"List the disables and deletes that wait, with reason and since when."`
	Approve stagedApproveCommand `cmd:"" help:"Approve them: the next cycle carries them out, whatever the limits."`
	Reject  stagedRejectCommand  `cmd:"" help:"Reject them: they stay listed and are not carried out."`
}

// stagedListCommand lists what waits.
type stagedListCommand struct {
	storeFlags

	JSON bool `name:"json" help:"Print JSON, one object a line."`
}

// stagedJSON is a deprovisioning that waits.
type stagedJSON struct {
	Type     string `json:"objectTypeName"`
	Source   string `json:"sourceAnchor"`
	Name     string `json:"displayName"`
	Action   string `json:"action"`
	Event    string `json:"event"`
	Reason   string `json:"reason"`
	Held     bool   `json:"held"`
	Since    string `json:"since"`
	Decision string `json:"decision"`
	Expires  string `json:"expires,omitempty"`
	Due      string `json:"due,omitempty"`
}

func stagedOf(m *provisioningv1.Staged) stagedJSON {
	return stagedJSON{
		Type: m.GetObjectType(), Source: m.GetSourceId(), Name: m.GetName(), Action: m.GetAction(), Event: m.GetEvent(), Reason: m.GetReason(),
		Held: m.GetHeld(), Since: timeText(m.GetSince()), Decision: m.GetDecision(), Expires: timeText(m.GetExpiresAt()), Due: timeText(m.GetDueAt()),
	}
}

// timeText is empty for a time that is not there.
func timeText(at *timestamppb.Timestamp) string {
	if at == nil {
		return ""
	}
	return provlog.FormatTime(at.AsTime())
}

// Help returns the long text of staged list --help.
func (stagedListCommand) Help() string {
	return `A disable or delete waits when nobody approved it: the plan that was applied did not show it, or a cycle would have ` +
		`exceeded a limit of the job. DECISION says what was decided about it; an approval ends at the time given with it.

Examples:

    terraform-provider-provisioning staged list --job wiki/main
    terraform-provider-provisioning staged list --json | jq -r 'select(.action == "delete") | .displayName'`
}

// Run lists, sorted by type and source id.
func (c *stagedListCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		out, encoder, total := table{to: streams.Out}, json.NewEncoder(streams.Out), 0
		encoder.SetEscapeHTML(false)
		err := eachPage(func(token string) (string, error) {
			answer, err := engine.Client().Operations.ListStaged(ctx, connect.NewRequest(&provisioningv1.ListStagedRequest{JobId: c.Job, PageSize: 1000, PageToken: token}))
			if err != nil {
				return "", err
			}
			var rows [][]string
			if !c.JSON && total == 0 && len(answer.Msg.GetStaged()) > 0 {
				rows = append(rows, []string{"TYPE", "SOURCE", "NAME", "ACTION", "SINCE", "DECISION", "REASON"})
			}
			for _, m := range answer.Msg.GetStaged() {
				staged := stagedOf(m)
				if !c.JSON {
					rows = append(rows, []string{staged.Type, staged.Source, staged.Name, staged.Action, staged.Since, staged.standing(), staged.Reason})
				} else if err := encoder.Encode(staged); err != nil {
					return "", err
				}
			}
			total += len(answer.Msg.GetStaged())
			return answer.Msg.GetNextPageToken(), out.rows(rows...)
		})
		if err == nil && !c.JSON {
			_, err = fmt.Fprintf(streams.Err, "staged: %d\n", total)
		}
		return err
	})
}

// standing says what was decided.
func (s stagedJSON) standing() string {
	switch {
	case s.Decision == "":
		return "-"
	case s.Expires != "":
		return s.Decision + " until " + s.Expires
	default:
		return s.Decision
	}
}

// stagedChoice says which ones are meant.
type stagedChoice struct {
	storeFlags

	Choices []string `arg:"" optional:"" name:"who" help:"Source id or name of a person or group; user:ID or group:ID says which, disable:WHO or delete:WHO what waits for them. Repeatable."`
	All     bool     `help:"Everything that waits now."`
	JSON    bool     `name:"json" help:"Print JSON."`
}

// Validate rejects a command line that does not say who is meant.
func (c *stagedChoice) Validate() error {
	if c.All == (len(c.Choices) > 0) {
		return errors.New("say who is meant, or --all")
	}
	return nil
}

// decide sends the decision and says how many it was about. usually is the action of those that are named without one.
func (c *stagedChoice) decide(ctx context.Context, build Build, streams Streams, decision, usually string) error {
	request := &provisioningv1.DecideStagedRequest{JobId: c.Job, Decision: decision}
	for _, text := range c.Choices {
		request.Choices = append(request.Choices, choiceOf(text, usually))
	}
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		if c.All {
			choices, err := c.everything(ctx, engine)
			if err != nil {
				return err
			}
			if request.Choices = choices; len(choices) == 0 {
				return c.report(streams, 0)
			}
		}
		answer, err := engine.Client().Operations.DecideStaged(ctx, connect.NewRequest(request))
		if err != nil {
			return err
		}
		return c.report(streams, answer.Msg.GetDecidedCount())
	})
}

// everything lists what waits now and is due, each with what is to be done. What changes before the decision arrives is refused by it.
func (c *stagedChoice) everything(ctx context.Context, engine *wiring.Engine) (choices []*provisioningv1.StagedChoice, err error) {
	err = eachPage(func(token string) (string, error) {
		answer, err := engine.Client().Operations.ListStaged(ctx, connect.NewRequest(&provisioningv1.ListStagedRequest{JobId: c.Job, PageSize: 1000, PageToken: token}))
		if err != nil {
			return "", err
		}
		for _, staged := range answer.Msg.GetStaged() {
			if staged.GetDueAt() == nil { // what is not due is nobody's to decide unasked
				choices = append(choices, &provisioningv1.StagedChoice{ObjectType: staged.GetObjectType(), Id: staged.GetSourceId(), Action: staged.GetAction()})
			}
		}
		return answer.Msg.GetNextPageToken(), nil
	})
	return choices, err
}

func (c *stagedChoice) report(streams Streams, decided int64) error {
	if c.JSON {
		return json.NewEncoder(streams.Out).Encode(map[string]int64{"decided": decided})
	}
	_, err := fmt.Fprintf(streams.Out, "decided: %d\n", decided)
	return err
}

// choiceOf reads disable:WHO, delete:WHO or WHO, where WHO is user:ID, group:ID or ID.
func choiceOf(text, usually string) *provisioningv1.StagedChoice {
	for _, action := range []string{"disable", "delete"} {
		if who, named := strings.CutPrefix(text, action+":"); named {
			text, usually = who, action
		}
	}
	subject := subjectOf(text)
	return &provisioningv1.StagedChoice{ObjectType: subject.GetObjectType(), Id: subject.GetId(), Action: usually}
}

// subjectOf reads user:ID, group:ID or ID.
func subjectOf(text string) *provisioningv1.Subject {
	for _, objectType := range directory.ObjectTypes() {
		if id, named := strings.CutPrefix(text, string(objectType)+":"); named {
			return &provisioningv1.Subject{ObjectType: string(objectType), Id: id}
		}
	}
	return &provisioningv1.Subject{Id: text}
}

// stagedApproveCommand approves.
type stagedApproveCommand struct{ stagedChoice }

// Help returns the long text of staged approve --help.
func (stagedApproveCommand) Help() string {
	return `An approval is for one person or group and one action. Whoever is named alone is approved to be disabled; a delete is ` +
		`approved as delete:WHO. Something else than that waits by now: the command is refused and says what it is. --all approves ` +
		`what waits when the command begins. A disable that becomes a delete later has to be approved anew. An approval ends after ` +
		`72 hours. The command waits for a cycle under way.

Examples:

    terraform-provider-provisioning staged approve ada@example.com delete:group:g-17
    terraform-provider-provisioning staged approve --all --job wiki/main`
}

// Run approves.
func (c *stagedApproveCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.decide(ctx, build, streams, "approve", "disable")
}

// stagedRejectCommand rejects.
type stagedRejectCommand struct{ stagedChoice }

// Help returns the long text of staged reject --help.
func (stagedRejectCommand) Help() string {
	return `What is rejected stays listed. No cycle carries it out and no plan shows it, until it is approved, or the person or group ` +
		`is to be disabled or deleted for another reason. Bring who should keep access back into scope.

Example:

    terraform-provider-provisioning staged reject user:id-4711`
}

// Run rejects.
func (c *stagedRejectCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.decide(ctx, build, streams, "reject", "")
}
