package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// InProcess is an http.RoundTripper that calls a handler directly. Requests and answers stream; nothing is buffered whole
// and no socket is opened. It serves any host name.
type InProcess struct{ Handler http.Handler }

// RoundTrip runs the handler until the answer's body is read or closed, or the request's context ends.
func (t InProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(request.Context())
	inbound := request.Clone(ctx)
	inbound.RequestURI = request.URL.RequestURI()
	inbound.Proto, inbound.ProtoMajor, inbound.ProtoMinor = "HTTP/1.1", 1, 1
	inbound.RemoteAddr = "in-process"
	if inbound.Body == nil {
		inbound.Body = http.NoBody
	}
	// Whoever still sends the request is told when the call is over: a RoundTripper closes the body, also on errors.
	context.AfterFunc(ctx, func() { _ = inbound.Body.Close() })
	reader, writer := io.Pipe()
	answer := &answer{header: http.Header{}, body: writer, started: make(chan struct{})}
	go func() {
		defer cancel()
		answer.finish(serve(t.Handler, answer, inbound))
	}()
	select {
	case <-answer.started:
	case <-ctx.Done():
		reader.CloseWithError(ctx.Err())
		return nil, ctx.Err()
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.sent, Body: &answerBody{PipeReader: reader, cancel: cancel}, ContentLength: -1, Request: request,
	}, nil
}

// serve turns a panic of the handler into an error of the one call.
func serve(handler http.Handler, w http.ResponseWriter, request *http.Request) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the engine failed: %v", cause)
		}
	}()
	handler.ServeHTTP(w, request)
	return nil
}

// answer is the http.ResponseWriter of one call. The header is handed over when it is first written.
type answer struct {
	header  http.Header
	sent    http.Header
	status  int
	body    *io.PipeWriter
	once    sync.Once
	started chan struct{}
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.started)
	})
}

func (a *answer) Write(data []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	n, err := a.body.Write(data)
	if errors.Is(err, io.ErrClosedPipe) {
		return n, http.ErrBodyNotAllowed
	}
	return n, err
}

// Flush has nothing to do: a pipe holds nothing back.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

func (a *answer) finish(err error) {
	if err != nil {
		a.WriteHeader(http.StatusInternalServerError)
	}
	a.WriteHeader(http.StatusOK)
	_ = a.body.CloseWithError(err) // documented to always return nil
}

// answerBody ends the call when it is closed before its end.
type answerBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *answerBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
