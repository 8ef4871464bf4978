package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// fenced is the block of docs/operations.md in a language.
func fenced(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(text)
	if found == nil {
		t.Fatalf("no block of %s", language)
	}
	return string(found[1])
}

// free is an address on which nothing listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// replaced is a text in which each of pairs stands once and is replaced.
func replaced(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			t.Fatalf("%q stands %d times in %s", pairs[i], strings.Count(text, pairs[i]), text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// The configurations of proxies that the documentation has work as they stand: links lead
// back through the proxy, a layer passes, progress comes as it is made, a client is
// counted by its own address, and the metrics stay inside.
func TestBehindProxies(t *testing.T) {
	for name, c := range map[string]struct {
		program string
		start   func(t *testing.T, dir, at, to string) []string
	}{
		"nginx": {"nginx", func(t *testing.T, dir, at, to string) []string {
			block := replaced(t, fenced(t, "nginx"), "listen 443 ssl;", "listen "+at+";", "\tssl_certificate /etc/ssl/maps.pem;\n", "", "\tssl_certificate_key /etc/ssl/maps.key;\n", "", "127.0.0.1:8080", to)
			conf := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/log;\nevents {}\nhttp { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n%[2]s}\n", dir, block)
			if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o600); err != nil {
				t.Fatal(err)
			}
			return []string{"-p", dir, "-e", dir + "/log", "-c", filepath.Join(dir, "nginx.conf")}
		}},
		"caddy": {"caddy", func(t *testing.T, dir, at, to string) []string {
			block := replaced(t, fenced(t, "caddyfile"), "maps.example.org {", "http://"+at+" {", "127.0.0.1:8080", to)
			if err := os.WriteFile(filepath.Join(dir, "Caddyfile"), []byte("{\n\tadmin off\n\tauto_https off\n}\n"+block), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("HOME", dir)
			return []string{"run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			program, err := exec.LookPath(c.program)
			if err != nil {
				t.Skipf("SKIPPED: no %s", c.program)
			}
			t.Setenv(keyVariable, "0123456789abcdef")
			at, dir := free(t), t.TempDir()
			own, kill := started(t, built(t), "--url", "http://"+at+"/careshed", "--trust-proxy", "127.0.0.1")
			defer kill()
			proxy := exec.Command(program, c.start(t, dir, at, strings.TrimPrefix(own, "http://"))...)
			var said bytes.Buffer
			proxy.Stdout, proxy.Stderr = &said, &said
			if err := proxy.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = proxy.Process.Kill(); _ = proxy.Wait() }()
			through(t, "http://"+at+"/careshed", &said)
		})
	}
}

// through asks a server behind a proxy.
func through(t *testing.T, url string, said fmt.Stringer) {
	ask := func(method, path string, body io.Reader) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, url+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer 0123456789abcdef")
		req.Header.Set("Content-Type", "text/csv")
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err.Error()
		}
		defer r.Body.Close()
		text, _ := io.ReadAll(r.Body)
		return r.StatusCode, string(text)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		code, text := ask("GET", "/healthz", nil)
		if code == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d %s\n%s", code, text, said)
		}
	}
	if code, text := ask("GET", "/collections?f=json", nil); code != 200 || !strings.Contains(text, `"`+url+`/collections/settlements`) {
		t.Errorf("%d %.300s", code, text)
	}
	if code, _ := ask("GET", "/metrics", nil); code != http.StatusNotFound {
		t.Errorf("the metrics: %d", code)
	}
	var rows strings.Builder
	rows.WriteString("id,lon,lat,n\n")
	for i := range 150_000 {
		fmt.Fprintf(&rows, "p%d,7.5,47.5,2\n", i)
	}
	if code, text := ask("PUT", "/collections/mine", strings.NewReader(rows.String())); code != http.StatusCreated {
		t.Errorf("a layer of %d bytes: %d %.300s", rows.Len(), code, text)
	}
	job := sendJob(t, url, strings.Replace(italianStudy, "NAME", "long", 1)+"uncertainty: {draws: 10000, seed: 1}\n")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", url+"/jobs/"+job.ID+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	first := make([]byte, 5) // while it runs: an answer that is held back comes at its end
	if _, err := io.ReadFull(r.Body, first); err != nil || r.Header.Get("Content-Type") == "" {
		t.Errorf("%q %v", first, err)
	}
	if j := waitFor(t, url, job.ID, func(j jobState) bool { return j.Status != "" }); j.Status == "successful" {
		t.Errorf("the first event came when the job was done")
	}
}
