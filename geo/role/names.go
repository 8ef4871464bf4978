package role

import (
	"slices"
	"strings"
	"unicode"
)

// spelt are words for units in names of columns, as other languages and offices write
// them, each with the word that a layer's entry takes.
var spelt = map[string]string{
	"sek": "seconds", "sekunde": "seconds", "sekunden": "seconds", "secondes": "seconds", "seconde": "seconds", "secondi": "seconds", "segundos": "seconds",
	"std": "hours", "stunde": "hours", "stunden": "hours", "heure": "hours", "heures": "hours", "ore": "hours", "hora": "hours", "horas": "hours", "uren": "hours",
	"minuten": "minutes", "minuti": "minutes", "minuto": "minutes", "minutos": "minutes", "minuter": "minutes", "minuut": "minutes",
	"mètres": "metres", "metri": "metres", "metros": "metres",
	"kilometern": "kilometres", "kms": "kilometres", "kilomètres": "kilometres", "chilometri": "kilometres",
	"kilómetros": "kilometres", "kilometros": "kilometres",
	"tsd": "thousands", "tausend": "thousands", "milliers": "thousands", "migliaia": "thousands", "millares": "thousands", "milhares": "thousands",
	"tys": "thousands", "tysięcy": "thousands", "тыс": "thousands", "тысяч": "thousands", "тис": "thousands", "tis": "thousands", "tisíc": "thousands",
	"ezer": "thousands", "tusen": "thousands", "tusental": "thousands", "tusind": "thousands", "tuhatta": "thousands", "χιλ": "thousands",
	"ths": "thousands", "thous": "thousands", "千人": "thousands", "千": "thousands", "mln": "millions", "млн": "millions",
	"duizend": "thousands", "000": "thousands", "000s": "thousands",
	"mio": "millions", "millionen": "millions", "milioni": "millions", "millones": "millions", "milhões": "millions",
}

// ordinals are words for units that say in a name which of several is meant.
var ordinals = []string{"second", "seconde", "segundo", "secondo"}

// unitNamed is what a word in a name says as a unit of a dimension, "" if nothing.
func unitNamed(word string, of dimension) string {
	if s := spelt[word]; s != "" {
		word = s
	}
	if units[word].of != of {
		return ""
	}
	return word
}

// unitInName is the unit of a dimension that a name says, "" if it says none: as its
// last word, as duration_s and distance_m do, in brackets, or as a word of some length.
func unitInName(name string, of dimension) string {
	words := wordsOf(name)
	if of == people {
		joined := " " + strings.Join(words, " ") + " "
		if strings.Contains(name, "(miles)") || strings.Contains(joined, " miles de ") || strings.Contains(joined, " en miles ") {
			return "thousands"
		}
	}
	for i := len(words) - 1; i >= 0; i-- {
		w := words[i]
		if of == people && ofThousand(name, words, i) {
			return "thousands"
		}
		u := unitNamed(w, of)
		by := len(w) > 4 && !slices.Contains(ordinals, w) || w[0] == '0'
		last := i == len(words)-1 && (len(words) > 1 || len(w) > 3 || w == "km")
		if u != "" && (last || by || inBrackets(name, w)) && !(of == people && afterPer(words[:i])) {
			return u
		}
	}
	return ""
}

// ofThousand reports whether word i of a name says that its numbers are thousands: "in 1000",
// "(x1000)", "1000s", "(1000)", "1000 Personen", "(k)". "per 1000" does not.
func ofThousand(name string, words []string, i int) bool {
	before := ""
	if i > 0 {
		before = words[i-1]
	}
	switch w := words[i]; {
	case afterPer(words[:i]):
		return false
	case w == "k":
		return inBrackets(name, w) || before == "in"
	case w == "1000":
		after := i+1 < len(words) && slices.Contains(heads, words[i+1])
		return after || before == "in" || before == "x" || before == "en" || inBrackets(name, w) || strings.Contains(name, "×") || strings.Contains(name, "*")
	default:
		return w == "1000s" || w == "x1000"
	}
}

// heads are words for people behind a number of them.
var heads = []string{
	"people", "persons", "inhabitants", "residents", "personen", "einwohner", "personnes", "habitants", "personas", "habitantes", "persone", "abitanti",
	"inwoners", "pers", "ew", "hab", "tal", "invånare", "osób", "obyvatel",
}

