package service_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/cart21/cart21/service"
)

// frontend is as much of a Temporal server as a client's first call needs.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	authorization string // of the last call
	client        string // name on the certificate of the last caller
	started       *workflowservice.StartWorkflowExecutionRequest
}

func (f *frontend) GetSystemInfo(ctx context.Context, _ *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	if caller, ok := peer.FromContext(ctx); ok {
		if secured, ok := caller.AuthInfo.(credentials.TLSInfo); ok && len(secured.State.PeerCertificates) > 0 {
			f.client = secured.State.PeerCertificates[0].Subject.CommonName
		}
	}
	if values := metadata.ValueFromIncomingContext(ctx, "authorization"); len(values) > 0 {
		f.authorization = values[0]
	}
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (f *frontend) StartWorkflowExecution(_ context.Context, r *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	f.started = r
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "run"}, nil
}

// serve answers until the test ends; without a TLS configuration in clear.
func serve(t *testing.T, secured *tls.Config) (*frontend, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var options []grpc.ServerOption
	if secured != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(secured)))
	}
	f, server := &frontend{}, grpc.NewServer(options...)
	workflowservice.RegisterWorkflowServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return f, listener.Addr().String()
}

// authority signs certificates, and keeps them as files.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a CA"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate, key, write(t, "CERTIFICATE", der)}
}

// issue makes a certificate and returns the files of it and of its key.
func (a authority) issue(t *testing.T, name string, hosts []string, addresses ...net.IP) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		DNSNames: hosts, IPAddresses: addresses, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "CERTIFICATE", der), write(t, "PRIVATE KEY", pkcs8)
}

func (a authority) server(t *testing.T, hosts []string, addresses ...net.IP) *tls.Config {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(a.issue(t, "the server", hosts, addresses...))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func write(t *testing.T, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func dial(t *testing.T, s service.Temporal) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	c, err := s.Dial(ctx, slog.New(slog.DiscardHandler), nil)
	if err == nil {
		c.Close()
	}
	return err
}

var loopback = net.IPv4(127, 0, 0, 1)

func TestWhoIsLetIn(t *testing.T) {
	ours, foreign := newAuthority(t), newAuthority(t)
	plain := ours.server(t, nil, loopback)
	named := ours.server(t, []string{"temporal.internal"})
	mutual := ours.server(t, nil, loopback)
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, ours.pool()
	cert, key := ours.issue(t, "cart21", nil)
	foreignCert, foreignKey := foreign.issue(t, "a stranger", nil)

	for _, c := range []struct {
		name     string
		server   *tls.Config
		settings service.Temporal
		refused  bool
		remedy   string // what the error says to do; empty where a broken connection may be all that the client sees
		client   string // the name that the server is shown
	}{
		{"no TLS on either side", nil, service.Temporal{}, false, "", ""},
		{"no TLS to a server with it", plain, service.Temporal{}, true, "", ""},
		{"TLS to a server without", nil, service.Temporal{TLS: "true"}, true, "speaks no TLS", ""},
		{"a CA that the system does not know", plain, service.Temporal{TLS: "true"}, true, "TEMPORAL_TLS_CA", ""},
		{"the right CA", plain, service.Temporal{TLSCA: ours.file}, false, "", ""},
		{"a wrong CA", plain, service.Temporal{TLSCA: foreign.file}, true, "TEMPORAL_TLS_CA", ""},
		{"another name on the certificate", named, service.Temporal{TLSCA: ours.file}, true, "TEMPORAL_TLS_SERVER_NAME", ""},
		{"another name is said", named, service.Temporal{TLSCA: ours.file, TLSServerName: "other.internal"}, true, "TEMPORAL_TLS_SERVER_NAME", ""},
		{"that name is said", named, service.Temporal{TLSCA: ours.file, TLSServerName: "temporal.internal"}, false, "", ""},
		{"mTLS without a client certificate", mutual, service.Temporal{TLSCA: ours.file}, true, "", ""},
		{"mTLS with a stranger's", mutual, service.Temporal{TLSCA: ours.file, TLSCert: foreignCert, TLSKey: foreignKey}, true, "", ""},
		{"mTLS with ours", mutual, service.Temporal{TLSCA: ours.file, TLSCert: cert, TLSKey: key}, false, "", "cart21"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, address := serve(t, c.server)
			c.settings.Address, c.settings.Namespace = address, "default"
			err := dial(t, c.settings)
			if (err != nil) != c.refused {
				t.Fatalf("got %v", err)
			}
			if err == nil && server.client != c.client {
				t.Errorf("the server saw %q, not %q", server.client, c.client)
			}
			if err != nil && !strings.Contains(err.Error(), c.remedy) {
				t.Errorf("%q does not say %q", err, c.remedy)
			}
		})
	}
}

