package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// evalCommand evaluates one expression, or with --batch many of them. Flags that hold texts do not split them at commas.
type evalCommand struct {
	Expression *string `arg:"" optional:"" help:"The expression; - reads it from standard input, which spares the shell's quoting."`

	Attribute     []string `sep:"none" placeholder:"NAME=TEXT" help:"A source attribute. NAME= is the empty text; an attribute that is not given is null. Repeatable."`
	AttributeJSON []string `name:"attribute-json" sep:"none" placeholder:"NAME=JSON" help:"A source attribute with a type: a number, true, null, a list, a list of roles. Repeatable."`
	Object        string   `placeholder:"FILE" help:"A JSON file with one source object, as a source file holds it; - reads it from standard input. Attributes given besides win."`
	Now           string   `placeholder:"TIME" help:"What Now() returns, such as 2026-01-31T12:00:00Z. Default: the clock."`
	Taken         []string `sep:"none" placeholder:"VALUE" help:"A value that is used in the target already, for SelectUniqueValue; case does not count. Repeatable."`
	Parameter     []string `sep:"none" placeholder:"NAME=TEXT" help:"What %NAME% stands for. Repeatable."`
	DefaultDomain string   `placeholder:"DOMAIN" help:"What DefaultDomain() returns."`

	Trace bool `help:"Show the value of every part of the expression, inner parts first, on standard error."`
	JSON  bool `name:"json" help:"Print JSON."`
	Batch bool `help:"Read a JSON array of evaluations from standard input and print an array of results, as told above."`
}

// Help returns the long text of eval --help.
func (evalCommand) Help() string {
	return `The value is printed as text: True and False, digits, 1/31/2026 12:00:00 PM. Of a list each element is a line. ` +
		`A null, a dropped attribute and a dropped object print nothing on standard output and say so on standard error. ` +
		`An expression that cannot be parsed or evaluated is an error: exit status 1, with its line and column.

Examples:

    terraform-provider-provisioning eval 'Join(" ", [givenName], [surname])' --attribute givenName=Ada --attribute surname=King
    terraform-provider-provisioning eval --trace --object person.json - < login.expr
    terraform-provider-provisioning eval 'Item([proxyAddresses], 2)' --attribute-json 'proxyAddresses=["a@example.com", "b@example.com"]'
    terraform-provider-provisioning eval 'SelectUniqueValue([a], [b])' --attribute a=ada --attribute b=ada2 --taken ada

IsSoftDeleted follows from accountEnabled and deletedDateTime of an --object; a job also considers assignments and scoping filters.

With --json the output is {"value": …}, {"dropped": "attribute"}, {"dropped": "object"} or {"error": {"message", "line", "column"}}, ` +
		`and with --trace also "trace", a list of the same with expression, line, column and depth. ` +
		`Texts are in text form, a role or another record is an object of them.

With --batch standard input is [{"id", "expression", "attributes", "now", "target_existing"}, …] and standard output ` +
		`[{"id", and one of the above}, …] in the same order. Attributes are text, a number, true, null, a list or a list of roles; ` +
		`now and target_existing stand for --now and --taken and may be left out; other members are ignored. ` +
		`An expression that fails is a result and no failure of the command.`
}

// Validate rejects flags that do not go together.
func (c *evalCommand) Validate() error {
	if !c.Batch {
		if c.Expression == nil {
			return errors.New(`expected an expression, such as 'Join(" ", [givenName], [surname])'`)
		}
		if *c.Expression == "-" && c.Object == "-" {
			return errors.New("the expression and --object cannot both be read from standard input")
		}
		return nil
	}
	if c.Expression != nil || len(c.Attribute) > 0 || len(c.AttributeJSON) > 0 || c.Object != "" || len(c.Taken) > 0 || c.Trace {
		return errors.New("--batch reads expressions, attributes and taken values from standard input; it goes together with " +
			"--now, --parameter and --default-domain only")
	}
	return nil
}

// Run evaluates.
func (c *evalCommand) Run(streams Streams) error {
	environment, err := c.environment()
	if err != nil {
		return err
	}
	if c.Batch {
		return evaluateBatch(streams.In, streams.Out, environment)
	}
	source, err := c.source(streams.In)
	if err != nil {
		return err
	}
	given, err := c.object(streams.In)
	if err != nil {
		return err
	}
	environment.Attribute, environment.Taken = given.attribute, taken(c.Taken)
	var steps []expression.Step
	if c.Trace {
		environment.Trace = func(step expression.Step) { steps = append(steps, step) }
	}
	parsed, err := expression.Parse(source)
	if err == nil {
		given.warn(streams.Err, parsed)
	}
	var result expression.Result
	if err == nil {
		result, err = parsed.Evaluate(environment)
	}
	if c.JSON {
		answer := answerOf(result, err)
		for _, step := range steps {
			answer.Trace = append(answer.Trace, traceOf(step))
		}
		if err := writeJSON(streams.Out, answer); err != nil {
			return err
		}
	} else {
		printTrace(streams.Err, steps)
	}
	if err != nil {
		return withCaret(source, err)
	}
	if c.JSON {
		return nil
	}
	return printResult(streams, result)
}

// source returns the text of the expression.
func (c *evalCommand) source(in io.Reader) (string, error) {
	if *c.Expression != "-" {
		return *c.Expression, nil
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return "", fmt.Errorf("read the expression from standard input: %w", err)
	}
	return strings.TrimRight(strings.TrimPrefix(string(raw), byteOrderMark), "\r\n"), nil
}

// byteOrderMark is what some shells put before a text they pipe.
const byteOrderMark = "\ufeff"

// environment returns what all evaluations of this command share.
func (c *evalCommand) environment() (expression.Environment, error) {
	environment := expression.Environment{Now: time.Now().UTC(), Random: rand.Reader, DefaultDomain: c.DefaultDomain}
	if c.Now != "" {
		now, err := instant(c.Now)
		if err != nil {
			return environment, fmt.Errorf("--now: %w", err)
		}
		environment.Now = now
	}
	parameters := map[string]string{}
	for _, pair := range c.Parameter {
		name, value, err := cut("--parameter", pair)
		if err != nil {
			return environment, err
		}
		parameters[name] = value
	}
	environment.Parameter = func(name string) (string, bool) {
		value, ok := parameters[name]
		return value, ok
	}
	return environment, nil
}

// instant reads a time of ISO 8601; without an offset it is UTC.
func instant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time such as 2026-01-31T12:00:00Z", text)
}

// cut takes NAME=VALUE apart.
func cut(flag, pair string) (name, value string, err error) {
	name, value, ok := strings.Cut(pair, "=")
	if !ok || name == "" {
		return "", "", fmt.Errorf("%s %q: expected NAME=VALUE", flag, pair)
	}
	return name, value, nil
}

// taken returns a look-up in some values that ignores case, as directories do (expressions.md 4.6).
func taken(values []string) func(directory.Value) (bool, error) {
	return func(candidate directory.Value) (bool, error) {
		text, _ := candidate.Text()
		for _, value := range values {
			if strings.EqualFold(value, text) {
				return true, nil
			}
		}
		return false, nil
	}
}
