package scim

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// OAuth2 gets access tokens with the client credentials grant (RFC 6749 4.4).
type OAuth2 struct {
	// TokenURL is https, or http on this machine.
	TokenURL string
	ClientID string
	// ClientAuthentication is "body" or "basic" for the client secret (RFC 6749 2.3.1), or "private_key_jwt" (RFC 7523 2.2);
	// empty means body.
	ClientAuthentication string
	ClientSecret         secret.Text
	// PrivateKeyPEM signs the assertions, KeyID names it to the token endpoint ("kid"), Audience is their "aud"; empty
	// means TokenURL.
	PrivateKeyPEM secret.Text
	KeyID         string
	Audience      string
	Scopes        []string
	// Parameters go with the token request, for example audience or resource.
	Parameters map[string]string
}

const (
	inBody        = "body"
	asBasic       = "basic"
	privateKeyJWT = "private_key_jwt"
)

const (
	// refreshAt is the part of a token's life after which another one is fetched (scim-client.md 15).
	refreshAt = 0.8
	// longestLife bounds what a token endpoint says about a token's life.
	longestLife = 24 * time.Hour
	// failureKept is how long a token endpoint that gave no token is not asked again: a page of writes must not be a page of
	// attempts to log in.
	failureKept = 10 * time.Second
	// renewalKept is how long a token that replaced a refused one is not replaced for being refused: age is not its fault.
	renewalKept = time.Minute
	// maxTokenBody holds a token with all its claims.
	maxTokenBody = 1 << 20
)

// ownParameters of a token request cannot be set from outside.
var ownParameters = []string{"grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope"}

// tokenSource fetches access tokens and keeps the present one. It is safe for concurrent use.
type tokenSource struct {
	client   *client
	settings OAuth2
	// endpoint is the token URL for messages: without its query.
	endpoint string
	signer   *assertionSigner
	http     *http.Client
	flight   singleflight.Group

	mu      sync.Mutex
	current token
	failure error
	// failedAt is when the failure happened.
	failedAt time.Time
}

// token is an access token, as the value of the Authorization header.
type token struct {
	header secret.Text
	// until is when another one is due, end when it is over; zero when the token endpoint did not say how long it lives.
	until, end time.Time
	fetchedAt  time.Time
	// renewal says that it was fetched because the target refused the one before; refused, that it was refused itself.
	renewal, refused bool
}

func (c *client) authenticateByToken(settings OAuth2) (lacking string, err error) {
	address, err := parseTokenURL(settings.TokenURL)
	if err != nil {
		return "", invalid("", "oauth2.token_url %v", err)
	}
	if settings.ClientID == "" {
		return "", invalid("", "oauth2.client_id is empty")
	}
	for _, name := range ownParameters {
		if _, set := settings.Parameters[name]; set {
			return "", invalid("", "oauth2.token_parameters must not hold %s, which follows from the other settings", name)
		}
	}
	address.RawQuery = ""
	s := &tokenSource{client: c, settings: settings, endpoint: address.String()}
	switch settings.ClientAuthentication {
	case "", inBody, asBasic:
		given := settings.ClientSecret.Reveal()
		if given == "" {
			lacking = noCredentials
		}
		c.mask.hide(given, base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(settings.ClientID)+":"+url.QueryEscape(given))))
	case privateKeyJWT:
		if settings.PrivateKeyPEM.IsZero() {
			lacking = noCredentials
			break
		}
		c.mask.hide(settings.PrivateKeyPEM.Reveal())
		if s.signer, err = newAssertionSigner(settings, c.now); err != nil {
			return "", invalid("", "oauth2.private_key_wo %v", err)
		}
	default:
		return "", invalid("", "oauth2.client_authentication %q is not known; use %s, %s or %s", settings.ClientAuthentication, inBody, asBasic, privateKeyJWT)
	}
	sending := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: tokenTransport{s}, CheckRedirect: stay},
		RetryMax:     maxFaults + maxThrottles,
		CheckRetry:   c.checkRetry,
		Backoff:      c.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// A token request goes where token_url says and nowhere else: it holds the client's credentials.
	s.http = &http.Client{Transport: &retryablehttp.RoundTripper{Client: sending}, CheckRedirect: stay}
	c.credentials = s
	return lacking, nil
}

// stay follows no redirect.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// authorize returns the present token, or fetches one; requests that need one at the same time share it.
func (s *tokenSource) authorize(ctx context.Context) (secret.Text, error) {
	if header, known, err := s.present(); known {
		return header, err
	}
	fetched := s.flight.DoChan("", func() (any, error) {
		// Another request may have fetched one since, and this one may give up while others wait.
		if header, known, err := s.present(); known {
			return header, err
		}
		return s.fetch(context.WithoutCancel(ctx))
	})
	select {
	case <-ctx.Done():
		return secret.Text{}, ctx.Err()
	case result := <-fetched:
		header, _ := result.Val.(secret.Text)
		return header, result.Err
	}
}

