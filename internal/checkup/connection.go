package checkup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// The probes of a connection, after those of its connector.
const (
	probeSecret      = "secret"
	probeCredentials = "credentials"
	probeDiscovery   = "discovery"
	probeMappings    = "mappings"
)

// probeTest is the connection test for one object type.
func probeTest(objectType directory.ObjectType) string { return "test " + string(objectType) + "s" }

func (p *patient) connection(ctx context.Context, c Connection) {
	stored := p.secrets(ctx, c)
	broken := ""
	err := p.engine.DiagnoseConnection(ctx, c.Connection, func(finding connector.Finding) {
		if !stored && finding.Probe == "http" {
			// It would fail for want of the secret, which was said already.
			broken, finding.Outcome, finding.Detail, finding.Advice = probeSecret, skip, probeSecret+" failed", ""
		}
		if finding.Outcome == fail && broken == "" {
			broken = finding.Probe
		}
		p.report(Check{Target: p.target, Finding: finding})
	})
	if err != nil {
		p.tell("connect", fail, err.Error(), "Correct the connection.")
		broken = "connect"
	}
	if broken != "" {
		p.skip(broken+" failed", probeCredentials, probeTest(directory.User), probeTest(directory.Group), probeDiscovery, probeMappings)
		return
	}
	if p.tests(ctx, c) {
		p.discovery(ctx, c)
	} else {
		p.skip("the connection test failed", probeDiscovery, probeMappings)
	}
}

// secrets reports whether every secret that the connection uses is there.
func (p *patient) secrets(ctx context.Context, c Connection) bool {
	uses := c.Secrets()
	for _, which := range uses {
		if _, err := p.engine.Store.GetSecret(ctx, c.ID(), which); err != nil {
			p.tell(probeSecret, fail, fmt.Sprintf("version %d of %s: %v", which.Version, which.Name, err), "Apply the connection with the secret, or with a new one and a higher version.")
			return false
		}
	}
	if len(uses) == 0 {
		p.tell(probeSecret, warn, "the connection uses no stored secret", "Give it credentials, unless the target proves this side by a certificate alone.")
		return true
	}
	p.tell(probeSecret, pass, fmt.Sprintf("stored, version %d", uses[0].Version), "")
	return true
}

// tests runs the connection test and reports whether any of it passed.
func (p *patient) tests(ctx context.Context, c Connection) bool {
	limited, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	tests, err := p.engine.TestConnection(limited, c.Connection, c.Mappings)
	if err != nil {
		p.tell(probeCredentials, fail, err.Error(), "Correct the connection.")
		return false
	}
	p.credentials(tests)
	passed := false
	for _, objectType := range directory.ObjectTypes() {
		at := slices.IndexFunc(tests, func(t cycle.ConnectionTest) bool { return t.Probe.Type == objectType })
		if at < 0 {
			p.skip(fmt.Sprintf("no %ss are mapped", objectType), probeTest(objectType))
			continue
		}
		test := tests[at]
		if test.Err == nil {
			passed = true
			p.tell(probeTest(objectType), pass, "nobody was found by a random "+test.Probe.Attribute, "")
			continue
		}
		detail, advice := explain(test.Err)
		p.tell(probeTest(objectType), fail, detail, advice)
	}
	return passed
}

// credentials says what the tests say about them alone.
func (p *patient) credentials(tests []cycle.ConnectionTest) {
	for _, test := range tests {
		failure, ok := errors.AsType[connector.TestFailure](test.Err)
		switch {
		case test.Err == nil, ok && (failure.Fault == connector.FaultNotSearchable || failure.Fault == connector.FaultForbidden):
			p.tell(probeCredentials, pass, "the target accepts them", "")
			return
		case ok && failure.Fault == connector.FaultCredentials:
			detail, advice := explain(test.Err)
			p.tell(probeCredentials, fail, detail, advice)
			return
		}
	}
	p.skip("the answers do not tell", probeCredentials)
}

// explain is what a failed test found and what to do.
func explain(err error) (detail, advice string) {
	detail = err.Error()
	failure, ok := errors.AsType[connector.TestFailure](err)
	if !ok {
		return detail, "Look at what the target says."
	}
	if failure.Fault == connector.FaultProtocol && failure.Status != 0 && failure.Body != "" && !strings.Contains(detail, failure.Body) {
		detail += "; it said: " + failure.Body
	}
	return detail, failure.Advice
}

func (p *patient) discovery(ctx context.Context, c Connection) {
	limited, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	discovery, err := p.engine.DiscoverConnection(limited, c.Connection)
	switch {
	case errors.Is(err, directory.Unsupported):
		p.skip("the protocol knows no description of a target", probeDiscovery, probeMappings)
		return
	case err != nil:
		p.tell(probeDiscovery, warn, err.Error(), "Nothing depends on it: plans only cannot compare mappings with the target.")
		p.skip(probeDiscovery+" failed", probeMappings)
		return
	}
	detail := fmt.Sprintf("%d attributes; %s", len(discovery.Attributes), announced(discovery.Features))
	if len(discovery.Problems) > 0 {
		p.tell(probeDiscovery, warn, detail+". "+strings.Join(discovery.Problems, ". "), "Nothing depends on it; ask the target's vendor if plans are to compare mappings with its schema.")
	} else {
		p.tell(probeDiscovery, pass, detail, "")
	}
	p.mappings(ctx, c, discovery)
}

// announced are the features a target says it has.
func announced(features *connector.Features) string {
	if features == nil {
		return "the target does not say what it can do"
	}
	var can []string
	for _, feature := range []struct {
		name string
		has  bool
	}{{"patch", features.Patch}, {"bulk", features.Bulk}, {"filter", features.Filter}, {"sort", features.Sort}, {"etag", features.ETag}, {"cursors", features.Cursor}} {
		if feature.has {
			can = append(can, feature.name)
		}
	}
	if len(can) == 0 {
		return "the target announces no features"
	}
	return "the target announces " + strings.Join(can, ", ")
}

func (p *patient) mappings(ctx context.Context, c Connection, discovery connector.Discovery) {
	switch {
	case len(c.Mappings) == 0:
		p.skip("nothing is mapped", probeMappings)
		return
	case len(discovery.Attributes) == 0:
		p.skip("the target publishes no schema", probeMappings)
		return
	}
	doubts, err := p.engine.Doubts(ctx, c.Connection, c.Mappings, discovery)
	switch {
	case err != nil:
		p.tell(probeMappings, fail, err.Error(), "Correct the connection.")
	case len(doubts) > 0:
		p.tell(probeMappings, warn, strings.Join(doubts, "; "), "Correct the mappings, or leave them if the target takes them all the same.")
	default:
		p.tell(probeMappings, pass, "the target's schema has everything that is mapped", "")
	}
}
