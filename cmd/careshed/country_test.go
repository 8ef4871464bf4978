package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A word names a file that is there, else a country by code or by name in any language,
// a region by id or by a name of it, else a file that is not there.
func TestWhatAWordNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"study", "study.yaml", "Poland"} {
		if err := os.WriteFile(name, []byte("version: 1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("Italy", 0o755); err != nil {
		t.Fatal(err)
	}
	e := &env{}
	for of, want := range map[string]string{
		"study.yaml": "study.yaml", "study": "study", "Poland": "Poland", "missing.yaml": "missing.yaml", filepath.Join("no", "such"): filepath.Join("no", "such"),
		"Italy": "IT", "italy": "IT", "it": "IT", "ITA": "IT", "Italia": "IT", "Italien": "IT", "Deutschland": "DE", "United Kingdom": "GB", "uk": "GB", "USA": "US",
		"Bayern": "DE-DE2", "de-de2": "DE-DE2", "Südtirol": "IT-04", "Trentino-Alto Adige/Südtirol": "IT-04",
	} {
		s, err := e.subject(t.Context(), of)
		got := s.path
		if s.country != nil {
			got = s.country.Code
		}
		if s.region != "" {
			got = s.region
		}
		if err != nil || got != want {
			t.Errorf("%q names %q (%v), expected %q", of, got, err, want)
		}
	}
	for of, want := range map[string]string{"Germny": "did you mean Germany?", "Limburg": "BE-BE22, NL-NL42", "Atlantis": "accepted: "} {
		if _, err := e.subject(t.Context(), of); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; expected %s", of, err, want)
		}
	}
}
