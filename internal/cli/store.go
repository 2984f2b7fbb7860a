package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"connectrpc.com/connect"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// storeFlags say which engine a command asks, and about which job. Commands embed them.
type storeFlags struct {
	Store   string `placeholder:"FILE" env:"PROVISIONING_STORE" help:"The store of the engine, as in the provider block (${env}). Default: provisioning.db."`
	KeyFile string `name:"key-file" placeholder:"FILE" env:"PROVISIONING_STORE_KEY_FILE" help:"The key that seals secrets in the store (${env}). Default: the store's path with .key appended."`
	Job     string `placeholder:"APP/NAME" help:"Id of the job. It may be left out when the store has only one."`
}

// open opens the engine of the store, which must exist: a misspelled path must not look like a store without jobs.
func (f storeFlags) open(ctx context.Context, build Build) (*wiring.Engine, error) {
	if f.Store == "" { // also when the variable is set to nothing, as for the provider
		f.Store = "provisioning.db"
	}
	info, err := os.Stat(f.Store)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no store %s; name one with --store or PROVISIONING_STORE. Nothing was created", f.Store)
	case err != nil:
		return nil, fmt.Errorf("open the store: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("the store %s is not a file; name one with --store or PROVISIONING_STORE", f.Store)
	}
	return wiring.Embedded(ctx, wiring.Options{Store: f.Store, KeyFile: f.KeyFile, UserAgent: name + "/" + build.Version})
}

// with opens the engine, lets use work with it, and closes it.
func (f storeFlags) with(ctx context.Context, build Build, use func(*wiring.Engine) error) (err error) {
	engine, err := f.open(ctx, build)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	return told(use(engine))
}

// told is an error in the engine's own words, without the code that says the same to programs.
func told(err error) error {
	if failure, ok := errors.AsType[*connect.Error](err); ok {
		return errors.New(failure.Message())
	}
	return err
}

// eachPage asks for one page after another until there is no next one. ask handles a page and returns the next page's
// token.
func eachPage(ask func(token string) (next string, err error)) error {
	for token := ""; ; {
		next, err := ask(token)
		if err != nil || next == "" {
			return err
		}
		if next == token {
			return errors.New("the engine answered a page with its own token; please report this")
		}
		token = next
	}
}

// moment reads a point in time: a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 24h or 7d.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if at, err := instant(text); err == nil {
		return at, nil
	}
	if count, isDays := strings.CutSuffix(text, "d"); isDays {
		if days, err := strconv.ParseUint(count, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(days)), nil
		}
	}
	ago, err := time.ParseDuration(text)
	if err != nil || ago < 0 {
		return time.Time{}, fmt.Errorf("%s: %q is neither a time such as 2026-01-31T12:00:00Z nor how long ago, such as 24h or 7d", flag, text)
	}
	return now.Add(-ago), nil
}

// table prints aligned rows that come page by page: a column is as wide as its widest cell so far. The last column is not
// filled up.
type table struct {
	to     io.Writer
	widths []int
}

func (t *table) rows(rows ...[]string) error {
	for _, row := range rows {
		for len(t.widths) < len(row) {
			t.widths = append(t.widths, 0)
		}
		for i, cell := range row {
			row[i] = oneLine(cell)
			t.widths[i] = max(t.widths[i], len([]rune(row[i])))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			if i == len(row)-1 {
				line += cell
				break
			}
			line += fmt.Sprintf("%-*s  ", t.widths[i], cell)
		}
		if _, err := io.WriteString(t.to, strings.TrimRight(line, " ")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// oneLine shows text that somebody else chose: line breaks and what would steer a terminal become spaces.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
