// Package words holds what people read on maps, fact sheets and in the web app:
// one file a language, and numbers and lengths as that language writes them.
//
// A text is a message with arguments in braces, {name}, and forms by number,
// {n, plural, one {# center} other {# centers}}, where # is the number: the part
// of ICU's message format that the texts need. The categories are those of CLDR.
// The file of another language has the keys of en.json, each with the same
// arguments; nothing else is needed. Notes of studies are said in every language, errors in English.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed *.json
var files embed.FS

// English is the language of whoever asks for none.
const English = "en"

// Language is a table of texts, with the units that its reader wants.
type Language struct {
	Code  string // as of BCP 47
	Miles bool   // lengths in miles, not kilometres
	tag   language.Tag
	texts map[string]text
	raw   []byte
}

// Known lists the languages, English first.
func Known() []string {
	all := slices.Sorted(maps.Keys(tables()))
	at := slices.Index(all, English)
	return append([]string{English}, slices.Delete(all, at, at+1)...)
}

// In is a language by its code; "" is English.
func In(code string) (*Language, error) {
	if code == "" {
		code = English
	}
	if l, ok := tables()[code]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("there is no language %q; accepted: %s", code, strings.Join(Known(), ", "))
}

// Default is English.
func Default() *Language { return tables()[English] }

// InMiles is the language with lengths in miles.
func (l *Language) InMiles() *Language {
	other := *l
	other.Miles = true
	return &other
}

// tables reads the files once. They are ours: one that is wrong is our bug, and a
// test reads them all.
var tables = sync.OnceValue(func() map[string]*Language {
	out := map[string]*Language{}
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		raw, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		l, err := read(strings.TrimSuffix(e.Name(), ".json"), raw)
		if err != nil {
			panic(fmt.Errorf("words: %s: %w", e.Name(), err))
		}
		out[l.Code] = l
	}
	return out
})

func read(code string, raw []byte) (*Language, error) {
	tag, err := language.Parse(code)
	if err != nil {
		return nil, err
	}
	var table map[string]string
	if err := json.Unmarshal(raw, &table); err != nil {
		return nil, err
	}
	l := &Language{Code: code, tag: tag, texts: map[string]text{}, raw: raw}
	for key, s := range table {
		t, rest, err := parse(s, false)
		if err == nil && rest != "" {
			err = fmt.Errorf("a brace closes that none opened")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		l.texts[key] = t
	}
	return l, nil
}

// JSON is the table as it stands in its file.
func (l *Language) JSON() []byte { return l.raw }

// Name is what its speakers call the language.
func (l *Language) Name() string { return l.Say("language") }

// Called is what a word of the data is called: the text whose key begins with of and
// ends with the word in small letters and digits, else the word itself.
func (l *Language) Called(of, word string) string {
	slug := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(word, "+", " plus")), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	if key := of + strings.Join(slug, "-"); l.Has(key) {
		return l.Say(key)
	}
	return word
}

// Whose is the text key.of of figures of patients with indications, given by their
// keys, or key.own where their number is the study's own.
func (l *Language) Whose(key string, indications []string, arguments ...any) string {
	if len(indications) == 0 {
		return l.Say(key+".own", arguments...)
	}
	return l.Say(key+".of", append(arguments, "patients", l.Patients(indications))...)
}

// Patients are whose disease the figures of patients are of.
func (l *Language) Patients(indications []string) string {
	if len(indications) == 0 {
		return l.Say("indication.own")
	}
	var out []string
	for _, k := range indications {
		out = append(out, l.Called("indication.", k))
	}
	return strings.Join(out, "; ")
}

// Has reports whether there is a text of a key.
func (l *Language) Has(key string) bool { _, ok := l.texts[key]; return ok }

// Say is the text of a key with its arguments, given as name and value in turn:
// texts stand as they are, numbers as the language writes them. A key or argument
// that is not there is our own bug.
func (l *Language) Say(key string, arguments ...any) string {
	given := make(map[string]any, len(arguments)/2)
	for i := 0; i+1 < len(arguments); i += 2 {
		given[arguments[i].(string)] = arguments[i+1]
	}
	return l.Fill(key, given)
}

// Fill is the text of a key with its arguments by name, see [Language.Say]; a
// list of texts is written with commas.
func (l *Language) Fill(key string, given map[string]any) string {
	t, ok := l.texts[key]
	if !ok {
		panic(fmt.Sprintf("words: no text %q in %s", key, l.Code))
	}
	var b strings.Builder
	t.write(&b, l, given, "")
	return b.String()
}

// Decimal writes a number with so many decimals.
func (l *Language) Decimal(v float64, decimals int) string {
	return message.NewPrinter(l.tag).Sprint(number.Decimal(v, number.Scale(decimals)))
}

// Number writes a number with up to three significant digits after which zeros
// are left out; from 100 on it is whole.
func (l *Language) Number(v float64) string {
	a := math.Abs(v)
	decimals := 0
	if a < 100 && a > 0 {
		decimals = min(6, max(0, 2-int(math.Floor(math.Log10(a)))))
	}
	rounded := strconv.FormatFloat(v, 'f', decimals, 64)
	if at := strings.IndexByte(rounded, '.'); at >= 0 {
		decimals = len(strings.TrimRight(rounded, "0")) - at - 1
	}
	return l.Decimal(v, decimals)
}

