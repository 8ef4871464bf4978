package words

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// longest is how many words a sentence has at most; an argument counts as one.
const longest = 28

// avoided are words of our own that a newcomer does not understand, or takes for something
// else, with what to say in their place.
var avoided = map[string]string{
	`bears? out`:       "we are (not) sure",
	`draws?|drawn`:     "test runs; shown",
	`circuity`:         "detours",
	`likelihood`:       "chance",
	`density`:          "centers per 10 million people",
	`infuses?`:         "gives CAR-T",
	`campus(es)?`:      "hospital",
	`regret`:           "a safer choice",
	`baseline`:         "today",
	`regime`:           "rules",
	`credit`:           "what is assumed to count",
	`implied risk`:     "how much less likely",
	`set aside`:        "left out",
	`counted apart`:    "left out; not in these numbers",
	`rests? on`:        "comes from",
	`bear in mind`:     "limits",
	`chance rules`:     "a rough guide only",
	`distance's`:       "we do not know",
	`absence`:          "we found none",
	`sure gap`:         "no center known",
	`candidates?`:      "places, towns, sites",
	`the whole`:        "the national total; the whole country",
	`by their lists?`:  "by our list",
	`sourced`:          "each with a source",
	`straight lines`:   "straight-line distance",
	`(mean|median) of`: "average; half of the people",
	`unreached`:        "out of reach; no road route",
	`centres?`:         "center",
	`definitions`:      "what others count",
	`assumptions lead`: "we use the first",
}

// allowed are the texts that need such a word, with the reason.
var allowed = map[string]string{
	"app.no_webgl":           "a browser does draw",
	"app.more.site":          "of a whole country",
	"note.supply.rows":       "tells what to write into the study: count: campus",
	"note.pitfall.incidence": "of a disease the literature has several definitions",
}

// read aloud, a text has its longest form, and a word for each argument.
func (t text) aloud() string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.count || p.name != "" && p.forms == nil:
			b.WriteString("N")
		case p.name == "":
			b.WriteString(p.plain)
		default:
			most := ""
			for _, f := range p.forms {
				if s := f.aloud(); len(strings.Fields(s)) >= len(strings.Fields(most)) {
					most = s
				}
			}
			b.WriteString(most)
		}
	}
	return b.String()
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?]\s+`)
	isWord      = regexp.MustCompile(`[\pL\pN]`)
)

// tooLong are the sentences of a text that are longer than a reader follows.
func tooLong(aloud string) (out []string) {
	for _, sentence := range sentenceEnd.Split(aloud, -1) {
		words := slices.DeleteFunc(strings.Fields(sentence), func(w string) bool { return !isWord.MatchString(w) })
		if len(words) > longest {
			out = append(out, sentence)
		}
	}
	return out
}

// A sentence of ours is understood by somebody who reads it alone.
func TestTextsArePlain(t *testing.T) {
	var texts map[string]string
	if err := json.Unmarshal(Default().JSON(), &texts); err != nil {
		t.Fatal(err)
	}
	private := map[string]*regexp.Regexp{}
	for word := range avoided {
		private[word] = regexp.MustCompile(`(?i)\b(` + word + `)\b`)
	}
	needed := map[string]bool{}
	for key := range texts {
		aloud := Default().texts[key].aloud()
		if strings.HasPrefix(key, "count.") { // words of the data
			continue
		}
		for _, sentence := range tooLong(aloud) {
			t.Errorf("%s: more than %d words: %s", key, longest, sentence)
		}
		for word, say := range avoided {
			switch found := private[word].FindString(aloud); {
			case found == "":
			case allowed[key] == "":
				t.Errorf("%s says %q (say: %s): %s", key, found, say, aloud)
			default:
				needed[key] = true
			}
		}
	}
	for key, why := range allowed {
		if !needed[key] {
			t.Errorf("%s needs no exception (%s)", key, why)
		}
	}
}

func TestTooLong(t *testing.T) {
	nine := strings.Repeat("word ", 9)
	for text, want := range map[string]int{nine + nine + nine + "N.": 0, nine + nine + nine + "N – N.": 1, nine + nine + ". " + nine + nine + ". N": 0, nine + nine + "(3.5 " + nine + ")": 0} {
		if got := tooLong(text); len(got) != want {
			t.Errorf("%q: %d of %v", text, want, got)
		}
	}
}

// A number in a sentence has two digits that count, in the reader's language.
func TestAbout(t *testing.T) {
	for _, c := range []struct {
		v      float64
		en, de string
	}{
		{788, "790", "790"}, {3944, "3,900", "3.900"}, {572_342, "570,000", "570.000"}, {994_999, "990,000", "990.000"}, {1_903_172, "1.9\u00a0million", "1,9\u00a0Mio."},
		{995_000, "1.0\u00a0million", "1,0\u00a0Mio."}, {99.6, "100", "100"}, {42.4, "42", "42"}, {6.7, "7", "7"}, {0.96, "1", "1"}, {0.36, "0.4", "0,4"}, {-0.044, "-0.04", "-0,04"}, {0.096, "0.1", "0,1"}, {0.1, "0.1", "0,1"}, {0.01, "0.01", "0,01"}, {0.001, "0.001", "0,001"}, {0.2, "0.2", "0,2"}, {0.9, "0.9", "0,9"}, {0.02, "0.02", "0,02"}, {0.0052, "0.005", "0,005"}, {0.00049, "0", "0"}, {1e-12, "0", "0"},
		{-788, "-790", "-790"}, {0, "0", "0"},
	} {
		if en, de := Default().About(c.v), must(In("de")).About(c.v); en != c.en || de != c.de {
			t.Errorf("%v is %q and %q, want %q and %q", c.v, en, de, c.en, c.de)
		}
	}
}
