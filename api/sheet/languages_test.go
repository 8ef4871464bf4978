package sheet_test

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"

	"careshed/access"
	"careshed/api/draw"
	"careshed/api/sheet"
	"careshed/api/words"
)

// english are the stretches of the English texts that no other language has:
// three words or more between arguments, by the key they stand under.
func english(t *testing.T, other *words.Language) map[string]string {
	t.Helper()
	var en, theirs map[string]string
	if err := json.Unmarshal(words.Default().JSON(), &en); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(other.JSON(), &theirs); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(values(theirs), "\n")
	out := map[string]string{}
	for key, text := range en {
		for _, part := range regexp.MustCompile(`[{}#]`).Split(text, -1) {
			part = strings.TrimSpace(part)
			if len(strings.Fields(part)) >= 3 && len(part) >= 15 && !strings.Contains(part, "plural,") && !strings.Contains(all, part) {
				out[part] = key
			}
		}
	}
	return out
}

func values(of map[string]string) (out []string) {
	for _, v := range of {
		out = append(out, v)
	}
	return out
}

var tag = regexp.MustCompile(`<[^>]*>`)

// A map or a sheet in another language says nothing in English that has a text there.
func TestNoEnglishInOtherLanguages(t *testing.T) {
	for _, code := range words.Known()[1:] {
		l, err := words.In(code)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(code, func(t *testing.T) { noEnglish(t, l) })
	}
}

func noEnglish(t *testing.T, l *words.Language) {
	said := english(t, l)
	for _, e := range access.Register { // what a source is of is told in the words of the register
		for part := range said {
			if strings.Contains(e.Population, part) {
				delete(said, part)
			}
		}
	}
	if len(said) < 300 {
		t.Fatalf("only %d stretches of English", len(said))
	}
	found := func(page []byte) (in []string) {
		text := html.UnescapeString(tag.ReplaceAllString(string(page), "\n"))
		text = strings.Join(strings.Fields(text), " ")
		for part, key := range said {
			if strings.Contains(text, part) {
				in = append(in, part+" ("+key+")")
			}
		}
		return in
	}
	var b bytes.Buffer
	if err := sheet.HTML(&b, sheetOf(t, of(t, codes[0]), ""), words.Default()); err != nil || len(found(b.Bytes())) < 20 {
		t.Fatalf("%v; an English sheet has %d of them", err, len(found(b.Bytes())))
	}
	look := func(what string, page []byte) {
		t.Helper()
		for _, part := range found(page) {
			t.Errorf("%s says %s", what, part)
		}
	}
	for _, code := range codes {
		r := of(t, code)
		for _, column := range []string{"", "mean_time_min", "foregone_hold", "share_beyond"} {
			var b bytes.Buffer
			if err := draw.Map(&b, r, draw.Options{Column: column, Words: l}); err != nil {
				t.Fatalf("%s %s: %v", code, column, err)
			}
			look("the map of "+code+" by "+column, b.Bytes())
		}
		for _, region := range []string{"", r.Layer("regions").ID(0), r.Layer("regions").ID(1)} {
			var b bytes.Buffer
			if err := sheet.HTML(&b, sheetOf(t, r, region), l); err != nil {
				t.Fatal(err)
			}
			look("the sheet of "+code+" "+region, b.Bytes())
		}
	}
}
