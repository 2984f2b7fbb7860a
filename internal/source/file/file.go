package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// Format says how the file is written.
type Format string

// The formats. Without one the file's extension decides.
const (
	ByExtension Format = ""
	JSON        Format = "json"
	CSV         Format = "csv"
)

// Options say which file to read and how.
type Options struct {
	// Path is the file, relative to the working directory unless absolute. Errors print it as given.
	Path string
	// Format of the file.
	Format Format
	// IDColumn, GroupsColumn and GroupsSeparator are for CSV; empty means "id", "groups" and ";". An id
	// column of another name is also kept as an attribute.
	IDColumn, GroupsColumn, GroupsSeparator string
}

// Source reads one file. It keeps nothing between calls.
type Source struct {
	options Options
}

var _ source.Source = (*Source)(nil)

// New returns the source of a file. Whether the file exists and can be read is only known by reading it.
func New(options Options) *Source {
	if options.IDColumn == "" {
		options.IDColumn = "id"
	}
	if options.GroupsColumn == "" {
		options.GroupsColumn = "groups"
	}
	if options.GroupsSeparator == "" {
		options.GroupsSeparator = ";"
	}
	return &Source{options: options}
}

// Changes implements source.Source. A file whose bytes are those of the watermark delivers nothing; any
// other delivers everything. A file that changes while it is read is a Transient error.
func (s *Source) Changes(
	ctx context.Context, since source.Watermark, deliver func([]source.Change) error,
) (source.Result, error) {
	options, err := s.options.withFormat()
	if err != nil {
		return source.Result{}, err
	}
	opened, err := open(options.Path)
	if err != nil {
		return source.Result{}, err
	}
	// Only read from: closing cannot lose anything.
	defer func() { _ = opened.Close() }()

	reader := &contextReader{ctx: ctx, path: options.Path, source: opened}
	before := options.newDigest()
	if _, err := io.Copy(before, reader); err != nil {
		return source.Result{}, err
	}
	watermark := watermarkOf(before)
	if watermark == since {
		return source.Result{Watermark: watermark}, nil
	}
	if _, err := opened.Seek(0, io.SeekStart); err != nil {
		return source.Result{}, directory.Errorf(directory.Transient, "reading the source file %s again: %w", options.Path, err)
	}
	parsed := options.newDigest()
	hashed := io.TeeReader(reader, parsed)
	pages := newIntake(options.Path, deliver)
	err = read(hashed, options, pages)
	if _, flawed := errors.AsType[*flaw](err); err != nil && !flawed {
		return source.Result{}, err
	}
	if _, err := io.Copy(io.Discard, hashed); err != nil {
		return source.Result{}, err
	}
	// Asked before the content is judged: half a file is what a reader sees while another program writes.
	if watermarkOf(parsed) != watermark {
		return source.Result{}, directory.Errorf(directory.Transient,
			"the source file %s changed while it was read; nothing was read from it, try again once it is written", options.Path)
	}
	if err := pages.result(err); err != nil {
		return source.Result{}, err
	}
	if err := pages.flush(); err != nil {
		return source.Result{}, err
	}
	return source.Result{Watermark: watermark, Complete: true}, nil
}

// read parses the whole content into pages. It returns a flaw when the content cannot be read on.
func read(content io.Reader, options Options, pages *intake) error {
	if options.Format == CSV {
		return readCSV(newText(content), options, pages)
	}
	return readJSON(newText(content), pages)
}

// withFormat returns the options with a definite format.
func (o Options) withFormat() (Options, error) {
	if o.Path == "" {
		return o, directory.Errorf(directory.Invalid, "the source file has no path; name the file to read")
	}
	if o.Format == ByExtension {
		o.Format = Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(o.Path), ".")))
		if o.Format != JSON && o.Format != CSV {
			return o, directory.Errorf(directory.Invalid,
				"the name of the source file %s does not end in .json or .csv; state the format (json or csv)", o.Path)
		}
	}
	if o.Format != JSON && o.Format != CSV {
		return o, directory.Errorf(directory.Invalid, "unknown format %q of the source file %s; use json or csv", o.Format, o.Path)
	}
	return o, nil
}

// reading is the version of the rules by which content becomes objects. It rises whenever the same bytes
// would yield other objects, so that unchanged files are read again after such an upgrade.
const reading = 1

// newDigest starts the digest of everything the delivered objects depend on: the options, then the bytes.
func (o Options) newDigest() hash.Hash {
	digest := sha256.New()
	columns := ""
	if o.Format == CSV {
		columns = fmt.Sprintf("%q %q %q", o.IDColumn, o.GroupsColumn, o.GroupsSeparator)
	}
	// A hash never returns an error.
	_, _ = fmt.Fprintf(digest, "%d %s %s\n", reading, o.Format, columns)
	return digest
}

func watermarkOf(digest hash.Hash) source.Watermark {
	return source.Watermark("sha256:" + hex.EncodeToString(digest.Sum(nil)))
}

func open(path string) (*os.File, error) {
	// Asked before opening: opening a named pipe would wait for its writer.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, directory.Errorf(directory.NotFound,
			"the source file %s does not exist; create it, or correct the path (relative paths start at the working directory)", path)
	case err != nil:
		return nil, unreadable(path, err)
	case info.IsDir():
		return nil, directory.Errorf(directory.Invalid, "the source file %s is a directory; name a .json or .csv file in it", path)
	case !info.Mode().IsRegular():
		return nil, directory.Errorf(directory.Invalid,
			"the source file %s is not a regular file (%s); it must be readable more than once", path, info.Mode().Type())
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return opened, nil
}

func unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return directory.Errorf(directory.Forbidden,
			"no permission to read the source file %s; allow the user this program runs as to read it: %w", path, err)
	}
	return directory.Errorf(directory.Transient, "reading the source file %s: %w", path, err)
}

// contextReader ends with the context's error, and gives other read errors their kind.
type contextReader struct {
	ctx    context.Context
	path   string
	source io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, fmt.Errorf("reading the source file %s: %w", r.path, err)
	}
	n, err := r.source.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unreadable(r.path, err)
	}
	return n, err
}
