package testenv

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"
)

// lines is a listener and a dialer in memory: the bytes are those of HTTP, but whoever waits for them waits in the bubble of
// synctest, whose clock can go on.
type lines struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (l *lines) Accept() (net.Conn, error) {
	select {
	case conn := <-l.waiting:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *lines) Close() error   { close(l.closed); return nil }
func (l *lines) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (l *lines) dial() (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.waiting <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Pipe serves a handler in memory and returns a transport to it, whatever the host. Both end with the test.
func Pipe(t testing.TB, handler http.Handler) *http.Transport {
	t.Helper()
	l := &lines{waiting: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	transport := &http.Transport{
		DialContext:         func(context.Context, string, string) (net.Conn, error) { return l.dial() },
		MaxIdleConnsPerHost: 64,
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
	return transport
}
