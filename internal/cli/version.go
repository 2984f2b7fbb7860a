package cli

import (
	"fmt"
	"runtime"
)

type versionCommand struct{}

// Run prints what this binary is.
func (versionCommand) Run(build Build, streams Streams) error {
	_, err := fmt.Fprintf(streams.Out, "%s %s (commit %s, %s, %s/%s)\n", name, build.Version, build.Commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
