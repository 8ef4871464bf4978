package keys

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// A key opens what its role does until it is revoked; the ring holds nothing that opens.
func TestRing(t *testing.T) {
	var r Ring
	secrets := map[string]string{}
	for _, role := range []Role{Read, Run, Write, Admin} {
		secret, err := r.Create(role.String()+"er", role, noon)
		if err != nil || len(secret) < 30 || secrets[secret] != "" {
			t.Fatalf("%q %v", secret, err)
		}
		secrets[secret] = role.String()
	}
	text, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for secret, role := range secrets {
		if strings.Contains(string(text), secret) || strings.Contains(string(text), strings.TrimPrefix(secret, mark)) {
			t.Error("the ring holds a secret")
		}
		if name, got := again.Find(secret); name != role+"er" || got.String() != role {
			t.Errorf("%s is %q, %v", role, name, got)
		}
		for _, wrong := range []string{"", secret[1:], secret + " ", strings.ToLower(secret)} {
			if name, got := again.Find(wrong); name != "" || got != None {
				t.Errorf("%q is %q, %v", wrong, name, got)
			}
		}
	}
	if err := again.Revoke("writer", noon); err == nil {
		t.Error("a key that there is not was revoked")
	}
	if err := again.Revoke("writeer", noon); err != nil {
		t.Fatal(err)
	}
	if err := again.Revoke("writeer", noon); err == nil {
		t.Error("revoked twice")
	}
	for secret, role := range secrets {
		if _, got := again.Find(secret); (got == None) != (role == "write") {
			t.Errorf("%s after writeer is revoked: %v", role, got)
		}
	}
}

func TestRingRefuses(t *testing.T) {
	var r Ring
	if _, err := r.Create("gdal", Read, noon); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "a b", "a\nb", strings.Repeat("x", 65), "gdal", "ü"} {
		if _, err := r.Create(name, Run, noon); err == nil {
			t.Errorf("%q is a name", name)
		}
	}
	if _, err := r.Create("x", None, noon); err == nil {
		t.Error("a key for nothing")
	}
	sum := strings.Repeat("a", 64)
	for _, text := range []string{"", "[]", "{", `{"keys":[{"name":"a","role":"none","sha256":"` + sum + `"}]}`, `{"keys":[{"name":"a","role":"root","sha256":"` + sum + `"}]}`,
		`{"keys":[{"name":"a","role":"read","sha256":"aa"}]}`, `{"keys":[{"name":"a","role":"read","sha256":"` + sum + `"},{"name":"a","role":"read","sha256":"` + sum + `"}]}`} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s is a ring", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"keys":[{"name":"a","role":"read","sha256":"aa"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		if name, role := r.Find("x"); name != "" && role == None {
			t.Errorf("%q has no role", name)
		}
	})
}
