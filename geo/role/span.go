package role

import (
	"fmt"
	"slices"
	"strings"
)

// span is the time that a number of patients or treatments is of.
type span string

const (
	anyTime    span = ""
	daily      span = "a day"
	weekly     span = "a week"
	monthly    span = "a month"
	quarterly  span = "a quarter"
	yearly     span = "a year"
	severalYrs span = "several years together"
)

// spansCalled are words that say by themselves, or begin a word that says, of what time numbers
// are, and words that say so behind one for per (spansPer).
var (
	spansCalled = map[span][]string{
		daily:     {"daily", "täglich", "taeglich", "quotidien", "giornalier", "diario", "diaria"},
		weekly:    {"weekly", "wöchentlich", "woechentlich", "hebdomadaire", "settimanal", "semanal", "wekelijks"},
		monthly:   {"monthly", "monatlich", "mensuel", "mensil", "mensual", "maandelijks", "mensal"},
		quarterly: {"quarterly", "vierteljährlich", "vierteljahr", "trimestr"},
		yearly:    {"yearly", "annual", "jährlich", "jaehrlich", "jahres", "annuel", "annuo", "annua", "anual", "jaarlijks"},
	}
	spansPer = map[span][]string{
		daily:     {"day", "tag", "jour", "giorno", "día", "dia", "dag"},
		weekly:    {"week", "weeks", "wk", "woche", "semaine", "settimana", "semana"},
		monthly:   {"month", "months", "mo", "mth", "monat", "monate", "mois", "mese", "mesi", "mes", "meses", "mês", "maand"},
		quarterly: {"quarter", "quartal", "trimestre", "kwartaal"},
		yearly:    {"year", "yr", "annum", "jahr", "an", "année", "annee", "anno", "año", "ano", "jaar", "y", "a"},
	}
	spanOrder = []span{daily, weekly, monthly, quarterly, yearly}
	years     = []string{"year", "years", "yr", "yrs", "y", "jahr", "jahre", "jahren", "ans", "années", "annees", "anni", "años", "anos", "jaar"}
	ofAges    = []string{"age", "aged", "ages", "old", "olds", "under", "over", "plus", "alter", "unter", "über", "moins", "âge", "edad", "età", "anys"}
)

// calledTime reports whether a word is one for a time behind a number of them: patients per 10
// years are a number, and no rate. A letter alone is none: so many per 100,000 a year.
func calledTime(word string) bool {
	return len(word) > 1 && (slices.Contains(years, word) || slices.ContainsFunc(spanOrder, func(s span) bool { return slices.Contains(spansPer[s], word) }))
}

// spanNamed is of what time the numbers of a column are by its name: cases_2015_2019, patients_5y,
// slots per year, Fälle pro Monat. [anyTime] if it does not say.
func spanNamed(name string) span {
	words := wordsOf(name)
	if severalYears(words) {
		return severalYrs
	}
	lower := strings.ToLower(name)
	for i, w := range words {
		per := i > 0 && slices.Contains(append([]string{"a", "al"}, perWords...), words[i-1]) || strings.Contains(lower, "/"+w) || strings.Contains(lower, "/ "+w) ||
			i > 1 && words[i-1] == "1" && slices.Contains(perWords, words[i-2])
		for _, s := range spanOrder {
			if per && slices.Contains(spansPer[s], w) || slices.ContainsFunc(spansCalled[s], func(begin string) bool { return strings.HasPrefix(w, begin) }) {
				return s
			}
		}
		if i > 0 && len(w) == 2 && w[0] == 'q' && w[1] >= '1' && w[1] <= '4' {
			return quarterly
		}
	}
	return anyTime
}

