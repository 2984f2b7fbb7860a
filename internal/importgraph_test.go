package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const modulePath = "github.com/app-provisioning/terraform-provider-provisioning"

// A graph holds, for each package of the module, what its non-test files import. Packages of ours are named as the
// table names them; everything else by import path.
type graph struct {
	imports map[string][]string
	files   map[string][]string
}

// loadGraph reads the source itself, once per test binary. Asking `go list` would be shorter, but the go command could
// not see what such an answer depends on, and would repeat a cached "ok" after somebody drew a new arrow.
func loadGraph(t *testing.T) graph {
	t.Helper()
	g, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var readOnce = sync.OnceValues(func() (graph, error) {
	g := graph{imports: map[string][]string{}, files: map[string][]string{}}
	atRoot, err := filepath.Glob("../*.go")
	if err != nil {
		return graph{}, err
	}
	for _, file := range atRoot {
		if err := g.add("main", file); err != nil {
			return graph{}, err
		}
	}
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		// Directories the go command does not read either.
		if entry.IsDir() && (entry.Name() == "testdata" || len(path) > 1 && strings.ContainsAny(entry.Name()[:1], "._")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		return g.add(filepath.ToSlash(filepath.Dir(path)), path)
	})
	return g, err
})

func (g graph) add(p, file string) error {
	if strings.HasSuffix(file, "_test.go") {
		return nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return fmt.Errorf("read imports: %w", err)
	}
	if g.imports[p] == nil {
		g.imports[p] = []string{}
	}
	g.files[p] = append(g.files[p], file)
	for _, spec := range parsed.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("read imports of %s: %w", file, err)
		}
		if name := strings.TrimPrefix(path, modulePath+"/internal/"); !slices.Contains(g.imports[p], name) {
			g.imports[p] = append(g.imports[p], name)
		}
	}
	return nil
}

func (g graph) packages() []string { return slices.Sorted(maps.Keys(g.imports)) }

// chain shows how the binary gets to from, and on to what it imports; from alone when the binary does not.
func (g graph) chain(from, to string) string {
	via := map[string]string{"main": ""}
	for queue := []string{"main"}; len(queue) > 0; queue = queue[1:] {
		for _, next := range g.imports[queue[0]] {
			if _, seen := via[next]; !seen {
				via[next] = queue[0]
				queue = append(queue, next)
			}
		}
	}
	links := []string{to, from}
	for at := via[from]; at != ""; at = via[at] {
		links = append(links, at)
	}
	slices.Reverse(links)
	return strings.Join(links, " → ")
}

// unknownRooms finds packages no row of the table speaks about.
func unknownRooms(g graph, table []arrow) (violations []string) {
	for _, p := range g.packages() {
		known := isTestHelper(p) || slices.ContainsFunc(table, func(a arrow) bool {
			return matches(a.from, p) || matches(a.from, unit(p))
		})
		if !known {
			violations = append(violations, fmt.Sprintf("internal/%s is not in the table: add it to the table in internal/imports_test.go, "+
				"with what it may import and why", p))
		}
	}
	return violations
}

func forbiddenArrows(g graph, table []arrow) (violations []string) {
	for _, p := range g.packages() {
		if isTestHelper(p) {
			continue
		}
		for _, imported := range g.imports[p] {
			_, ours := g.imports[imported]
			if !ours || unit(p) == unit(imported) || isTestHelper(imported) {
				continue
			}
			allowed := slices.ContainsFunc(table, func(a arrow) bool {
				return (matches(a.from, p) || matches(a.from, unit(p))) && matches(a.to, imported)
			})
			if !allowed {
				violations = append(violations, fmt.Sprintf("%s may not import %s: %s", p, imported, g.chain(p, imported)))
			}
		}
	}
	return violations
}

func namedImplementations(g graph) (violations []string) {
	for _, p := range g.packages() {
		if isTestHelper(p) || unit(p) == "wiring" {
			continue
		}
		for _, imported := range g.imports[p] {
			if matches(implementations, imported) && !isTestHelper(imported) && unit(p) != unit(imported) {
				violations = append(violations, fmt.Sprintf("only wiring names implementations: %s", g.chain(p, imported)))
			}
		}
	}
	return violations
}

func impureRooms(g graph) (violations []string) {
	for _, p := range g.packages() {
		if !matches(pureRooms, unit(p)) || isTestHelper(p) {
			continue
		}
		for _, imported := range g.imports[p] {
			if matches(impureImports, imported) {
				violations = append(violations, fmt.Sprintf("%s is pure and may not import %s", p, imported))
			}
		}
	}
	return violations
}

// clockReaders finds uses of time's clock in pure rooms: the moment of a decision is an argument.
func clockReaders(t *testing.T, g graph) (violations []string) {
	t.Helper()
	for _, p := range g.packages() {
		if !matches(pureRooms, unit(p)) || isTestHelper(p) {
			continue
		}
		for _, file := range g.files[p] {
			fset := token.NewFileSet()
			parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("read %s: %v", file, err)
			}
			for _, use := range clockUses(parsed) {
				position := fset.Position(use.Pos())
				violations = append(violations, fmt.Sprintf("%s is pure and may not look at the clock: time.%s at %s:%d",
					p, use.Sel.Name, filepath.Base(position.Filename), position.Line))
			}
		}
	}
	return violations
}

func clockUses(file *ast.File) (uses []*ast.SelectorExpr) {
	local := ""
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == "time" {
			local = "time"
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	if local == "" {
		return nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == local && matches(clockFunctions, s.Sel.Name) {
				uses = append(uses, s)
			}
		}
		return true
	})
	return uses
}

func helpersInBinary(g graph) (violations []string) {
	for _, p := range g.packages() {
		if isTestHelper(p) {
			continue
		}
		for _, imported := range g.imports[p] {
			if isTestHelper(imported) || imported == "testing" || strings.HasPrefix(imported, "testing/") {
				violations = append(violations, fmt.Sprintf("test helpers stay out of the binary: %s", g.chain(p, imported)))
			}
		}
	}
	return violations
}

// isTestHelper recognises sourcetest, connectortest, storetest, acctest, … and testenv, with all beneath them.
func isTestHelper(p string) bool {
	if strings.Contains(p, ".") {
		return false
	}
	return slices.ContainsFunc(strings.Split(p, "/"), func(element string) bool {
		return element == "testenv" || strings.HasSuffix(element, "test")
	})
}

// unit is the part of the house within which imports are free.
func unit(p string) string {
	elements := strings.Split(p, "/")
	if len(elements) > 1 && matches(roomsOfUnits, elements[0]) {
		return elements[0] + "/" + elements[1]
	}
	return elements[0]
}

func matches(patterns, name string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(pattern string) bool {
		if beneath, ok := strings.CutSuffix(pattern, "/*"); ok {
			return strings.HasPrefix(name, beneath+"/")
		}
		return pattern == name
	})
}
