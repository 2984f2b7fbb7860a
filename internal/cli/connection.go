package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// connectionCommand tests connections and looks at what is known of their targets.
type connectionCommand struct {
	Show   connectionShowCommand   `cmd:"" help:"Show what is known of the target of a connection, without contacting it."`
	Test   connectionTestCommand   `cmd:"" help:"Look for somebody who does not exist: does the target answer and accept the credentials?"`
	Forget connectionForgetCommand `cmd:"" help:"Forget what is known of the target, for example after its vendor has repaired it."`
}

// connectionFlags say which engine a command asks, and about which connection.
type connectionFlags struct {
	Store   string `placeholder:"FILE" env:"PROVISIONING_STORE" help:"The store of the engine, as in the provider block (${env}). Default: provisioning.db."`
	KeyFile string `name:"key-file" placeholder:"FILE" env:"PROVISIONING_STORE_KEY_FILE" help:"The key that seals secrets in the store (${env}). Default: the store's path with .key appended."`
	ID      string `arg:"" help:"Id of the connection: APP/NAME."`
}

func (f connectionFlags) with(ctx context.Context, build Build, use func(*wiring.Engine) error) error {
	return storeFlags{Store: f.Store, KeyFile: f.KeyFile}.with(ctx, build, use)
}

// connectionShowCommand shows what is known.
type connectionShowCommand struct {
	connectionFlags

	Attributes bool `help:"Also list the attributes in the target's schema."`
	JSON       bool `name:"json" help:"Print JSON, attributes included."`
}

// Help returns the long text of connection show --help.
func (connectionShowCommand) Help() string {
	return `Two things are known of a target: what connectors learned about it while they provisioned, which the next ones start with, and what it ` +
		`says about itself, which plans compare mappings with. Both belong to the base URL and the profile of the connection: with another one they are found out anew.`
}

type knownJSON struct {
	Endpoint   string          `json:"endpoint"`
	Learned    []factJSON      `json:"learned"`
	LearnedAt  string          `json:"learnedAt,omitempty"`
	Described  bool            `json:"described"`
	AskedAt    string          `json:"askedAt,omitempty"`
	Features   []string        `json:"features,omitempty"`
	Problems   []string        `json:"problems,omitempty"`
	Attributes []attributeJSON `json:"attributes,omitempty"`
}

type factJSON struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Reason string `json:"reason,omitempty"`
}

type attributeJSON struct {
	Type       string `json:"objectTypeName"`
	Path       string `json:"path"`
	Kind       string `json:"type"`
	Multi      bool   `json:"multiValued"`
	Required   bool   `json:"required"`
	Mutability string `json:"mutability"`
}

func knownOf(m *provisioningv1.GetConnectionResponse) knownJSON {
	known := knownJSON{Endpoint: m.GetEndpoint(), Learned: []factJSON{}, Described: m.GetDiscovery() != nil, Problems: m.GetDiscovery().GetProblems(), Features: featureNames(m.GetDiscovery().GetFeatures())}
	if at := m.GetLearnedAt(); at != nil {
		known.LearnedAt = provlog.FormatTime(at.AsTime())
	}
	if at := m.GetDiscovery().GetAskedAt(); at != nil {
		known.AskedAt = provlog.FormatTime(at.AsTime())
	}
	for _, fact := range m.GetLearned() {
		known.Learned = append(known.Learned, factJSON{Name: fact.GetName(), Value: fact.GetValue(), Reason: fact.GetReason()})
	}
	for _, a := range m.GetDiscovery().GetAttributes() {
		known.Attributes = append(known.Attributes, attributeJSON{Type: a.GetObjectType(), Path: a.GetPath(), Kind: a.GetType(), Multi: a.GetMultiValued(), Required: a.GetRequired(), Mutability: a.GetMutability()})
	}
	return known
}

func featureNames(f *provisioningv1.TargetFeatures) []string {
	var names []string
	for _, feature := range []struct {
		name string
		has  bool
	}{
		{"patch", f.GetPatch()}, {"bulk", f.GetBulk()}, {"filter", f.GetFilter()}, {"sort", f.GetSort()}, {"etag", f.GetEtag()},
		{"changePassword", f.GetChangePassword()}, {"cursor", f.GetCursor()},
	} {
		if feature.has {
			names = append(names, feature.name)
		}
	}
	return names
}

