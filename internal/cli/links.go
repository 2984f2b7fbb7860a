package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// linksCommand looks at the links between people and accounts, and repairs them.
type linksCommand struct {
	List   linksListCommand   `cmd:"" help:"List the links of a job."`
	Get    linksGetCommand    `cmd:"" help:"Show one link with the values that were last written or read."`
	Delete linksDeleteCommand `cmd:"" help:"Forget one link of a paused job; neither the person nor the account is touched."`
}

// linksListCommand lists links.
type linksListCommand struct {
	storeFlags

	Type    string `placeholder:"TYPE" help:"user or group."`
	Managed *bool  `placeholder:"true|false" help:"Links the job keeps up to date, or with =false those that it has let go."`
	Active  *bool  `placeholder:"true|false" help:"Accounts last written as active, or with =false as inactive."`
	Name    string `placeholder:"PREFIX" help:"A beginning of the name, without regard to case."`
	Format  string `enum:"text,jsonl" default:"text" help:"text or jsonl (one JSON object a line). Default: ${default}."`
}

// linkJSON is a link with the names of Microsoft's object connections (engine.md 10), and what they do not have.
type linkJSON struct {
	Type     string          `json:"objectTypeName"`
	Source   string          `json:"sourceAnchor"`
	Target   string          `json:"targetAnchor"`
	Name     string          `json:"displayName"`
	Managed  bool            `json:"managed"`
	Active   bool            `json:"active"`
	LinkedAt string          `json:"linkedDateTime"`
	Exported json.RawMessage `json:"exported"`
}

func linkOf(m *provisioningv1.Link) linkJSON {
	return linkJSON{
		Type: m.GetObjectType(), Source: m.GetSourceId(), Target: m.GetTargetId(), Name: m.GetName(), Managed: m.GetManaged(), Active: m.GetActive(),
		LinkedAt: provlog.FormatTime(m.GetLinkedAt().AsTime()), Exported: json.RawMessage(m.GetExportedJson()),
	}
}

func writeLink(to io.Writer, link *provisioningv1.Link) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(linkOf(link))
}

// Run lists, sorted by type and source id.
func (c *linksListCommand) Run(ctx context.Context, build Build, streams Streams) error {
	request := &provisioningv1.ListLinksRequest{JobId: c.Job, ObjectType: c.Type, Managed: c.Managed, Active: c.Active, NamePrefix: c.Name, PageSize: 1000}
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		out, total := table{to: streams.Out}, 0
		err := eachPage(func(token string) (string, error) {
			request.PageToken = token
			answer, err := engine.Client().Operations.ListLinks(ctx, connect.NewRequest(request))
			if err != nil {
				return "", err
			}
			if c.Format == "jsonl" {
				for _, link := range answer.Msg.GetLinks() {
					if err := writeLink(streams.Out, link); err != nil {
						return "", err
					}
				}
				return answer.Msg.GetNextPageToken(), nil
			}
			var rows [][]string
			if total == 0 && len(answer.Msg.GetLinks()) > 0 {
				rows = append(rows, []string{"TYPE", "SOURCE", "TARGET", "MANAGED", "ACTIVE", "LINKED", "NAME"})
			}
			for _, m := range answer.Msg.GetLinks() {
				link := linkOf(m)
				rows = append(rows, []string{link.Type, link.Source, link.Target, yesNo(link.Managed), yesNo(link.Active), link.LinkedAt, link.Name})
			}
			total += len(answer.Msg.GetLinks())
			return answer.Msg.GetNextPageToken(), out.rows(rows...)
		})
		if err == nil && c.Format == "text" {
			_, err = fmt.Fprintf(streams.Err, "links: %d\n", total)
		}
		return err
	})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// linksGetCommand shows one link.
type linksGetCommand struct {
	storeFlags

	ID     string `arg:"" help:"A source id, else a target id; exactly, with regard to case."`
	Type   string `placeholder:"TYPE" help:"user or group. Default: users are tried before groups."`
	Format string `enum:"text,json" default:"text" help:"text or json. Default: ${default}."`
}

// Run shows the link.
func (c *linksGetCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Operations.GetLink(ctx, connect.NewRequest(&provisioningv1.GetLinkRequest{JobId: c.Job, ObjectType: c.Type, Id: c.ID}))
		if err != nil {
			return err
		}
		if c.Format == "json" {
			return writeLink(streams.Out, answer.Msg.GetLink())
		}
		link := linkOf(answer.Msg.GetLink())
		out := table{to: streams.Out}
		err = out.rows([]string{"type", link.Type}, []string{"source", link.Source}, []string{"target", link.Target}, []string{"name", link.Name},
			[]string{"managed", yesNo(link.Managed)}, []string{"active", yesNo(link.Active)}, []string{"linked", link.LinkedAt})
		if err != nil {
			return err
		}
		var exported bytes.Buffer
		if err := json.Indent(&exported, link.Exported, "", "  "); err != nil {
			return fmt.Errorf("read the exported values of the link: %w", err)
		}
		_, err = fmt.Fprintf(streams.Out, "exported %s\n", &exported)
		return err
	})
}

// linksDeleteCommand forgets one link.
type linksDeleteCommand struct {
	storeFlags

	Source string `arg:"" help:"Source id of the object."`
	Type   string `placeholder:"TYPE" default:"user" help:"user or group. Default: ${default}."`
}

// Help returns the long text of links delete --help.
func (linksDeleteCommand) Help() string {
	return `For an account that was linked to the wrong person. The order that works: correct the data, look at the link with links get, ` +
		`pause the job, delete the link, and start the job again. The next cycle evaluates everything and matches the person anew. ` +
		`Deleting a link that is not there is a success.`
}

// Run forgets the link.
func (c *linksDeleteCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		_, err := engine.Client().Operations.DeleteLink(ctx, connect.NewRequest(&provisioningv1.DeleteLinkRequest{JobId: c.Job, ObjectType: c.Type, SourceId: c.Source}))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(streams.Err, "%s %s has no link now; the next cycle evaluates everything\n", c.Type, strconv.Quote(c.Source))
		return err
	})
}
