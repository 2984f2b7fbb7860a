package scim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
)

var _ connector.Diagnoser = (*Connector)(nil)

// The probes of Diagnose, in order: name resolution, a connection, encryption, an answer, the clocks, the rate.
const (
	probeDNS   = "dns"
	probeTCP   = "tcp"
	probeTLS   = "tls"
	probeHTTP  = "http"
	probeClock = "clock"
	probeRate  = "rate"
)

const (
	// probeLimit is how long one probe may take.
	probeLimit = 15 * time.Second
	// expiryNotice is how long before its end a certificate deserves a look.
	expiryNotice = 21 * 24 * time.Hour
	// skewNotice is how far the clocks may be apart: an assertion or a token with a start is refused beyond that.
	skewNotice = time.Minute
)

// diagnosis is Diagnose under way.
type diagnosis struct {
	*client
	report func(connector.Finding)
	// broken names the probe that failed; what comes after it is skipped.
	broken string
}

// Diagnose looks the host up, connects to it, checks its certificate, and asks one question.
func (c *Connector) Diagnose(ctx context.Context, report func(connector.Finding)) {
	d := &diagnosis{client: c.client, report: report}
	network, _ := c.client.transport.(*http.Transport)
	via := d.proxy(network)
	switch {
	case network == nil:
		d.skip("the connection has a transport of its own", probeDNS, probeTCP, probeTLS)
	case via != "":
		d.skip("the connection goes through the proxy "+via, probeDNS, probeTCP, probeTLS)
	default:
		d.limited(ctx, d.lookUp)
		d.limited(ctx, d.connect)
		d.limited(ctx, func(ctx context.Context) { d.encrypt(ctx, network.TLSClientConfig) })
	}
	if d.broken != "" {
		d.skip("", probeHTTP, probeClock, probeRate)
		return
	}
	d.limited(ctx, d.ask)
}

func (d *diagnosis) limited(ctx context.Context, probe func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	probe(ctx)
}

func (d *diagnosis) tell(probe string, outcome connector.FindingOutcome, advice, format string, args ...any) {
	if outcome == connector.FindingFail && d.broken == "" {
		d.broken = probe
	}
	d.report(connector.Finding{Probe: probe, Outcome: outcome, Detail: shortened(d.redact(fmt.Sprintf(format, args...))), Advice: advice})
}

// skip reports probes that cannot be tried; why is empty when an earlier one failed.
func (d *diagnosis) skip(why string, probes ...string) {
	if why == "" {
		why = d.broken + " failed"
	}
	for _, probe := range probes {
		d.tell(probe, connector.FindingSkip, "", "%s", why)
	}
}

// proxy returns the proxy the requests go through, empty when they go directly.
func (d *diagnosis) proxy(network *http.Transport) string {
	if network == nil || network.Proxy == nil {
		return ""
	}
	via, err := network.Proxy(&http.Request{Method: http.MethodGet, URL: d.url(request{path: "/Users"})})
	if err != nil || via == nil {
		return ""
	}
	return (&url.URL{Scheme: via.Scheme, Host: via.Host}).String()
}

func (d *diagnosis) lookUp(ctx context.Context) {
	host := d.base.Hostname()
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		d.tell(probeDNS, connector.FindingFail, "Check the host in base_url, and the name servers of this machine.", "%s cannot be resolved: %s", host, plainCause(err))
		return
	}
	d.tell(probeDNS, connector.FindingPass, "", "%s is %s", host, strings.Join(addresses, ", "))
}

// address is what to connect to.
func (d *diagnosis) address() string {
	port := d.base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[d.base.Scheme]
	}
	return net.JoinHostPort(d.base.Hostname(), port)
}

func (d *diagnosis) connect(ctx context.Context) {
	if d.broken != "" {
		d.skip("", probeTCP)
		return
	}
	connection, err := (&net.Dialer{Timeout: connectTimeout}).DialContext(ctx, "tcp", d.address())
	if err != nil {
		d.tell(probeTCP, connector.FindingFail, "Check the port in base_url, the firewall between here and the target, and that the target is up.", "cannot connect to %s: %s", d.address(), plainCause(err))
		return
	}
	d.tell(probeTCP, connector.FindingPass, "", "connected to %s", connection.RemoteAddr())
	_ = connection.Close()
}

