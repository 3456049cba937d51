package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// tlsConfig has the keys of an output that begin with tls.
type tlsConfig struct {
	on, verify, verifyName bool
	name, authority        string
	least                  string
}

func (t *tlsConfig) settings() settings {
	return settings{
		"tls":                 toggle(&t.on),
		"tls.verify":          toggle(&t.verify),
		"tls.verify_hostname": toggle(&t.verifyName),
		"tls.vhost":           text(&t.name),
		"tls.ca_file":         text(&t.authority),
		"tls.min_version":     oneOf(&t.least, "tlsv1.2", "tlsv1.3"),
	}
}

// client returns the TLS settings of a connection. As in Fluent Bit, without verify_hostname any certificate of the
// authority is accepted.
func (t *tlsConfig) client(host string) (*tls.Config, error) {
	config := &tls.Config{ServerName: cmp.Or(t.name, host), MinVersion: tls.VersionTLS12}
	if t.least == "tlsv1.3" {
		config.MinVersion = tls.VersionTLS13
	}
	if t.authority != "" {
		data, err := os.ReadFile(t.authority)
		if err != nil {
			return nil, fmt.Errorf("tls.ca_file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("tls.ca_file: %s has no certificate in it", t.authority)
		}
	}
	if t.verify && t.verifyName {
		return config, nil
	}
	config.InsecureSkipVerify = true // VerifyConnection below does the check
	if t.verify {
		config.VerifyConnection = func(state tls.ConnectionState) error { return verifyChain(state, config.RootCAs) }
	}
	return config, nil
}

func verifyChain(state tls.ConnectionState, roots *x509.CertPool) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server has no certificate")
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, one := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(one)
	}
	_, err := state.PeerCertificates[0].Verify(options)
	return err
}
