// Command planview reads what `terraform show -json` says of a saved plan and prints the part a reviewer of a
// provisioning job looks at: who gets access, who is changed and who loses access. With -expect and -loses it also checks
// it, as a pipeline would before it lets a plan through.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "planview:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("planview", flag.ContinueOnError)
	f.SetOutput(stderr)
	expect := f.String("expect", "", "`counts` the jobs' changes must have together, such as create=1,update=1,disable=1,delete=0")
	loses := f.String("loses", "", "comma-separated `names` of exactly the accounts that lose access; \"none\" for nobody")
	f.Usage = func() {
		_, _ = fmt.Fprint(stderr, "usage: terraform show -json PLAN | planview [-expect counts] [-loses names]\n\n")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("takes no arguments: %q; the plan comes on standard input", f.Arg(0))
	}
	plan, err := readPlan(stdin)
	if err != nil {
		return err
	}
	plan.print(stdout)
	return errors.Join(plan.checkCounts(*expect), plan.checkLosers(*loses))
}

// checkCounts compares counts such as "create=1,disable=2". A count that is not known before apply never fits.
func (p plan) checkCounts(expect string) error {
	if expect == "" {
		return nil
	}
	var wrong []string
	for part := range strings.SplitSeq(expect, ",") {
		name, want, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !slices.Contains(countNames, name) {
			return fmt.Errorf("-expect: no count is called %q (%s)", name, strings.Join(countNames, ", "))
		}
		if got := p.total(name); got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %s, expected %s", name, got, want))
		}
	}
	if wrong != nil {
		return errors.New("the plan is not what was expected: " + strings.Join(wrong, "; "))
	}
	return nil
}

// checkLosers compares who loses access.
func (p plan) checkLosers(loses string) error {
	if loses == "" {
		return nil
	}
	var want []string
	if loses != "none" {
		want = strings.Split(loses, ",")
	}
	got := p.losers()
	slices.Sort(want)
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("the plan takes access from %s, expected %s", list(got), list(want))
}

func list(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}
