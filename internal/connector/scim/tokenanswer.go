package scim

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// tokenTransport sends one attempt of a token request. Token endpoints have limits of their own, so it is not paced.
type tokenTransport struct{ *tokenSource }

// RoundTrip sends one attempt, with an assertion of its own: a token endpoint may refuse one that it has seen (RFC 7523 3).
func (t tokenTransport) RoundTrip(sent *http.Request) (*http.Response, error) {
	sent = sent.Clone(sent.Context())
	sent.Header.Set("Accept", "application/json")
	sent.Header.Set("User-Agent", t.client.userAgent)
	if t.signer != nil {
		if err := t.assert(sent); err != nil {
			return nil, err
		}
	}
	response, err := t.client.attempt(t.client.tokenTransport, sent, maxTokenBody, "token request")
	if err != nil {
		return nil, err
	}
	// The body is read already (attempt), so that this cannot fail.
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(tokenAnswer(response.Header, body)))
	return response, err
}

// assert adds a new assertion to a request.
func (t tokenTransport) assert(sent *http.Request) error {
	assertion, err := t.signer.sign()
	if err != nil {
		return t.refuse("was not asked: the assertion cannot be signed (" + err.Error() + "); check oauth2.private_key_wo")
	}
	t.client.mask.hidePassing(assertion)
	body, err := io.ReadAll(sent.Body)
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return err
	}
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	encoded := form.Encode()
	sent.Body, sent.ContentLength = io.NopCloser(strings.NewReader(encoded)), int64(len(encoded))
	return nil
}

// tokenAnswer makes of an answer what the library reads, which goes by the label and takes whole numbers only (RFC 6749 5.1): JSON is
// JSON whatever it is called, and a life may have a fraction or be left empty.
func tokenAnswer(header http.Header, body []byte) []byte {
	body = bytes.TrimSpace(withoutBOM(body))
	if !bytes.HasPrefix(body, []byte("{")) {
		return body
	}
	header.Set("Content-Type", "application/json")
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return body
	}
	life := strings.TrimSpace(strings.Trim(string(members["expires_in"]), `"`))
	seconds, err := strconv.ParseFloat(life, 64)
	switch _, whole := strconv.ParseInt(life, 10, 64); {
	case whole == nil:
		return body
	case life == "":
		delete(members, "expires_in")
	case err == nil && math.Abs(seconds) < math.MaxInt32:
		members["expires_in"] = json.RawMessage(strconv.FormatInt(int64(seconds), 10))
	}
	// What was read from JSON can be written as JSON.
	made, _ := json.Marshal(members)
	return made
}
