package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/api"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func client(handler http.HandlerFunc) *http.Client {
	return &http.Client{Transport: api.InProcess{Handler: handler}}
}

func request(t *testing.T, ctx context.Context, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://engine.invalid/provisioning.v1.JobService/CommitJob?a=b", body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRequestAndAnswerArriveWhole(t *testing.T) {
	t.Parallel()
	c := client(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", fmt.Sprintf("%s %s %s %s %v", r.Method, r.RequestURI, r.Header.Get("X-Ask"), body, err))
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK) // the first one counts
		w.Header().Set("X-Late", "yes")
		_, _ = io.WriteString(w, "short and stout")
	})
	r := request(t, t.Context(), strings.NewReader("ping"))
	r.Header.Set("X-Ask", "please")
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != "short and stout" || response.StatusCode != http.StatusTeapot || response.Header.Get("X-Late") != "" {
		t.Errorf("status %d, body %q, late header %q, %v", response.StatusCode, body, response.Header.Get("X-Late"), err)
	}
	if got, want := response.Header.Get("X-Seen"), "POST /provisioning.v1.JobService/CommitJob?a=b please ping <nil>"; got != want {
		t.Errorf("the handler saw %q, want %q", got, want)
	}
}

func TestHandlerThatWritesNothing(t *testing.T) {
	t.Parallel()
	response, err := client(func(http.ResponseWriter, *http.Request) {}).Do(request(t, t.Context(), nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || len(body) != 0 || response.StatusCode != http.StatusOK || response.Body.Close() != nil {
		t.Errorf("status %d, body %q, %v", response.StatusCode, body, err)
	}
}

// The first part of an answer arrives while the handler is still at work: it waits until that part was read.
func TestAnswersStream(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	response, err := client(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-read
		_, _ = io.WriteString(w, "second")
	}).Do(request(t, t.Context(), nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	part := make([]byte, len("first"))
	if _, err := io.ReadFull(response.Body, part); err != nil || string(part) != "first" {
		t.Fatalf("%q, %v", part, err)
	}
	close(read)
	rest, err := io.ReadAll(response.Body)
	if err != nil || string(rest) != "second" {
		t.Errorf("%q, %v", rest, err)
	}
}

// A header alone arrives too, before the first byte.
func TestFlushedHeaderArrives(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	response, err := client(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Early", "yes")
		w.(http.Flusher).Flush()
		<-arrived
	}).Do(request(t, t.Context(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("X-Early") != "yes" {
		t.Error("the header is not there")
	}
	close(arrived)
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
}

// However the client leaves, the handler's context ends and nothing keeps running.
func TestClientThatLeavesEndsTheCall(t *testing.T) {
	t.Parallel()
	leave := map[string]func(t *testing.T, c *http.Client){
		"cancelled before the answer": func(t *testing.T, c *http.Client) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() { synctest.Wait(); cancel() }()
			response, err := c.Do(request(t, ctx, strings.NewReader("wait")))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, %v", response, err)
			}
			if err == nil {
				_ = response.Body.Close()
			}
		},
		"deadline": func(t *testing.T, c *http.Client) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			response, err := c.Do(request(t, ctx, strings.NewReader("wait")))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, %v", response, err)
			}
			if err == nil {
				_ = response.Body.Close()
			}
		},
		"cancelled while reading": func(t *testing.T, c *http.Client) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			response, err := c.Do(request(t, ctx, strings.NewReader("answer")))
			if err != nil {
				t.Fatal(err)
			}
			go func() { synctest.Wait(); cancel() }()
			_, _ = io.ReadAll(response.Body)
			_ = response.Body.Close()
		},
		"closed unread": func(t *testing.T, c *http.Client) {
			response, err := c.Do(request(t, t.Context(), strings.NewReader("answer")))
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil {
				t.Error(err)
			}
		},
	}
	for name, leaves := range leave {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var cause error
				ended := make(chan struct{})
				leaves(t, client(func(w http.ResponseWriter, r *http.Request) {
					defer close(ended)
					if body, _ := io.ReadAll(r.Body); string(body) == "answer" {
						_, _ = io.WriteString(w, "some")
					}
					<-r.Context().Done()
					cause = r.Context().Err()
				}))
				<-ended // the bubble reports a deadlock when it never does
				if cause == nil {
					t.Error("the handler's context did not end")
				}
			})
		})
	}
}

