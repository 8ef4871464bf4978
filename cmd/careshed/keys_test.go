package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"careshed/api"
	"careshed/api/keys"
)

// A key is told once, opens until it is revoked, and stands nowhere.
func TestKeysCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	code, secret, log := call(t, "keys", "create", "ministry", "--role", "write", "--keys", path)
	if secret = strings.TrimSpace(secret); code != 0 || !strings.HasPrefix(secret, "careshed_") {
		t.Fatalf("%d %q %s", code, secret, log)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if text, _ := os.ReadFile(path); bytes.Contains(text, []byte(secret)) {
		t.Error("the file holds the key")
	}
	file, err := openKeys(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if name, role := file.find(secret); name != "ministry" || role != keys.Write {
		t.Errorf("%q %v", name, role)
	}
	for _, wrong := range [][]string{{"create", "ministry"}, {"create", "x", "--role", "root"}, {"create", "a b"}, {"revoke", "nobody"}, {"list", "--keys", path + "2"}} {
		if code, _, log := call(t, append(append([]string{"keys"}, wrong...), map[bool][]string{true: nil, false: {"--keys", path}}[len(wrong) == 3 && wrong[1] == "--keys"]...)...); code == 0 || log == "" {
			t.Errorf("%v: %d %s", wrong, code, log)
		}
	}
	if code, _, log := call(t, "keys", "revoke", "ministry", "--keys", path); code != 0 {
		t.Fatal(log)
	}
	if code, out, _ := call(t, "keys", "list", "--keys", path); code != 0 || !strings.HasPrefix(out, "ministry\twrite\t") || !strings.Contains(out, "revoked 2") {
		t.Errorf("%d %s", code, out)
	}
	file.looked = time.Time{} // as after a second
	if name, role := file.find(secret); name != "" || role != keys.None {
		t.Errorf("revoked, and %q may %v", name, role)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(path, nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

// A server does not start with half of what it needs.
func TestServeRefusesHalfAGuard(t *testing.T) {
	t.Setenv(keyVariable, "")
	dir := t.TempDir()
	for want, args := range map[string][]string{
		"nobody could ask": {"--closed"},
		"only one of":      {"--tls-cert", "a.pem"},
		"a.pem":            {"--tls-cert", filepath.Join(dir, "a.pem"), "--tls-key", filepath.Join(dir, "b.pem")},
		"k.json":           {"--keys", filepath.Join(dir, "k.json")},
		"--audit":          {"--audit", filepath.Join(dir, "nowhere", "audit.log")},
	} {
		code, _, log := call(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
		if code == 0 || !strings.Contains(log, want) {
			t.Errorf("%v: %d %s", args, code, log)
		}
	}
}

// The audit log goes on where it was, and is parted without the loss of a line.
func TestAuditLogIsRotated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	const lines = 40
	for range 2 {
		a, err := openAudit(path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		a.most, a.keep = 1500, 30
		for range lines / 2 {
			a.write(api.Audited{Key: "k", Method: "PUT", Path: "/collections/x", Status: 201})
		}
		a.file.Close()
	}
	files, _ := filepath.Glob(path + "*")
	n := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil || len(text) > 1500 {
			t.Errorf("%s: %d bytes, %v", f, len(text), err)
		}
		for line := range bytes.Lines(text) {
			var a api.Audited
			if json.Unmarshal(line, &a) != nil || a.Status != 201 {
				t.Errorf("%s: %s", f, line)
			}
			n++
		}
	}
	if n != lines || len(files) < 4 {
		t.Errorf("%d lines in %d files", n, len(files))
	}
	small, err := openAudit(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer small.file.Close()
	small.most, small.keep = 1, 3
	before := len(files)
	for range 10 {
		small.write(api.Audited{})
	}
	if files, _ = filepath.Glob(path + "*"); len(files) > before {
		t.Errorf("%d files", len(files))
	}
}

// certificate writes a certificate of its own for a name, and its key.
func certificate(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// A server with a certificate answers over TLS, to its own check too, and to nobody
// without.
func TestServeOverTLS(t *testing.T) {
	cert, key := certificate(t, t.TempDir(), "one.example")
	url, kill := started(t, built(t), "--tls-cert", cert, "--tls-key", key)
	defer kill()
	at, secured := strings.CutPrefix(url, "https://")
	if !secured {
		t.Fatal(url)
	}
	if code, out, log := call(t, "health", "--addr", at, "--tls"); code != 0 || !strings.Contains(out, "lives") {
		t.Errorf("%d %s%s", code, out, log)
	}
	if code, out, _ := call(t, "health", "--addr", at); code == 0 {
		t.Errorf("answers without TLS: %s", out)
	}
}

// A certificate that is renewed is used without a new start; one that is no certificate
// leaves that of before.
func TestTLSCertificateIsRenewed(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir, "one.example")
	p := &pair{cert: cert, key: key, log: slog.New(slog.DiscardHandler)}
	if err := p.read(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secured := tls.NewListener(l, &tls.Config{GetCertificate: p.get})
	defer secured.Close()
	go func() {
		for {
			c, err := secured.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	name := func() string {
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].DNSNames[0]
	}
	if got := name(); got != "one.example" {
		t.Error(got)
	}
	later := func() { p.mu.Lock(); p.looked = time.Time{}; p.of = time.Time{}; p.mu.Unlock() }
	certificate(t, dir, "two.example")
	later()
	if got := name(); got != "two.example" {
		t.Error(got)
	}
	if err := os.WriteFile(cert, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	later()
	if got := name(); got != "two.example" {
		t.Error(got)
	}
}
