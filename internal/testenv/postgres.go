package testenv

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

const postgresPassword = "a-password-of-the-test-kit"

var acceptsConnections = regexp.MustCompile(`database system is ready to accept connections`)

// startPostgres makes a database cluster in a directory of its own, serves it on loopback with scram, and returns its address.
// PostgreSQL refuses to run as root: then it runs as the user postgres, or as nobody.
func startPostgres(p *process) (address string, err error) {
	programs, err := postgresPrograms()
	if err != nil {
		return "", err
	}
	directory, err := os.MkdirTemp("", "testenv-postgres-")
	if err != nil {
		return "", err
	}
	p.t.Cleanup(func() { _ = os.RemoveAll(directory) })
	password := filepath.Join(directory, "password")
	if err := os.WriteFile(password, []byte(postgresPassword), 0o600); err != nil {
		return "", err
	}
	become, err := unprivileged(directory, password)
	if err != nil {
		return "", err
	}
	data := filepath.Join(directory, "data")
	initdb := slices.Concat(become, []string{filepath.Join(programs, "initdb"), "--pgdata", data, "--auth", "scram-sha-256", "--username", "test",
		"--pwfile", password, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"})
	command := exec.CommandContext(p.t.Context(), initdb[0], initdb[1:]...)
	command.Dir = directory
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, output)
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	serve := slices.Concat(become, []string{filepath.Join(programs, "postgres"), "-D", data, "-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200"})
	if _, err := p.run(acceptsConnections, nil, serve[0], serve[1:]...); err != nil {
		return "", err
	}
	return fmt.Sprintf("postgres://test:%s@127.0.0.1:%d/postgres", postgresPassword, port), nil
}

// postgresPrograms is the directory of initdb and postgres: Debian keeps them off the path.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	program, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("PostgreSQL is %w", errMissing)
	}
	return filepath.Dir(program), nil
}

// unprivileged gives files to a user without rights, and is what a command begins with to run as that user.
func unprivileged(files ...string) ([]string, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor nobody: %w", err)
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	for _, file := range files {
		if err := os.Chown(file, uid, gid); err != nil {
			return nil, err
		}
	}
	return []string{"setpriv", "--reuid=" + account.Uid, "--regid=" + account.Gid, "--clear-groups"}, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("listens on %v", listener.Addr())
	}
	return address.Port, nil
}
