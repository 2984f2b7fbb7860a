package clitest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve KIND starts a server that is no application, or none at all, and puts its base URL into $base: "html" answers every request
// with a web page; "expired" has a certificate that ended yesterday and writes it to ca.pem, so that nothing else is wrong with it;
// "closed" is an address where nobody listens.
func serve(s *stage, ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: serve KIND")
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>Sign in</html>")
	})
	server := httptest.NewUnstartedServer(page)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	switch args[0] {
	case "html":
		server.Start()
	case "closed":
		server.Start()
		server.Close()
	case "expired":
		certificate, err := selfSigned(time.Now().Add(-24 * time.Hour))
		if err == nil {
			err = os.WriteFile(filepath.Join(s.dir, "ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600)
		}
		if err != nil {
			ts.Fatalf("make a certificate: %v", err)
		}
		server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		server.StartTLS()
	default:
		ts.Fatalf("serve: %q is not a kind of server", args[0])
	}
	if args[0] != "closed" {
		ts.Defer(server.Close)
	}
	ts.Setenv("base", server.URL+"/scim/v2")
}

// selfSigned makes a certificate for loopback that was valid for a year, up to a moment.
func selfSigned(end time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "loopback test"}, NotBefore: end.AddDate(-1, 0, 0), NotAfter: end,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	made, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}, err
}
