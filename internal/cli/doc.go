// Package cli is the command line of the binary when it is started by hand: one file per subcommand.
//
// It is not the provider; main decides which of the two runs. Its tests run commands with captured output.
package cli
