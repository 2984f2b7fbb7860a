// Command wikiapp serves the small SCIM 2.0 application of the quickstart on loopback. It is for the demo and for trying
// a configuration by hand; it is not for production.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "wikiapp:", err)
		os.Exit(1)
	}
}

type settings struct {
	listen, tokenFile, state, log string
	pageLimit                     int
	latency                       time.Duration
}

func readFlags(args []string, stderr io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("wikiapp", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&s.listen, "listen", "127.0.0.1:8585", "loopback `address` to serve on; port 0 takes a free one")
	f.StringVar(&s.tokenFile, "token-file", "", "`file` with the bearer token clients must send (default: environment variable WIKIAPP_TOKEN)")
	f.StringVar(&s.state, "state", "", "`file` to read the accounts from at the start, if it exists, and to write them to at the end")
	f.StringVar(&s.log, "log", "", "`file` to append one line per SCIM request to")
	f.IntVar(&s.pageLimit, "page-limit", 200, "largest number of resources in one answer")
	f.DurationVar(&s.latency, "latency", 0, "how long every SCIM request waits, such as 20ms")
	f.Usage = func() {
		_, _ = fmt.Fprint(stderr, "wikiapp serves a small SCIM 2.0 application under "+wikiapp.Prefix+
			".\nIts accounts are shown at /, the requests it has answered at /log.\n\n")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("takes no arguments, only flags: %q (see -h)", f.Arg(0))
	}
	return s, nil
}

// run serves until ctx ends. It prints one line on stdout when it is ready.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	s, err := readFlags(args, stderr)
	if err != nil {
		return err
	}
	options := wikiapp.Options{PageLimit: s.pageLimit, Latency: s.latency}
	if options.Token, err = token(s, getenv); err != nil {
		return err
	}
	if s.log != "" {
		file, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("open log: %w", err)
		}
		defer func() { _ = file.Close() }()
		options.Log = file
	}
	app := wikiapp.New(options)
	if err := load(app, s.state); err != nil {
		return err
	}
	listener, err := listen(ctx, s.listen)
	if err != nil {
		return err
	}
	if err := serve(ctx, listener, app, stdout); err != nil {
		return err
	}
	return save(app, s.state)
}

func serve(ctx context.Context, listener net.Listener, app http.Handler, stdout io.Writer) error {
	server := &http.Server{Handler: app, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	_, _ = fmt.Fprintf(stdout, "wikiapp: serving http://%s%s (accounts at /, requests at /log)\n", listener.Addr(), wikiapp.Prefix)
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	<-served
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// listen opens the port, on loopback only: the token travels in the clear.
func listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("-listen %q: want an address such as 127.0.0.1:8585", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("-listen %q: only loopback addresses are served, such as 127.0.0.1:8585", address)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it, or choose another port with -listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

func token(s settings, getenv func(string) string) (string, error) {
	value := getenv("WIKIAPP_TOKEN")
	if s.tokenFile != "" {
		content, err := os.ReadFile(s.tokenFile)
		if err != nil {
			return "", fmt.Errorf("read token: %w", err)
		}
		value = string(content)
	}
	if value = strings.TrimSpace(value); value == "" {
		return "", errors.New("no bearer token: set WIKIAPP_TOKEN or -token-file")
	}
	return value, nil
}

func load(app *wikiapp.App, name string) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open state: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := app.Load(file); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// save writes a new file and renames it, so that a crash leaves the old one whole.
func save(app *wikiapp.App, name string) error {
	if name == "" {
		return nil
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone after the rename
	if err := errors.Join(app.Save(file), file.Close()); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}
