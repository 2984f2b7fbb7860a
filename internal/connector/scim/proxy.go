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

type proxyFunction = func(*http.Request) (*url.URL, error)

// proxy returns the choice between a proxy and the direct way.
func (c *client) proxy(settings *Proxy) (proxyFunction, error) {
	if settings == nil {
		return c.environmentProxy(), nil
	}
	address, err := url.Parse(settings.URL)
	switch {
	case err != nil || address.Host == "":
		// The parser's message repeats the text, which may hold a password.
		return nil, errors.New("url is not a URL; give for example http://proxy.example.com:3128")
	case address.User != nil:
		return nil, errors.New("url must not hold a user name or password; use username and password_wo")
	case address.Scheme != "http" && address.Scheme != "https" && address.Scheme != "socks5":
		return nil, fmt.Errorf("url %q must begin with http://, https:// or socks5://", settings.URL)
	case settings.Username == "" && !settings.Password.IsZero():
		return nil, errors.New("password_wo needs username")
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
	return chosenBy(config), nil
}

// environmentProxy is what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say now. A password in them is a secret like any other.
func (c *client) environmentProxy() proxyFunction {
	config := httpproxy.FromEnvironment()
	for _, text := range []string{config.HTTPProxy, config.HTTPSProxy} {
		if address, err := url.Parse(text); err == nil && address.User != nil {
			password, _ := address.User.Password()
			c.mask.hide(password)
		}
	}
	return chosenBy(config)
}

func chosenBy(config *httpproxy.Config) proxyFunction {
	choose := config.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
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