func TestTheAPIKeyIsSentOverTLS(t *testing.T) {
	ours := newAuthority(t)
	server, address := serve(t, ours.server(t, nil, loopback))
	if err := dial(t, service.Temporal{Address: address, Namespace: "default", TLSCA: ours.file, APIKey: "a-key"}); err != nil {
		t.Fatal(err)
	}
	if server.authorization != "Bearer a-key" {
		t.Errorf("the server got %q", server.authorization)
	}

	server, address = serve(t, nil)
	if err := dial(t, service.Temporal{Address: address, Namespace: "default", APIKey: "a-key"}); err == nil || server.authorization != "" {
		t.Errorf("the key went over the wire in clear: %v, %q", err, server.authorization)
	}
}

func TestARenewedClientCertificateNeedsNoRestart(t *testing.T) {
	ours := newAuthority(t)
	mutual := ours.server(t, nil, loopback)
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, ours.pool()
	server, address := serve(t, mutual)
	cert, key := ours.issue(t, "before", nil)
	settings := service.Temporal{Address: address, Namespace: "default", TLSCA: ours.file, TLSCert: cert, TLSKey: key}
	for _, name := range []string{"before", "after"} {
		newCert, newKey := ours.issue(t, name, nil)
		if err := os.Rename(newCert, cert); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(newKey, key); err != nil {
			t.Fatal(err)
		}
		if err := dial(t, settings); err != nil || server.client != name {
			t.Errorf("the server saw %q, not %q: %v", server.client, name, err)
		}
	}
}

func TestMistakesOfTLSAreTold(t *testing.T) {
	ours := newAuthority(t)
	cert, key := ours.issue(t, "cart21", nil)
	_, otherKey := ours.issue(t, "another", nil)
	for _, c := range []struct {
		name     string
		settings service.Temporal
		says     []string
	}{
		{"nothing", service.Temporal{}, nil},
		{"false alone", service.Temporal{TLS: "false"}, nil},
		{"all", service.Temporal{TLS: "true", TLSCA: ours.file, TLSCert: cert, TLSKey: key, APIKey: "k"}, nil},
		{"neither true nor false", service.Temporal{TLS: "yes"}, []string{`TEMPORAL_TLS is "yes"`}},
		{"API key without TLS", service.Temporal{TLS: "false", APIKey: "a-key"}, []string{"in clear"}},
		{"a CA without TLS", service.Temporal{TLS: "false", TLSCA: ours.file}, []string{"TEMPORAL_TLS is false"}},
		{"certificate without key", service.Temporal{TLSCert: cert}, []string{"without TEMPORAL_TLS_KEY"}},
		{"key without certificate", service.Temporal{TLSKey: key}, []string{"without TEMPORAL_TLS_CERT"}},
		{"a key of another certificate", service.Temporal{TLSCert: cert, TLSKey: otherKey}, []string{"TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY", "match"}},
		{"files that are not there", service.Temporal{TLSCA: "/nowhere/ca.pem", TLSCert: "/nowhere/cert.pem", TLSKey: key}, []string{"TEMPORAL_TLS_CA", "/nowhere/ca.pem", "/nowhere/cert.pem"}},
		{"a CA file without certificates", service.Temporal{TLSCA: key}, []string{"holds no certificate"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.settings.Validate()
			if (err == nil) != (c.says == nil) {
				t.Fatalf("got %v", err)
			}
			for _, words := range c.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q does not say %q", err, words)
				}
			}
			if err != nil && strings.Contains(err.Error(), "a-key") {
				t.Errorf("quotes the key: %v", err)
			}
		})
	}
}

func TestAStartedProcessShowsItsSearchAttributesAlone(t *testing.T) {
	server, address := serve(t, nil)
	c, err := service.Temporal{Address: address, Namespace: "default", PayloadKeys: key("a")}.Dial(t.Context(), slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "order/main/1", TaskQueue: "q", Memo: map[string]any{"who": "Rosa Fuentes"}, StaticSummary: "Rosa Fuentes",
		TypedSearchAttributes: temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword("WebOrder").ValueSet("4711")),
	}, "P", "Rosa Fuentes")
	if err != nil {
		t.Fatal(err)
	}
	if sent := server.started.String(); strings.Contains(sent, "Fuentes") {
		t.Errorf("sent in clear: %s", sent)
	}
	if web := string(server.started.SearchAttributes.GetIndexedFields()["WebOrder"].GetData()); web != `"4711"` {
		t.Errorf("the search attribute is %s: nothing would be found", web)
	}
	decrypted, err := codec(t, key("a")).Decode(server.started.Input.Payloads)
	if err != nil || string(decrypted[0].Data) != `"Rosa Fuentes"` {
		t.Errorf("the input is %v, %v", decrypted, err)
	}
}
