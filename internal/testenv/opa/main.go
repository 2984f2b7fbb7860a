// Command opa evaluates the policies of examples/gitops with Open Policy Agent, in a module of its own so that nothing of it
// touches the product's dependencies.
//
//	opa POLICIES DATA < PLAN      prints data.provisioning.deny, sorted, one a line
//	opa -test POLICIES            runs the policies' own tests and prints their number
//	opa -yaml FILE                prints a YAML file as JSON
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/util"
)

func main() {
	run := evaluate
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "-test":
			run = test
		case "-yaml":
			run = printed
		}
	}
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func evaluate(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: opa POLICIES DATA < PLAN | opa -test POLICIES | opa -yaml FILE")
	}
	raw, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var input any
	if err := json.Unmarshal(raw, &input); err != nil {
		return err
	}
	results, err := rego.New(rego.Query("data.provisioning.deny"), rego.Load(args, nil), rego.Input(input)).Eval(ctx)
	if err != nil {
		return err
	}
	if len(results) != 1 {
		return errors.New("data.provisioning.deny is not defined")
	}
	reasons, isSet := results[0].Expressions[0].Value.([]any)
	if !isSet {
		return fmt.Errorf("data.provisioning.deny is %T", results[0].Expressions[0].Value)
	}
	lines := make([]string, len(reasons))
	for i, reason := range reasons {
		lines[i] = fmt.Sprint(reason)
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
	return nil
}

func printed(_ context.Context, args []string) error {
	raw, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	var document any
	if err := util.Unmarshal(raw, &document); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(document)
}

func test(ctx context.Context, args []string) error {
	modules, store, err := tester.Load(args[1:], nil)
	if err != nil {
		return err
	}
	txn, err := store.NewTransaction(ctx, storage.TransactionParams{})
	if err != nil {
		return err
	}
	defer store.Abort(ctx, txn)
	results, err := tester.NewRunner().SetStore(store).SetCompiler(ast.NewCompiler()).Run(ctx, modules)
	if err != nil {
		return err
	}
	passed, failed := 0, 0
	for result := range results {
		if result.Pass() {
			passed++
			continue
		}
		failed++
		fmt.Println("failed:", result.Name, result.Error)
	}
	fmt.Println("passed:", passed)
	if failed > 0 || passed == 0 {
		return fmt.Errorf("%d tests failed", failed)
	}
	return nil
}
