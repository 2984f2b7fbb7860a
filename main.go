// Terraform-provider-provisioning is a Terraform provider with its own identity provisioning engine. Started by
// Terraform it serves the provider; started by hand it is a command line.
//
// Nothing else starts here: Terraform starts the binary several times per command just to ask for schemas
// (plan-preview-mechanics.md P1).
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cli"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

// Set by the linker, see GNUmakefile and .goreleaser.yml.
var (
	version = "dev"
	commit  = "none"
)

const (
	registryAddress = "registry.terraform.io/app-provisioning/provisioning"
	// handshakeVariable is set by Terraform for every plugin it starts.
	handshakeVariable = "TF_PLUGIN_MAGIC_COOKIE"
)

func main() {
	debug := len(os.Args) == 2 && slices.Contains([]string{"-debug", "--debug"}, os.Args[1])
	if debug || os.Getenv(handshakeVariable) != "" {
		if err := serve(context.Background(), debug); err != nil {
			fmt.Fprintln(os.Stderr, "terraform-provider-provisioning:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Build{Version: version, Commit: commit}, cli.Streams{Out: os.Stdout, Err: os.Stderr}))
}

// serve serves the provider until Terraform hangs up. Engines are closed afterwards; Terraform waits 2 seconds for it
// (plan-preview-mechanics.md P8).
func serve(ctx context.Context, debug bool) error {
	engines := &engines{logger: slog.New(logHandler(os.Stderr)), userAgent: "terraform-provider-provisioning/" + version}
	defer engines.close()
	return providerserver.Serve(ctx, provider.New(version, engines.open), providerserver.ServeOpts{
		Address: registryAddress, Debug: debug, ProtocolVersion: 6,
	})
}
