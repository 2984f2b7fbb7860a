package testenv

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startLimit is how long a server may take until it says that it listens. It takes a second or two on a machine that has
// nothing else to do.
const startLimit = 60 * time.Second

// process starts the programs of one server and ends them with the test. What they print is shown when the test fails.
type process struct {
	t      testing.TB
	server Server
	output record
	// port is where the server listens.
	port string
}

// record keeps what programs print, and tells who waits when a line matches.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.text.Len() < 1<<20 {
		r.text.WriteString(line + "\n")
	}
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// run starts a program and waits until it prints a line that matches; what the first group of the expression matches is
// returned. The program ends with the test.
func (p *process) run(ready *regexp.Regexp, environment []string, name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	command.Env = append(os.Environ(), environment...)
	reader, writer, err := os.Pipe()
	if err != nil {
		return "", err
	}
	command.Stdout, command.Stderr = writer, writer
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		return "", fmt.Errorf("start %s: %w", name, err)
	}
	_ = writer.Close()
	found := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(reader)
		for lines.Scan() {
			p.output.add(lines.Text())
			if match := ready.FindStringSubmatch(lines.Text()); match != nil {
				select {
				case found <- match[len(match)-1]:
				default:
				}
			}
		}
	}()
	p.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(10*time.Second, func() { _ = command.Process.Kill() })
		_ = command.Wait()
		kill.Stop()
		_ = reader.Close()
		<-read
	})
	ctx, cancel := context.WithTimeout(p.t.Context(), startLimit)
	defer cancel()
	select {
	case match := <-found:
		return match, nil
	case <-read:
		return "", fmt.Errorf("%s ended before it was ready; it printed:\n%s", name, p.output.String())
	case <-ctx.Done():
		return "", fmt.Errorf("%s is not ready after %v; it printed:\n%s", name, startLimit, p.output.String())
	}
}