// About writes a number of people, or of patients, as a sentence has it: in millions from
// one million on, whole with two digits that count below, the first alone below one, and
// less than half a thousandth as 0.
func (l *Language) About(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case a >= 995_000:
		return strings.ReplaceAll(l.Say("unit.million", "n", l.Decimal(v/1e6, 1)), " ", "\u00a0")
	case a >= 100:
		unit := math.Pow(10, math.Floor(math.Log10(a))-1)
		return l.Decimal(math.Round(v/unit)*unit, 0)
	case a >= 0.95:
		return l.Decimal(math.Round(v), 0)
	case a >= 0.0005:
		first, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 1, 64), 64)
		return l.Decimal(first, int(math.Round(0.4999-math.Log10(math.Abs(first)))))
	}
	return l.Decimal(0, 0)
}

// KmPerMile is the international mile.
const KmPerMile = 1.609344

// Length writes a length in the unit of the reader.
func (l *Language) Length(km float64) string {
	if l.Miles {
		return l.Say("unit.miles", "n", l.whole(km/KmPerMile))
	}
	return l.Say("unit.km", "n", l.whole(km))
}

// whole writes a length to the unit, or to a tenth below ten.
func (l *Language) whole(v float64) string {
	if v < 9.95 {
		return l.Decimal(v, 1)
	}
	return l.Decimal(v, 0)
}

// text is a message: pieces one after the other.
type text []piece

type piece struct {
	plain string          // as it stands
	name  string          // of an argument
	forms map[string]text // by category, or "=N"
	count bool            // the number that the forms are chosen by
}

func (t text) write(b *strings.Builder, l *Language, given map[string]any, counted string) {
	for _, p := range t {
		switch {
		case p.count:
			b.WriteString(counted)
		case p.name == "":
			b.WriteString(p.plain)
		default:
			v, ok := given[p.name]
			if !ok {
				panic(fmt.Sprintf("words: no argument %q", p.name))
			}
			if p.forms == nil {
				b.WriteString(l.value(v))
				continue
			}
			form, ok := p.forms[fmt.Sprint("=", v)]
			if !ok {
				form, ok = p.forms[l.category(v)]
			}
			if !ok { // a form may be empty
				form = p.forms["other"]
			}
			form.write(b, l, given, l.value(v))
		}
	}
}

// value writes an argument.
func (l *Language) value(v any) string {
	switch v := v.(type) {
	case int:
		return l.Decimal(float64(v), 0)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "–"
		}
		return l.Number(v)
	case []string:
		return strings.Join(v, ", ")
	}
	return fmt.Sprint(v)
}

var categories = map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// category is the plural category of a whole number; of any other it is other.
func (l *Language) category(v any) string {
	n, ok := v.(int)
	if x, is := v.(float64); is && x == math.Trunc(x) && math.Abs(x) < 1<<31 {
		n, ok = int(x), true
	}
	if !ok {
		return "other"
	}
	n = max(n, -n)
	return categories[plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0)]
}

// parse reads a message up to its end or, within a form, to the brace that ends
// it.
func parse(s string, within bool) (t text, rest string, err error) {
	special := "{}"
	if within {
		special = "{}#"
	}
	for s != "" {
		at := strings.IndexAny(s, special)
		if at < 0 {
			return append(t, piece{plain: s}), "", nil
		}
		if at > 0 {
			t, s = append(t, piece{plain: s[:at]}), s[at:]
			continue
		}
		switch s[0] {
		case '}':
			return t, s, nil
		case '#':
			t, s = append(t, piece{count: true}), s[1:]
		case '{':
			var p piece
			if p, s, err = argument(s[1:]); err != nil {
				return nil, "", err
			}
			t = append(t, p)
		}
	}
	return t, "", nil
}

// argument reads what follows an opening brace.
func argument(s string) (p piece, rest string, err error) {
	end := strings.IndexAny(s, ",}")
	if end < 0 {
		return p, "", fmt.Errorf("a brace is not closed")
	}
	if p.name = strings.TrimSpace(s[:end]); p.name == "" {
		return p, "", fmt.Errorf("an argument has no name")
	}
	if s[end] == '}' {
		return p, s[end+1:], nil
	}
	s, ok := strings.CutPrefix(strings.TrimSpace(s[end+1:]), "plural,")
	if !ok {
		return p, "", fmt.Errorf("%s: only plural has forms", p.name)
	}
	p.forms = map[string]text{}
	for {
		s = strings.TrimSpace(s)
		if rest, ok := strings.CutPrefix(s, "}"); ok {
			if p.forms["other"] == nil {
				return p, "", fmt.Errorf("%s: there is no form for other", p.name)
			}
			return p, rest, nil
		}
		category, form, ok := strings.Cut(s, "{")
		if !ok {
			return p, "", fmt.Errorf("%s: a form has no text", p.name)
		}
		t, after, err := parse(form, true)
		if err != nil {
			return p, "", err
		}
		if s, ok = strings.CutPrefix(after, "}"); !ok {
			return p, "", fmt.Errorf("%s: a form is not closed", p.name)
		}
		p.forms[strings.TrimSpace(category)] = t
	}
}

// Arguments are the names that the text of a key asks for, sorted.
func (l *Language) Arguments(key string) []string {
	of := map[string]bool{}
	l.texts[key].arguments(of)
	return slices.Sorted(maps.Keys(of))
}

// arguments are the names that a message asks for.
func (t text) arguments(of map[string]bool) {
	for _, p := range t {
		if p.name != "" {
			of[p.name] = true
		}
		for _, f := range p.forms {
			f.arguments(of)
		}
	}
}
