package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/signature"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

func TestTextIsMasked(t *testing.T) {
	t.Parallel()
	const value = "s3cret-value"
	text := secret.New(value)
	nested := struct {
		Token secret.Text
		List  []secret.Text
		Map   map[string]secret.Text
		Any   any
		At    *secret.Text
	}{text, []secret.Text{text}, map[string]secret.Text{"k": text}, text, &text}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", text)
		fmt.Fprintf(&out, verb+"\n", nested)
	}
	fmt.Fprintln(&out, text, &text, nested)
	encoded, err := json.Marshal(nested)
	check(t, err)
	out.Write(encoded)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("m", "token", text, "nested", nested, slog.Group("g", "t", &text))
	}
	fmt.Fprintln(&out, fmt.Errorf("use %v: %w", text, fmt.Errorf("%s", text)))
	if printed := out.String(); strings.Contains(printed, value) || strings.Contains(printed, fmt.Sprintf("%x", value)) {
		t.Errorf("the secret was printed:\n%s", printed)
	}
	if text.Reveal() != value || text.IsZero() || !(secret.Text{}).IsZero() {
		t.Error("Reveal or IsZero is wrong")
	}
	for _, verb := range []string{"%v", "%s", "%#v"} {
		if got := fmt.Sprintf(verb, text); got != secret.Mask {
			t.Errorf("%s prints %q, want %q", verb, got, secret.Mask)
		}
	}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	sealer := fileKey(t, filepath.Join(t.TempDir(), "key.json"))
	for _, value := range []string{"token", "", strings.Repeat("ü", 5000)} {
		one, err := sealer.Seal(secret.New(value), "row 1")
		check(t, err)
		two, err := sealer.Seal(secret.New(value), "row 1")
		check(t, err)
		if bytes.Equal(one, two) {
			t.Error("sealing twice gives the same bytes")
		}
		if value != "" && bytes.Contains(one, []byte(value)) {
			t.Error("the sealed bytes show the secret")
		}
		opened, err := sealer.Open(one, "row 1")
		check(t, err)
		if opened.Reveal() != value {
			t.Errorf("opened as %q, want %q", opened.Reveal(), value)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	sealer, other := fileKey(t, filepath.Join(folder, "key.json")), fileKey(t, filepath.Join(folder, "other.json"))
	sealed, err := sealer.Seal(secret.New("token"), "row 1")
	check(t, err)
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	for name, open := range map[string]func() (secret.Text, error){
		"another row":   func() (secret.Text, error) { return sealer.Open(sealed, "row 2") },
		"another key":   func() (secret.Text, error) { return other.Open(sealed, "row 1") },
		"altered bytes": func() (secret.Text, error) { return sealer.Open(altered, "row 1") },
		"no bytes":      func() (secret.Text, error) { return sealer.Open(nil, "row 1") },
	} {
		text, err := open()
		if directory.KindOf(err) != directory.Fatal || !strings.Contains(err.Error(), secret.KeyVariable) || !text.IsZero() {
			t.Errorf("%s: got %v, %v", name, text, err)
		}
	}
}

func TestKeyFromVariable(t *testing.T) {
	t.Parallel()
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	check(t, err)
	var asJSON, asBinary bytes.Buffer
	check(t, insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&asJSON)))
	check(t, insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&asBinary)))
	var sealed [][]byte
	var sealers []secret.Sealer
	for _, data := range [][]byte{asJSON.Bytes(), asBinary.Bytes()} {
		// A file that is named as well is not looked at.
		sealer, err := secret.LoadOrCreateKey(secret.KeyOptions{
			Encoded: base64.StdEncoding.EncodeToString(data) + "\n", File: filepath.Join(t.TempDir(), "missing", "key"),
		})
		check(t, err)
		bytes, err := sealer.Seal(secret.New("token"), "row")
		check(t, err)
		sealed, sealers = append(sealed, bytes), append(sealers, sealer)
	}
	for i := range sealers {
		opened, err := sealers[i].Open(sealed[1-i], "row")
		check(t, err)
		if opened.Reveal() != "token" {
			t.Errorf("opened as %q", opened.Reveal())
		}
	}
}

func TestKeyRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name string, mode os.FileMode, content string) string {
		path := filepath.Join(folder, name)
		check(t, os.WriteFile(path, []byte(content), 0o600))
		check(t, os.Chmod(path, mode))
		return path
	}
	signing, err := keyset.NewHandle(signature.ED25519KeyTemplate())
	check(t, err)
	var signingKey bytes.Buffer
	check(t, insecurecleartextkeyset.Write(signing, keyset.NewJSONWriter(&signingKey)))
	for _, c := range []struct {
		name    string
		options secret.KeyOptions
		kind    directory.ErrorKind
		says    string
	}{
		{"nothing named", secret.KeyOptions{}, directory.Invalid, secret.KeyVariable},
		{"not base64", secret.KeyOptions{Encoded: "key=s3cret!"}, directory.Invalid, "not base64"},
		{"not a keyset", secret.KeyOptions{Encoded: base64.StdEncoding.EncodeToString([]byte("s3cret"))}, directory.Invalid, "does not hold a tink keyset"},
		{"a key for something else", secret.KeyOptions{Encoded: base64.StdEncoding.EncodeToString(signingKey.Bytes())}, directory.Invalid, "not an AEAD keyset"},
		{"missing file", secret.KeyOptions{File: filepath.Join(folder, "missing")}, directory.NotFound, "does not exist"},
		{"missing directory", secret.KeyOptions{File: filepath.Join(folder, "missing", "key"), Create: true}, directory.Fatal, "write key file"},
		{"a directory", secret.KeyOptions{File: write("d", 0o600, "") + "/x", Create: true}, directory.Fatal, "read key file"},
		{"readable by others", secret.KeyOptions{File: write("open", 0o644, "{}")}, directory.Invalid, "chmod 600"},
		{"empty file", secret.KeyOptions{File: write("empty", 0o600, ""), Create: true}, directory.Invalid, "does not hold a tink keyset"},
		{"broken file", secret.KeyOptions{File: write("broken", 0o600, `{"primaryKeyId":1,"key":[{"s3cret`)}, directory.Invalid, "does not hold a tink keyset"},
	} {
		_, err := secret.LoadOrCreateKey(c.options)
		if directory.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v of kind %q, want kind %q and %q", c.name, err, directory.KindOf(err), c.kind, c.says)
		}
	}
}

func TestKeyFileIsCreatedOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "key.json")
	sealers := make([]secret.Sealer, 8)
	var all sync.WaitGroup
	for i := range sealers {
		all.Go(func() {
			var err error
			if sealers[i], err = secret.LoadOrCreateKey(secret.KeyOptions{File: path, Create: true}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	sealed, err := sealers[0].Seal(secret.New("token"), "row")
	check(t, err)
	for _, sealer := range sealers {
		if _, err := sealer.Open(sealed, "row"); err != nil {
			t.Errorf("two calls made two keys: %v", err)
		}
	}
	files, err := os.ReadDir(folder)
	check(t, err)
	info, err := os.Stat(path)
	check(t, err)
	if len(files) != 1 || info.Mode().Perm() != 0o600 {
		t.Errorf("got %d files, the key with mode %o; want one with mode 600", len(files), info.Mode().Perm())
	}
}

func fileKey(t *testing.T, path string) secret.Sealer {
	t.Helper()
	sealer, err := secret.LoadOrCreateKey(secret.KeyOptions{File: path, Create: true})
	check(t, err)
	return sealer
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSecretInAnUnexportedFieldDoesNotPrint(t *testing.T) {
	t.Parallel()
	holder := struct{ token secret.Text }{secret.New("hunter2")}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if printed := fmt.Sprintf(format, holder); strings.Contains(printed, "hunter2") || strings.Contains(printed, "68756e74657232") {
			t.Errorf("%s printed the secret", format)
		}
	}
}
