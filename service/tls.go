package service

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
)

// tls is how the connection to Temporal is secured; nil: not at all. Its error
// names every mistake.
func (t Temporal) tls() (*tls.Config, error) {
	var asked error
	wanted := t.APIKey != "" || t.TLSCA != "" || t.TLSServerName != "" || t.TLSCert != "" || t.TLSKey != ""
	switch {
	case t.TLS != "" && t.TLS != "true" && t.TLS != "false":
		asked = fmt.Errorf("TEMPORAL_TLS is %q: use true or false", t.TLS)
	case t.TLS == "false" && t.APIKey != "":
		asked = errors.New("TEMPORAL_TLS is false, and TEMPORAL_API_KEY is set: the key would travel in clear; leave TEMPORAL_TLS empty")
	case t.TLS == "false" && wanted:
		asked = errors.New("TEMPORAL_TLS is false, and TEMPORAL_TLS_CA, _SERVER_NAME, _CERT or _KEY is set: leave TEMPORAL_TLS empty, or them")
	case t.TLS != "true" && !wanted:
		return nil, nil
	}
	roots, rootsErr := certificates(t.TLSCA)
	ownErr := t.checkOwnCertificate()
	if err := errors.Join(asked, rootsErr, ownErr); err != nil {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: t.TLSServerName}
	if t.TLSCert != "" {
		// Read at every connection: a renewed certificate needs no restart.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return t.ownCertificate() }
	}
	return c, nil
}

// certificates reads the roots; nil are the system's.
func certificates(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading TEMPORAL_TLS_CA: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("TEMPORAL_TLS_CA: %s holds no certificate in PEM", path)
	}
	return roots, nil
}

func (t Temporal) checkOwnCertificate() error {
	switch {
	case t.TLSCert == "" && t.TLSKey == "":
		return nil
	case t.TLSKey == "":
		return errors.New("TEMPORAL_TLS_CERT is set without TEMPORAL_TLS_KEY: mTLS needs both files")
	case t.TLSCert == "":
		return errors.New("TEMPORAL_TLS_KEY is set without TEMPORAL_TLS_CERT: mTLS needs both files")
	}
	_, err := t.ownCertificate()
	return err
}

func (t Temporal) ownCertificate() (*tls.Certificate, error) {
	certificate, err := tls.LoadX509KeyPair(t.TLSCert, t.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("reading TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY: %w", err)
	}
	return &certificate, nil
}

// remedies say what to do about a handshake that fails. gRPC hands on no more
// of it than its words.
var remedies = []struct{ words, remedy string }{
	{"signed by unknown authority", "TEMPORAL_TLS_CA must name the root certificates of that server"},
	{"doesn't contain any IP SANs", "TEMPORAL_TLS_SERVER_NAME must be the name on the server's certificate"},
	{"certificate is valid for", "TEMPORAL_TLS_SERVER_NAME must be the name on the server's certificate"},
	{"certificate required", "the server wants a client certificate: set TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY"},
	{"remote error: tls: unknown certificate authority", "the server does not trust the client certificate in TEMPORAL_TLS_CERT"},
	{"does not look like a TLS handshake", "the server speaks no TLS: leave TEMPORAL_TLS and TEMPORAL_API_KEY empty, or ask for its TLS port"},
	{"error reading server preface", "the server may want TLS: set TEMPORAL_TLS=true"},
}

func withRemedy(err error) error {
	for _, r := range remedies {
		if strings.Contains(err.Error(), r.words) {
			return fmt.Errorf("%w: %s", err, r.remedy)
		}
	}
	return err
}
