package validators

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Certificates accepts one or more X.509 certificates in PEM and nothing else.
func Certificates() validator.String {
	return text{description: "one or more certificates in PEM", check: func(value string) mistake {
		if problem := certificatesProblem([]byte(value)); problem != "" {
			return mistake{"Invalid certificates", "the certificates cannot be used: " + problem + "."}
		}
		return mistake{}
	}}
}

func certificatesProblem(rest []byte) string {
	for count := 1; ; count++ {
		block, after := pem.Decode(rest)
		switch {
		case block == nil && count == 1:
			return "no PEM block found; expected -----BEGIN CERTIFICATE-----" + fromFile(string(rest))
		case block == nil && strings.TrimSpace(string(after)) != "":
			return fmt.Sprintf("what follows block %d is not PEM", count-1)
		case block == nil:
			return ""
		case block.Type != "CERTIFICATE":
			return fmt.Sprintf("block %d is a %s, expected a CERTIFICATE", count, block.Type)
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Sprintf("block %d is not a certificate: %v", count, err)
		}
		rest = after
	}
}

// fromFile is advice when a text looks like the path of what is expected. It does not repeat the text.
func fromFile(text string) string {
	if text != "" && len(text) <= 255 && !strings.ContainsAny(text, "\r\n") {
		return `; to use the contents of a file, write file("path")`
	}
	return ""
}
