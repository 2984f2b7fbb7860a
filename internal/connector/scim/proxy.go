package scim

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// Proxy is the proxy that requests go through. Loopback addresses are never reached through it.
type Proxy struct {
	// URL is http, https or socks5, without credentials.
	URL string
	// NoProxy are the hosts, domains and networks that are reached directly, in the form of the variable NO_PROXY.
	NoProxy  []string
	Username string
	Password secret.Text
}

// route is the choice between a proxy and the direct way.
type route struct {
	choose func(*http.Request) (*url.URL, error)
	// encrypted are the names of the proxies that are reached by TLS, by host and port.
	encrypted map[string]string
}

func routeBy(config *httpproxy.Config) route {
	choose := config.ProxyFunc()
	made := route{choose: func(r *http.Request) (*url.URL, error) { return choose(r.URL) }, encrypted: map[string]string{}}
	for _, text := range []string{config.HTTPProxy, config.HTTPSProxy} {
		if address, err := url.Parse(text); err == nil && address.Scheme == "https" {
			made.encrypted[hostPort(address)] = address.Hostname()
		}
	}
	return made
}

// proxy returns the way to the target.
func (c *client) proxy(settings *Proxy) (route, error) {
	if settings == nil {
		return c.environmentProxy(), nil
	}
	address, err := url.Parse(settings.URL)
	switch {
	case err != nil || address.Host == "":
		// The parser's message repeats the text, which may hold a password.
		return route{}, errors.New("url is not a URL; give for example http://proxy.example.com:3128")
	case address.User != nil:
		return route{}, errors.New("url must not hold a user name or password; use username and password_wo")
	case address.Scheme != "http" && address.Scheme != "https" && address.Scheme != "socks5":
		return route{}, fmt.Errorf("url %q must begin with http://, https:// or socks5://", settings.URL)
	case settings.Username == "" && !settings.Password.IsZero():
		return route{}, errors.New("password_wo needs username")
	}
	if settings.Username != "" {
		password := settings.Password.Reveal()
		c.mask.hide(password)
		if password != "" {
			c.mask.hide(base64.StdEncoding.EncodeToString([]byte(settings.Username + ":" + password)))
		}
		address.User = url.UserPassword(settings.Username, password)
	}
	config := &httpproxy.Config{HTTPProxy: address.String(), HTTPSProxy: address.String(), NoProxy: strings.Join(settings.NoProxy, ",")}
	return routeBy(config), nil
}

// environmentProxy is what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say now. A password in them is a secret like any other.
func (c *client) environmentProxy() route {
	config := httpproxy.FromEnvironment()
	for _, text := range []string{config.HTTPProxy, config.HTTPSProxy} {
		if address, err := url.Parse(text); err == nil && address.User != nil {
			password, _ := address.User.Password()
			c.mask.hide(password)
		}
	}
	return routeBy(config)
}

// proxyError says that a proxy did not let a request through: it never reached the target.
type proxyError struct {
	status int
	proxy  string
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s answered %d", e.proxy, e.status)
}

func (e *proxyError) verdict() (verdict, string) {
	if e.status == http.StatusProxyAuthRequired {
		return verdict{kind: directory.Unauthorised, code: verdicts[http.StatusUnauthorized].code},
			fmt.Sprintf("not sent: %v; check proxy.username and proxy.password_wo, or the credentials in the environment's proxy settings", e)
	}
	return verdict{kind: directory.Transient, code: codeProtocol}, fmt.Sprintf("not sent: %v; check proxy.url, and that the proxy may reach the target", e)
}

// refusedByProxy recognises a proxy's answer to CONNECT that is no way to the target.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{status: answer.StatusCode, proxy: proxy.Host}
}