// inBrackets reports whether a word of a name stands alone in brackets.
func inBrackets(name, word string) bool {
	name = strings.ToLower(name)
	for _, b := range []string{"(" + word + ")", "(" + word + ".)", "[" + word + "]", "[" + word + ".]"} {
		if strings.Contains(name, b) {
			return true
		}
	}
	return false
}

// wordsOf are the words of a name in small letters; durationSeconds has two.
func wordsOf(name string) []string {
	return strings.FieldsFunc(strings.ToLower(split(name)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// split parts the words of a name such as durationSeconds.
func split(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

// Words in the names of columns that hold no numbers of people, but so many for each
// something, parts of all, or the size of an area.
var (
	densities = []string{"anteil", "anteile", "quote", "prozent", "inzidenzrate", "sandel", "procent", "percentage", // ends of words too: Autolosenquote
		"density", "densities", "dichte", "densité", "densite", "densità", "densita", "densidad", "densidade", "dichtheid", "tæthed", "täthet"}
	ratios = []string{
		"dens", "popdens", "pct", "perc", "percent", "pourcentage", "porcentaje", "percentuale",
		"share", "shares", "quota", "aandeel", "andel", "odsetek", "podíl", "podil", "arány", "osuus", "доля", "pourcent", "rate", "rates", "taux", "tasa", "tasas", "tasso", "tassi",
		"ratio", "fraction", "fractions", "prop", "proportion", "proportions", "proporción", "proporzione", "proporção", "pmp", "asr", "percapita", "promille", "permille",
		"km2", "kmq", "qkm", "sqkm", "sqmi", "mi2", "hectares", "hektar",
	}
	perWords = []string{"per", "je", "pro", "par", "por", "pour", "ogni"}
	perWhat  = []string{"km", "sq", "square", "mille", "thousand", "million", "capita", "inhabitants", "household", "people",
		"persons", "einwohner", "habitants", "habitantes", "abitanti",
		"hab", "ew"}
)

// afterPer reports whether words end in one that says for how many, as "per 1" does.
func afterPer(words []string) bool {
	words = words[max(0, len(words)-2):]
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(perWords, w) })
}

// calledShare reports whether a name says that things were shared out: such shares and quotas
// are amounts too.
func calledShare(name string) bool {
	return slices.ContainsFunc(wordsOf(name), func(w string) bool { return w == "share" || w == "shares" || w == "quota" })
}

// calledRatio reports whether a name says that its numbers are densities, rates or shares.
func calledRatio(name string) bool {
	if strings.ContainsAny(name, "%‰") || strings.Contains(strings.ToLower(name), "km²") {
		return true
	}
	words := wordsOf(name)
	for i, w := range words {
		if slices.Contains(ratios, w) || slices.ContainsFunc(densities, func(d string) bool { return strings.HasSuffix(w, d) }) {
			return true
		}
		if i+1 < len(words) && calledTime(words[i+1]) {
			continue // per 1 year
		}
		if (i > 0 && slices.Contains(perWords, words[i-1]) && (roundNumber(w) || slices.Contains(perWhat, w))) || perRound(name, w) {
			return true
		}
	}
	return false
}

// roundNumber reports whether a word is 1, 10, 100 and so on, perhaps with k, m or mio behind
// it, as rates are given for: cases per 2 years and patients pro 2024 are numbers.
func roundNumber(w string) bool {
	digits := strings.TrimRight(w, "ktmiopln")
	zeros, one := strings.CutPrefix(digits, "1")
	return one && strings.Trim(zeros, "0") == ""
}

// perRound reports whether a name says behind a stroke, or at the end of a word, for how many:
// cases/100000, per100k, cases_100k.
func perRound(name, w string) bool {
	for _, per := range perWords {
		if n, glued := strings.CutPrefix(w, per); glued && len(n) > 2 && roundNumber(n) {
			return true
		}
	}
	return roundNumber(w) && len(w) > 2 && (strings.Contains(name, "/"+w) || strings.Contains(name, "/ "+w) || strings.HasSuffix(w, "00k"))
}

// lengths are words in names of columns that hold lengths.
var lengths = []string{"distance", "distances", "dist", "distanz", "entfernung", "distancia", "distanza", "afstand", "length"}

// calledLength reports whether a name says that its numbers are lengths, and not times.
func calledLength(name string) bool {
	words := wordsOf(name)
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(lengths, w) }) && unitInName(name, time) == "" &&
		!slices.ContainsFunc(words, func(w string) bool {
			return strings.HasPrefix(w, "time") || strings.HasPrefix(w, "min") || w == "duration"
		})
}