// A handler may answer without reading the request; whoever still sends it is told, as net/http does.
func TestRequestBodyIsClosed(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	response, err := client(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }).Do(request(t, t.Context(), reader))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(response.Body)
	_ = response.Body.Close()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(writer, "more")
		sent <- err
	}()
	select {
	case err := <-sent:
		if err == nil {
			t.Error("somebody read it")
		}
	case <-time.After(10 * time.Second):
		t.Error("the sender hangs")
		_ = reader.Close()
	}
}

// Writes of a handler whose client is gone fail, so that it stops.
func TestWritingToAClientThatLeft(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	response, err := client(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<10)); err != nil {
				failed <- err
				return
			}
		}
	}).Do(request(t, t.Context(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the write succeeded")
	}
}

func TestPanicIsAnErrorOfTheOneCall(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	proceed := make(chan struct{})
	c := client(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch string(body) {
		case "early":
			panic("early")
		case "late":
			_, _ = io.WriteString(w, "some")
			panic("late")
		default:
			close(started)
			<-proceed
			_, _ = io.WriteString(w, "fine")
		}
	})
	type result struct {
		body []byte
		err  error
	}
	bystander := make(chan result)
	go func() {
		response, err := c.Do(request(t, t.Context(), strings.NewReader("other")))
		if err != nil {
			bystander <- result{nil, err}
			return
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		bystander <- result{body, err}
	}()
	<-started
	for _, when := range []string{"early", "late"} {
		response, err := c.Do(request(t, t.Context(), strings.NewReader(when)))
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		body, err := io.ReadAll(response.Body)
		if err == nil || !strings.Contains(err.Error(), "the engine failed") {
			t.Errorf("%s: body %q, %v", when, body, err)
		}
		if when == "early" && response.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s: status %d", when, response.StatusCode)
		}
		_ = response.Body.Close()
	}
	close(proceed)
	if got := <-bystander; got.err != nil || string(got.body) != "fine" {
		t.Errorf("another call: %q, %v", got.body, got.err)
	}
}

// Bodies of any size pass through, in both directions at the same time.
func TestBigBodies(t *testing.T) {
	t.Parallel()
	const size = 32 << 20
	c := client(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	block := bytes.Repeat([]byte("0123456789abcdef"), 1<<12)
	sent, received := sha256.New(), sha256.New()
	body := io.TeeReader(io.LimitReader(endless{block}, size), sent)
	response, err := c.Do(request(t, t.Context(), body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	n, err := io.Copy(received, response.Body)
	if err != nil || n != size || !bytes.Equal(sent.Sum(nil), received.Sum(nil)) {
		t.Errorf("%d of %d bytes, %v", n, size, err)
	}
}

// endless repeats a block.
type endless struct{ block []byte }

func (e endless) Read(p []byte) (int, error) { return copy(p, e.block), nil }

func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	const calls = 64
	var together sync.WaitGroup
	together.Add(calls)
	c := client(func(w http.ResponseWriter, r *http.Request) {
		together.Done()
		together.Wait() // every call is inside its handler at the same time
		_, _ = io.Copy(w, r.Body)
	})
	var group sync.WaitGroup
	for i := range calls {
		group.Go(func() {
			want := fmt.Sprintf("call %d", i)
			response, err := c.Do(request(t, t.Context(), strings.NewReader(want)))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = response.Body.Close() }()
			if body, err := io.ReadAll(response.Body); err != nil || string(body) != want {
				t.Errorf("got %q, %v; want %q", body, err, want)
			}
		})
	}
	group.Wait()
}