// present returns the token that can be used now, or the failure of a moment ago.
func (s *tokenSource) present() (header secret.Text, known bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.client.now()
	if s.failure != nil && now.Sub(s.failedAt) < failureKept {
		header, err := s.despite(s.failure)
		return header, true, err
	}
	if s.current.header.IsZero() || s.current.refused || !s.current.until.IsZero() && !now.Before(s.current.until) {
		return secret.Text{}, false, nil
	}
	return s.current.header, true, nil
}

// despite returns the token that was due, as long as it lives and the failure to get another one may pass; the failure otherwise. The
// caller holds the lock.
func (s *tokenSource) despite(failure error) (secret.Text, error) {
	told, _ := errors.AsType[*tokenError](failure)
	passes := told != nil && (told.kind == directory.Transient || told.kind == directory.Throttled)
	if passes && !s.current.header.IsZero() && !s.current.refused && s.client.now().Before(s.current.end) {
		return s.current.header, nil
	}
	return secret.Text{}, failure
}

func (s *tokenSource) renew(refused secret.Text) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.header.Reveal() != refused.Reveal() {
		return true // another request has renewed it
	}
	if s.current.renewal && s.client.now().Sub(s.current.fetchedAt) < renewalKept {
		return false
	}
	s.current.refused = true
	return true
}

func (s *tokenSource) advice() string {
	return "the target does not accept the access token; check oauth2.scopes, oauth2.token_parameters and what the client may do in the target"
}

// fetch asks the token endpoint and remembers what came of it.
func (s *tokenSource) fetch(ctx context.Context) (secret.Text, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*s.client.timeout)
	defer cancel()
	began := s.client.now()
	header, life, err := s.ask(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failure, s.failedAt = err, s.client.now()
		return s.despite(err)
	}
	s.failure = nil
	s.current = token{header: header, fetchedAt: began, renewal: s.current.refused}
	if life > 0 {
		s.current.until, s.current.end = began.Add(time.Duration(refreshAt*float64(life))), began.Add(life)
	}
	return header, nil
}

// ask sends one token request. A life of 0 is one that the token endpoint does not tell.
func (s *tokenSource) ask(ctx context.Context) (header secret.Text, life time.Duration, err error) {
	parameters := url.Values{}
	for name, value := range s.settings.Parameters {
		parameters.Set(name, value)
	}
	config := clientcredentials.Config{
		ClientID: s.settings.ClientID, ClientSecret: s.settings.ClientSecret.Reveal(), TokenURL: s.settings.TokenURL,
		Scopes: slices.Clone(s.settings.Scopes), EndpointParams: parameters, AuthStyle: oauth2.AuthStyleInParams,
	}
	if s.settings.ClientAuthentication == asBasic {
		config.AuthStyle = oauth2.AuthStyleInHeader
	}
	if s.signer != nil {
		config.ClientSecret = ""
	}
	ctx = context.WithValue(context.WithValue(ctx, attemptsKey{}, &attempts{}), oauth2.HTTPClient, s.http)
	received, err := config.Token(ctx)
	if err != nil {
		return secret.Text{}, 0, s.explain(err)
	}
	if !headerText(received.AccessToken) {
		return secret.Text{}, 0, s.refuse("delivered a token that no header can carry; check oauth2.token_url")
	}
	s.client.mask.hidePassing(received.AccessToken)
	if received.Type() != "Bearer" {
		return secret.Text{}, 0, s.refuse(fmt.Sprintf("delivered a token of type %q, and only bearer tokens can be used (RFC 6750)", s.client.redact(received.Type())))
	}
	return secret.New("Bearer " + received.AccessToken), lifeOf(received), nil
}

// lifeOf reads expires_in, which some endpoints write as text. The library's own expiry is told by another clock.
func lifeOf(received *oauth2.Token) time.Duration {
	seconds, err := strconv.ParseFloat(fmt.Sprint(received.Extra("expires_in")), 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return 0
	}
	return time.Duration(min(seconds, longestLife.Seconds()) * float64(time.Second))
}

// parseTokenURL checks the address of a token endpoint, which may have a query (RFC 6749 3.2).
func parseTokenURL(text string) (*url.URL, error) {
	address, err := url.Parse(strings.TrimSpace(text))
	switch {
	case text == "":
		return nil, errors.New("is empty; give the token endpoint, for example https://login.example.com/oauth2/token")
	case err != nil:
		// The parser's message repeats the text, which may hold a password.
		return nil, errors.New("is not a URL; give the token endpoint, for example https://login.example.com/oauth2/token")
	case address.User != nil:
		return nil, errors.New("must not hold a user name or password; use client_id and client_secret_wo")
	case address.Scheme != "https" && address.Scheme != "http" || address.Hostname() == "":
		return nil, errors.New("is not an http or https URL with a host")
	case address.Scheme == "http" && !isLoopback(address.Hostname()):
		return nil, errors.New("uses http, which would send the client's credentials unencrypted; use https (http is allowed for this machine only: localhost, 127.0.0.1, ::1)")
	case address.Fragment != "":
		return nil, errors.New("must not have a fragment")
	}
	return address, nil
}
