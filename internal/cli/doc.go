// Package cli is the command line of the binary when it is started by hand: each subcommand in files of its name.
//
// It is not the provider; main decides which of the two runs. Its tests run commands with captured output.
package cli
