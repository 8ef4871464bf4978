package words

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country is what the language calls the country of a code, "" for a code that is
// of none.
func (l *Language) Country(code string) string {
	r, err := language.ParseRegion(code)
	if err != nil || !r.IsCountry() {
		return ""
	}
	return display.Regions(l.tag).Name(r)
}

// CountryCode is the two letters of a country that is given by two or three letters, by
// its name in English, in its own language or in one that the texts are in; and the text
// itself where it is none.
func CountryCode(text string) string {
	text = strings.TrimSpace(text)
	if r, err := language.ParseRegion(text); err == nil && r.IsCountry() {
		return r.Canonicalize().String()
	}
	if code, ok := codes()[strings.ToLower(text)]; ok {
		return code
	}
	return text
}

// codes are the countries by their names, in small letters; a name that is of two is that
// of the English one.
var codes = sync.OnceValue(func() map[string]string {
	out := map[string]string{"united states of america": "US", "great britain": "GB", "czech republic": "CZ", "the netherlands": "NL"}
	each := func(do func(r language.Region, own language.Tag)) {
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				r, err := language.ParseRegion(string([]rune{a, b}))
				if err != nil || !r.IsCountry() || r.Canonicalize().String() != string([]rune{a, b}) {
					continue // UK stands for GB, and FX for a part of France: both have the name of the whole
				}
				base, _ := language.Make("und-" + r.String()).Base()
				do(r, language.Make(base.String()))
			}
		}
	}
	name := func(r language.Region, in language.Tag) {
		names := display.Regions(in)
		if names == nil {
			return // a language whose names of countries are not known
		}
		if n := strings.ToLower(names.Name(r)); n != "" && out[n] == "" {
			out[n] = r.String()
		}
	}
	for _, l := range Known() { // English first
		each(func(r language.Region, _ language.Tag) { name(r, tables()[l].tag) })
	}
	each(name)
	return out
})