func (d *diagnosis) encrypt(ctx context.Context, config *tls.Config) {
	switch {
	case d.broken != "":
		d.skip("", probeTLS)
		return
	case d.base.Scheme != "https":
		d.skip("the target is on this machine and is reached without TLS", probeTLS)
		return
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: connectTimeout}, Config: config.Clone()}
	opened, err := dialer.DialContext(ctx, "tcp", d.address())
	if err != nil {
		d.refused(err)
		return
	}
	defer opened.Close()
	connection, ok := opened.(*tls.Conn)
	if !ok {
		return
	}
	state := connection.ConnectionState()
	leaf := state.PeerCertificates[0]
	left := leaf.NotAfter.Sub(d.now())
	outcome, advice := connector.FindingPass, ""
	if left < expiryNotice {
		outcome, advice = connector.FindingWarn, "Have the target's certificate renewed: when it has expired, nothing is provisioned any more."
	}
	d.tell(probeTLS, outcome, advice, "%s, %s, expires in %d days (%s)", tls.VersionName(state.Version), chain(state.VerifiedChains), int(left.Hours()/24), leaf.NotAfter.UTC().Format(time.DateOnly))
}

// refused says why encryption failed; the certificate is told where there is one.
func (d *diagnosis) refused(err error) {
	certificate, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok {
		d.tell(probeTLS, connector.FindingFail, "Check that base_url names the port where the target speaks https, and tls.min_version.", "no TLS on %s: %s", d.address(), plainCause(err))
		return
	}
	why, _ := distrusted(certificate, settingBaseURL)
	about := ""
	if len(certificate.UnverifiedCertificates) > 0 {
		leaf := certificate.UnverifiedCertificates[0]
		about = fmt.Sprintf("; it is for %s, from %s, until %s", namesOf(leaf), leaf.Issuer.CommonName, leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	d.tell(probeTLS, connector.FindingFail, adviceOn(connector.FaultCertificate, connector.Probe{}), "the certificate of %s is not accepted: %s%s", d.base.Host, why, about)
}

// chain names the certificates that lead to a trusted one.
func chain(verified [][]*x509.Certificate) string {
	if len(verified) == 0 {
		return "no chain"
	}
	var names []string
	for _, certificate := range verified[0] {
		name := certificate.Subject.CommonName
		if name == "" && len(certificate.DNSNames) > 0 {
			name = certificate.DNSNames[0]
		}
		if name == "" {
			name = certificate.Subject.String()
		}
		names = append(names, name)
	}
	return strings.Join(names, " ← ")
}

// ask sends one request that reads nobody's data. Whatever answers is an answer: the connection test judges it.
func (d *diagnosis) ask(ctx context.Context) {
	began := d.now()
	a, err := d.send(ctx, request{method: http.MethodGet, path: configPath})
	took := d.now().Sub(began)
	if told := answerOf(err); told != nil {
		a = *told
	}
	if a.status == 0 {
		d.tell(probeHTTP, connector.FindingFail, adviceOn(faultOf(err), connector.Probe{}), "%v", err)
		d.skip("", probeClock, probeRate)
		return
	}
	d.tell(probeHTTP, connector.FindingPass, "", "answered %d in %d ms", a.status, took.Milliseconds())
	d.clock(a.header)
	d.rate(a)
}

func (d *diagnosis) clock(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		d.skip("the target's answers have no date", probeClock)
		return
	}
	// The header has whole seconds.
	skew := d.now().Sub(date).Truncate(time.Second)
	if skew.Abs() <= skewNotice {
		d.tell(probeClock, connector.FindingPass, "", "the clocks are less than a minute apart")
		return
	}
	ahead := "ahead of"
	if skew < 0 {
		ahead = "behind"
	}
	d.tell(probeClock, connector.FindingWarn, "Set the clock of this machine, or have the target's set: tokens and certificates are judged by it.",
		"this machine's clock is %s %s the target's", skew.Abs(), ahead)
}

// rateHeaders are how targets announce what they allow.
var rateHeaders = []string{"RateLimit-Limit", "RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-Rate-Limit-Limit"}

func (d *diagnosis) rate(a answer) {
	limit := d.pacer.Limit()
	ours := fmt.Sprintf("at most %g requests per second, %d at a time", limit.RequestsPerSecond, limit.Concurrency)
	for _, name := range rateHeaders {
		if announced := a.header.Get(name); announced != "" {
			ours += fmt.Sprintf("; the target announces %s: %s", name, announced)
			break
		}
	}
	if a.status == http.StatusTooManyRequests {
		d.tell(probeRate, connector.FindingWarn, "Lower rate_limit of the connection.", "the target is throttling; %s", ours)
		return
	}
	d.tell(probeRate, connector.FindingPass, "", "%s", ours)
}

// plainCause is what went wrong at the bottom, without the operation around it.
func plainCause(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Err
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Err != nil {
		return operation.Err.Error()
	}
	return err.Error()
}