// severalYears reports whether words name a first and a last year, or a number of years from
// two to twenty that is no age. A year and the next alone may be one that begins in April.
func severalYears(words []string) bool {
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(ofAges, w) }) {
		return false
	}
	for i, w := range words {
		if isYear(w) && i+1 < len(words) {
			if next := words[i+1]; isYear(next) && yearOf(next)-yearOf(w) >= 2 || endsLater(w, next) {
				return true
			}
		}
		digits := strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyz")
		if n := small(digits); n >= 2 && n <= 20 {
			if rest := w[len(digits):]; rest != "" && slices.Contains(years, rest) || rest == "" && i+1 < len(words) && slices.Contains(years, words[i+1]) {
				return true
			}
		}
	}
	return false
}

// endsLater reports whether two digits behind a year are a later year, and no month or the next
// year alone: 2019-20 is a season, and 2015-19 are five years.
func endsLater(year, next string) bool {
	return len(next) == 2 && small(next)-small(year[2:]) >= 2 && small(next) > 12
}

func isYear(w string) bool {
	return len(w) == 4 && strings.Trim(w, "0123456789") == "" && w >= "1900" && w <= "2100"
}

func yearOf(w string) int { return 100*small(w[:2]) + small(w[2:]) }

// small is a whole number of one or two digits, -1 for other texts.
func small(w string) int {
	if len(w) == 0 || len(w) > 2 || strings.Trim(w, "0123456789") != "" {
		return -1
	}
	n := 0
	for _, r := range w {
		n = 10*n + int(r-'0')
	}
	return n
}

var (
	cumulated = []string{"cumul", "kumul", "cumsum", "acumul", "accumul"}
	prevailed = []string{"preval", "präval", "praeval", "préval"}
	// homes are words, or ends of them, for households and what they live in; folk are those that
	// say that people are counted all the same.
	homes = []string{
		"household", "households", "hh", "hhs", "families", "dwelling", "dwellings", "haushalt", "haushalte", "wohnungen", "ménages", "menages", "logements",
		"hogares", "viviendas", "famiglie", "abitazioni", "alloggi", "huishoudens", "hushåll", "husstande", "domicílios", "domicilios",
	}
	folk = []string{
		"population", "pop", "bevölkerung", "bevoelkerung", "popolazione", "población", "poblacion", "persone", "members", "individuals", "size",
	}
	thereAndBack = []string{
		"round trip", "roundtrip", "return trip", "both ways",
		"hin und zurück", "hin und rück", "aller retour", "ida y vuelta", "andata e ritorno", "andata ritorno",
	}
)

// misnamed says what a column by its name holds in place of what is asked for, "" if nothing: a
// running total, those ever ill, another time, households, the way there and back.
func (r Role) misnamed(name string) string {
	words := wordsOf(name)
	begins := func(of []string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return slices.ContainsFunc(of, func(b string) bool { return strings.HasPrefix(w, b) })
		})
	}
	one := func(of []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(of, w) })
	}
	joined := strings.Join(words, " ")
	switch {
	case r.unit == time && slices.ContainsFunc(thereAndBack, func(t string) bool { return strings.Contains(joined, t) }):
		return "the way there and back, and the way to the center alone is asked for"
	case r.unit == time && len(words) > 1 && (words[0] == "log" || words[0] == "ln"):
		return "a logarithm, and is read as minutes"
	case r.unit != people:
		return ""
	case begins(cumulated) || len(words) > 1 && one([]string{"cum", "kum"}):
		return "a running total, in which each row or year holds those before it, and is read as the " + r.of + " of each row"
	case (r.whose == everybody || r.whose == some) && !one(folk) && !one(heads) &&
		(one(homes) || slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(w, "haushalte") })):
		return "a number of households, and is read as one of people"
	case r.per == anyTime:
		return ""
	case begins(prevailed):
		return "a count of all who live with the disease, and is read as new patients " + string(r.per)
	}
	if s := spanNamed(name); s != anyTime && s != r.per {
		return fmt.Sprintf("a number of %s, and is read as one of %s", s, r.per)
	}
	return ""
}
