package words

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

func TestSay(t *testing.T) {
	l, err := read("en", []byte(`{"a": "{n, plural, =0 {no center} one {# center} other {# centers}} for {who}", "c": "few{n, plural, =0 {} one { and # more} other { and # more}}", "b": "# {x}"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		n    int
		want string
	}{{0, "no center for Rome"}, {1, "1 center for Rome"}, {1200, "1,200 centers for Rome"}} {
		if got := l.Say("a", "n", c.n, "who", "Rome"); got != c.want {
			t.Errorf("%d: %q, want %q", c.n, got, c.want)
		}
	}
	for n, want := range []string{"few", "few and 1 more", "few and 2 more"} { // a form may be empty
		if got := l.Say("c", "n", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := l.Say("b", "x", 0.25); got != "# 0.25" {
		t.Errorf("%q", got)
	}
}

func TestNumbers(t *testing.T) {
	en, de := must(In("")), must(In("de"))
	for _, c := range []struct {
		v        float64
		en, de   string
		decimals int
	}{{1234.6, "1,235", "1.235", -1}, {0.3, "0.3", "0,3", -1}, {11.449, "11.4", "11,4", -1}, {0, "0", "0", -1}, {2, "2", "2", -1}, {0.0125, "0.0125", "0,0125", -1}, {1234567.26, "1,234,567.3", "1.234.567,3", 1}} {
		e, d := en.Number(c.v), de.Number(c.v)
		if c.decimals >= 0 {
			e, d = en.Decimal(c.v, c.decimals), de.Decimal(c.v, c.decimals)
		}
		if e != c.en || d != c.de {
			t.Errorf("%v: %q and %q, want %q and %q", c.v, e, d, c.en, c.de)
		}
	}
	if got := en.InMiles().Length(160.9344); got != "100 mi" {
		t.Error(got)
	}
	if got := de.Length(4.25); got != "4,2 km" && got != "4,3 km" {
		t.Error(got)
	}
}

// Every language says all that English says, with the same arguments.
func TestLanguagesAreWhole(t *testing.T) {
	en := must(In(English))
	for _, code := range Known() {
		l := must(In(code))
		for key, want := range en.texts {
			got, ok := l.texts[key]
			if !ok {
				t.Errorf("%s.json lacks %s", code, key)
				continue
			}
			a, b := map[string]bool{}, map[string]bool{}
			want.arguments(a)
			got.arguments(b)
			if !maps.Equal(a, b) {
				t.Errorf("%s.json: %s asks for %v, English for %v", code, key, slices.Sorted(maps.Keys(b)), slices.Sorted(maps.Keys(a)))
			}
		}
		for key := range l.texts {
			if !en.Has(key) {
				t.Errorf("%s.json has %s, which en.json has not", code, key)
			}
		}
	}
}

func TestCountries(t *testing.T) {
	for code, want := range map[string][2]string{"FR": {"France", "Frankreich"}, "de": {"Germany", "Deutschland"}, "BRA": {"Brazil", "Brasilien"}, "XX": {}, "ZZ": {}, "419": {}, "": {}, "toy": {}} {
		if got := [2]string{must(In("en")).Country(code), must(In("de")).Country(code)}; got != want {
			t.Errorf("%q is %q, want %q", code, got, want)
		}
	}
}

func TestWrongMessages(t *testing.T) {
	for _, m := range []string{"{", "{}", "{n, select, a {b}}", "{n, plural, one {x}}", "{n, plural, other {x}", "}", "{n, plural, other}"} {
		if _, err := read("en", []byte(`{"a": "`+m+`"}`)); err == nil {
			t.Errorf("%q is taken", m)
		}
	}
	if _, err := In("xx"); err == nil {
		t.Error("there is a language xx")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A key that stands twice would silently lose one of its texts.
func TestNoKeyStandsTwice(t *testing.T) {
	names, err := filepath.Glob("*.json")
	if err != nil || len(names) < 2 {
		t.Fatalf("%v: %v", names, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^  "([^"]+)":`).FindAllStringSubmatch(string(b), -1) {
			if seen[m[1]] {
				t.Errorf("%s has %s twice", name, m[1])
			}
			seen[m[1]] = true
		}
	}
}

// A country is known by its letters and by its names; letters that stand for another
// country's, and for a part of one, do not take its name.
func TestCountryCode(t *testing.T) {
	for _, of := range Known() {
		l, err := In(of)
		if err != nil {
			t.Fatal(err)
		}
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := CountryCode(string([]rune{a, b}))
				if name := l.Country(code); name != "" && CountryCode(name) != code {
					t.Errorf("%s is called %s, which is taken for %s", code, name, CountryCode(name))
				}
			}
		}
	}
	for name, want := range map[string]string{"France": "FR", "United Kingdom": "GB", "uk": "GB", "GBR": "GB", "Germany": "DE", "Deutschland": "DE", " italia ": "IT",
		"España": "ES", "Czech Republic": "CZ", "USA": "US", "the Netherlands": "NL", "Georgia": "GE", "Atlantis": "Atlantis", "": ""} {
		if got := CountryCode(name); got != want {
			t.Errorf("%q is taken for %q, expected %q", name, got, want)
		}
	}
}