// Run shows it.
func (c *connectionShowCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Connections.GetConnection(ctx, connect.NewRequest(&provisioningv1.GetConnectionRequest{Id: c.ID}))
		if err != nil {
			return err
		}
		known := knownOf(answer.Msg)
		if c.JSON {
			return encode(streams.Out, known)
		}
		out := table{to: streams.Out}
		rows := [][]string{{"endpoint", known.Endpoint}, {"learned", count(len(known.Learned), known.LearnedAt)}}
		for _, fact := range known.Learned {
			rows = append(rows, []string{"", fact.Name + ": " + fact.Value + reason(fact.Reason)})
		}
		switch {
		case !known.Described:
			rows = append(rows, []string{"described", "never asked"})
		default:
			rows = append(rows, []string{"described", count(len(known.Attributes), known.AskedAt) + " attributes"}, []string{"features", dash(strings.Join(known.Features, ", "))})
		}
		for _, problem := range known.Problems {
			rows = append(rows, []string{"problem", problem})
		}
		if err := out.rows(rows...); err != nil || !c.Attributes || len(known.Attributes) == 0 {
			return err
		}
		rows = [][]string{{"TYPE", "KIND", "SEVERAL", "REQUIRED", "MUTABILITY", "PATH"}}
		for _, a := range known.Attributes {
			rows = append(rows, []string{a.Type, a.Kind, yesNo(a.Multi), yesNo(a.Required), a.Mutability, a.Path})
		}
		return (&table{to: streams.Out}).rows(rows...)
	})
}

func count(n int, at string) string {
	if at == "" {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d at %s:", n, at)
}

func reason(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// connectionTestCommand tests a connection.
type connectionTestCommand struct {
	connectionFlags

	JSON bool `name:"json" help:"Print JSON, one object for each object type, with the answer of a test that failed."`
}

// Help returns the long text of connection test --help.
func (connectionTestCommand) Help() string {
	return `Sends the connection test of each cycle: a search for a random value of the first matching attribute, for users and, when groups are mapped, for groups. ` +
		`The command doctor finds out more. Exit status: 0 when all passed, 1 when one failed.`
}

type testJSON struct {
	Type      string   `json:"objectTypeName"`
	Attribute string   `json:"attribute"`
	Passed    bool     `json:"passed"`
	Fault     string   `json:"fault,omitempty"`
	Message   string   `json:"message,omitempty"`
	Advice    string   `json:"advice,omitempty"`
	Operation string   `json:"operation,omitempty"`
	Status    int64    `json:"status,omitempty"`
	Headers   []string `json:"headers,omitempty"`
	Body      string   `json:"body,omitempty"`
}

// Run tests.
func (c *connectionTestCommand) Run(ctx context.Context, build Build, streams Streams) error {
	failed := false
	err := c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Connections.TestConnection(ctx, connect.NewRequest(&provisioningv1.TestConnectionRequest{Id: c.ID}))
		if err != nil {
			return err
		}
		for _, test := range answer.Msg.GetTests() {
			failed = failed || !test.GetPassed()
			if c.JSON {
				err = encode(streams.Out, testJSON{Type: test.GetObjectType(), Attribute: test.GetAttribute(), Passed: test.GetPassed(), Fault: test.GetFault(), Message: test.GetMessage(),
					Advice: test.GetAdvice(), Operation: test.GetOperation(), Status: test.GetStatus(), Headers: test.GetHeaders(), Body: test.GetBody()})
			} else if test.GetPassed() {
				_, err = fmt.Fprintf(streams.Out, "%ss by %s: passed\n", test.GetObjectType(), oneLine(test.GetAttribute()))
			} else {
				_, err = fmt.Fprintf(streams.Out, "%ss by %s: failed (%s)\n  %s\n  → %s\n", test.GetObjectType(), oneLine(test.GetAttribute()), dash(test.GetFault()), oneLine(test.GetMessage()), dash(oneLine(test.GetAdvice())))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && failed {
		return exitStatus(1)
	}
	return err
}

// connectionForgetCommand forgets what is known.
type connectionForgetCommand struct{ connectionFlags }

// Help returns the long text of connection forget --help.
func (connectionForgetCommand) Help() string {
	return `Neither accounts nor links are touched. The next cycle finds out again how the target wants its requests, at the price of some refused ones. ` +
		`Forgetting what is not known is a success.`
}

// Run forgets.
func (c *connectionForgetCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Connections.ForgetConnection(ctx, connect.NewRequest(&provisioningv1.ForgetConnectionRequest{Id: c.ID}))
		if err != nil {
			return err
		}
		said := "nothing was known of the target of " + c.ID
		if answer.Msg.GetForgotten() {
			said = "what was known of the target of " + c.ID + " is forgotten"
		}
		_, err = fmt.Fprintln(streams.Err, oneLine(said))
		return err
	})
}
