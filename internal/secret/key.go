package secret

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// KeyVariable is the environment variable that holds the store's key: base64 of a tink keyset in clear text, as
// JSON or binary.
const KeyVariable = "PROVISIONING_STORE_KEY"

// KeyOptions say where the key for sealing comes from.
type KeyOptions struct {
	// Encoded is the value of KeyVariable. When it is set, File is not looked at.
	Encoded string
	// File holds a tink keyset as JSON, readable by its owner only.
	File string
	// Create makes a new key when File does not exist.
	Create bool
}

// LoadOrCreateKey returns a sealer for the key that the options name. Several processes may create the same file
// at once: all of them get the same key.
//
// Errors: Invalid when the key cannot be used, NotFound when there is none and none may be created, Fatal when the
// file cannot be read or written.
func LoadOrCreateKey(options KeyOptions) (Sealer, error) {
	if options.Encoded != "" {
		return decodeKey(options.Encoded)
	}
	if options.File == "" {
		return nil, directory.Errorf(directory.Invalid, "there is no key to seal secrets with; set %s or name a key file", KeyVariable)
	}
	sealer, err := readKeyFile(options.File)
	if !errors.Is(err, fs.ErrNotExist) {
		return sealer, err
	}
	if !options.Create {
		return nil, directory.Errorf(directory.NotFound, "key file %s does not exist; restore it or set %s", options.File, KeyVariable)
	}
	if err := createKeyFile(options.File); err != nil {
		return nil, err
	}
	return readKeyFile(options.File)
}

func decodeKey(encoded string) (Sealer, error) {
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		// The error of the decoder is left out: it quotes a part of the key's encoding.
		return nil, directory.Errorf(directory.Invalid, "%s is not base64; it must be the base64 of a tink keyset", KeyVariable)
	}
	return parseKey(data, KeyVariable)
}

func readKeyFile(path string) (Sealer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, keyFileError("read", path, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, directory.Errorf(directory.Invalid, "key file %s can be read by others (mode %04o); run chmod 600 %s",
			path, info.Mode().Perm(), path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, keyFileError("read", path, err)
	}
	return parseKey(data, path)
}

// parseKey reads a keyset in either of tink's forms. JSON starts with a brace, which the binary form (a protobuf
// whose first field is a number) never does.
func parseKey(data []byte, origin string) (Sealer, error) {
	var reader keyset.Reader = keyset.NewBinaryReader(bytes.NewReader(data))
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		reader = keyset.NewJSONReader(bytes.NewReader(data))
	}
	handle, err := insecurecleartextkeyset.Read(reader)
	if err != nil {
		// Not wrapped: a parser's error may quote key material.
		return nil, directory.Errorf(directory.Invalid, "%s does not hold a tink keyset; restore it", origin)
	}
	return newSealer(handle, origin)
}

// createKeyFile writes a complete file under another name and links it into place. Linking fails when the file is
// there by now, so that of several processes one wins and no reader ever sees half a key.
func createKeyFile(path string) (err error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return directory.Errorf(directory.Fatal, "make a key: %w", err)
	}
	var data bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&data)); err != nil {
		return directory.Errorf(directory.Fatal, "encode a new key: %w", err)
	}
	suffix := make([]byte, 8)
	if _, err := rand.Read(suffix); err != nil {
		return directory.Errorf(directory.Fatal, "name a new key file: %w", err)
	}
	draft := path + "." + hex.EncodeToString(suffix)
	if err := writeNew(draft, data.Bytes()); err != nil {
		return keyFileError("write", path, err)
	}
	defer func() {
		if removeErr := os.Remove(draft); removeErr != nil && err == nil {
			err = keyFileError("tidy up after", path, removeErr)
		}
	}()
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return keyFileError("write", path, err)
	}
	return nil
}

// writeNew creates a file that only its owner can read, and makes sure its content is on the disk.
func writeNew(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

func keyFileError(doing, path string, err error) error {
	return directory.Errorf(directory.Fatal, "%s key file %s: %w", doing, path, fmt.Errorf("%w; check the file's owner and mode, or set %s", err, KeyVariable))
}
