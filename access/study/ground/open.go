package ground

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"
)

// Words for a center at which nobody is treated: no longer, not yet, or for now. A cell
// says so that is one of them or, in a column of states, begins with one and a blank.
var notOpen = []string{
	"closed", "permanently closed", "temporarily closed", "closing", "planned", "proposed", "announced", "pending", "future",
	"in preparation", "in planning", "under construction", "in development",
	"inactive", "suspended", "withdrawn", "terminated", "decommissioned", "not open", "not active", "not operational",
	"geschlossen", "geplant", "in planung", "in vorbereitung", "im bau", "inaktiv", "ausgesetzt",
	"fermé", "ferme", "prévu", "prevu", "en projet", "en construction", "inactif", "suspendu",
	"cerrado", "cerrada", "previsto", "prevista", "planificado", "planeado", "en proyecto", "en construcción", "inactivo", "suspendido",
	"chiuso", "chiusa", "pianificato", "in progetto", "in costruzione", "inattivo", "sospeso",
	"gesloten", "gepland", "in aanbouw", "fechado", "encerrado", "planejado", "em construção", "zamknięty", "planowany",
	"stängd", "planerad", "lukket", "planlagt",
}

// saysNotOpen reports whether a cell of a column says that a center treats nobody on a day.
func saysNotOpen(c geo.Column, i int, day string) bool {
	if c.Null(i) {
		return false
	}
	t := strings.ToLower(strings.TrimSpace(c.Text(i)))
	switch name := geo.PlainName(c.Name); {
	case isOneOf(name, "open", "isopen", "active", "isactive", "operational", "operating", "inoperation", "inservice", "current",
		"aktiv", "actif", "activo", "attivo", "ativo", "actief", "aktywny", "offen", "ouvert", "abierto", "aperto", "aberto"):
		return saysNo(c, i) || slices.Contains(notOpen, t)
	case (ofEnds(name) || isOneOf(name, "closed", "isclosed")) && later(t, day):
		return false // until then it treats patients
	case isOneOf(name, "closed", "isclosed", "planned", "isplanned", "inactive", "suspended"):
		v, plain := plainly(c, i)
		return plain && v == takes || !plain && !slices.Contains(notOpen, t) && strings.Trim(t, "0123456789-/.") == "" // when it did
	case ofEnds(name):
		if len(t) >= 4 && t[:4] >= "2090" && t[:4] <= "9999" {
			return false // 9999-12-31: no end is known
		}
		if len(t) <= len("18:00:00") && strings.Contains(t, ":") {
			return false // an hour of each day
		}
		return !spec.SaysNothing(t)
	}
	if c.Type != geo.Text || slices.Contains(ofNames, geo.PlainName(c.Name)) {
		return false
	}
	return slices.ContainsFunc(notOpen, func(w string) bool {
		rest, begins := strings.CutPrefix(t, w)
		return begins && (rest == "" || rest[0] == ' ' && ofStates(c.Name))
	})
}

func isOneOf(name string, of ...string) bool { return slices.Contains(of, name) }

// ends are what columns are called that say when a center closed, in small letters and
// without strokes; and words in such names, with one of those for a time.
var (
	ends = []string{
		"until", "activeuntil", "openuntil", "operationaluntil", "inoperationuntil", "activeto", "opento", "discontinued",
		"bis", "aktivbis", "geöffnetbis", "schließung", "schliessung", "fermeture", "cierre", "chiusura", "hasta", "activohasta", "finoal", "jusqua",
		"closedate", "closeyear", "closedon", "closure", "closedat", "enddate", "endyear", "validto", "validuntil",
		"gültigbis", "gueltigbis", "datefin", "datafine", "fechafin", "fechabaja",
	}
	shut = []string{
		"closed", "closing", "closure", "fermeture", "cierre", "chiusura", "schließung", "schliessung",
		"cessation", "cessazione", "deactivat", "encerramento",
	}
	when = []string{"date", "year", "datum", "jahr", "annee", "année", "fecha", "data", "anno", "año"}
)

// ofEnds reports whether a column is called as one that says when a center closed.
func ofEnds(name string) bool {
	return slices.Contains(ends, name) || wordsWith(name, shut, when)
}

// wordsWith reports whether a name begins or ends with one of some words, and with one of others.
func wordsWith(name string, some, others []string) bool {
	holds := func(of []string) bool {
		return slices.ContainsFunc(of, func(w string) bool { return strings.HasPrefix(name, w) || strings.HasSuffix(name, w) })
	}
	return holds(some) && holds(others)
}

// begins are what columns are called that say when a center opened or will open; and words in
// such names, with one of those for a time.
var (
	begins = []string{
		"open", "opens", "opened", "opening", "since", "opensin", "openedin", "openson", "openedon",
		"startdate", "startyear", "yearstart", "validfrom", "activesince", "operationalsince",
		"opensince", "inoperationsince", "launch", "launched", "golive", "inauguration",
		"seit", "eröffnet", "eroeffnet", "eröffnetam", "eröffnetseit", "eröffnung", "eroeffnung", "inbetriebnahme", "gültigab", "gueltigab",
		"ouverture", "apertura", "abertura", "depuis", "desde", "dal", "datedebut", "fechainicio", "datainizio",
	}
	opening = []string{"open", "opening", "launch", "golive", "operational", "inauguration", "eröffnung", "eroeffnung", "ouverture", "apertura", "abertura"}
)

// knownUntil is the day of the facts that the program brings with it. What begins later was not
// there then; it is not the day of the clock, so that a study gives the same every day.
const knownUntil = "2026-12-01"

// dates are how days, months and years are written in lists; of 1/2/2027 the year alone is certain.
var dates = []string{
	"2006-01-02", "2006-01", "2006", "20060102", "2006/01/02", "2006/01", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2.1.2006", "1.2006", "2/1/2006", "1/2/2006", "1/2006", "Jan 2006", "January 2006", "Jan-06", "Jan-2006", "2 Jan 2006", "2 January 2006",
	"January 2, 2006", "Jan 2, 2006",
}

// beginsLater reports whether a cell of a column says that a center opens after a day.
func beginsLater(c geo.Column, i int, day string) bool {
	name := geo.PlainName(c.Name)
	if c.Null(i) || c.Type == geo.Bool || !slices.Contains(begins, name) && !wordsWith(name, opening, when) {
		return false
	}
	return later(strings.TrimSpace(c.Text(i)), day)
}

// later reports whether a text says a time after a day, and one that may be meant: in one of
// the forms of dates, or with a year among few words, as in "planned 2027" and "2027 Q1".
func later(t, day string) bool {
	_, after, err := access.Days(day)
	if err != nil {
		return false
	}
	t = strings.ToUpper(t) // the letters between day and time
	for _, layout := range dates {
		if at, err := time.Parse(layout, t); err == nil {
			return !at.Before(after) && at.Year() < 2090
		}
	}
	words := strings.FieldsFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	k := slices.IndexFunc(words, func(w string) bool { return len(w) == 4 && w >= "1900" && w < "2090" })
	return k >= 0 && len(words) <= 3 && words[k] > day[:4]
}

// ofNames are columns in which a word is a name, whatever it says.
var ofNames = []string{
	"id", "name", "title", "hospital", "center", "centre", "site", "city", "town", "place", "region", "address",
	"nom", "nombre", "nome", "naam", "ort", "ville", "ciudad", "citta",
}

// states are words in the names of columns that say how it stands with each row.
var states = []string{"status", "statut", "stato", "estado", "zustand", "phase", "stand", "state"}

// ofStates reports whether a column is called as one of states is.
func ofStates(name string) bool {
	return slices.ContainsFunc(states, func(w string) bool { return strings.Contains(geo.PlainName(name), w) })
}

// therapies are words in the names of columns that say of each row whether the therapy is
// given there at all: a list of all hospitals has one.
var therapies = []string{
	"cart", "cartcell", "cartcells", "infusion", "infuses", "treats", "treating", "offers", "offered", "provides", "provided",
	"available", "verfügbar", "disponible", "disponibile", "beschikbaar",
}

// saysWhether reports whether a column says of the rows of a list, with yes and no alone,
// whether the therapy is given there.
func saysWhether(c geo.Column) bool {
	words := strings.FieldsFunc(strings.ToLower(c.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	name := strings.ReplaceAll(" "+strings.Join(words, " ")+" ", " car t ", " cart ")
	if !slices.ContainsFunc(strings.Fields(name), func(w string) bool { return slices.Contains(therapies, w) }) {
		return false
	}
	for i := range c.Len() {
		if _, plain := plainly(c, i); !plain {
			return false
		}
	}
	return true
}

// saysNo reports whether a cell says no.
func saysNo(c geo.Column, i int) bool {
	v, _ := plainly(c, i)
	return v == refuses
}

// noteNotOpen says how many centers of the list say themselves that nobody is treated
// there, or not with this therapy, in a column that the study does not choose by. They count as open.
func (in *Ground) noteNotOpen() {
	for _, c := range in.SiteFields.Columns() {
		chosen := slices.ContainsFunc(in.Spec.Sites.Where, func(w spec.Condition) bool { return w.Field == c.Name }) ||
			slices.ContainsFunc(in.Spec.Sites.Accepts, func(a spec.AcceptSpec) bool { return a.Field == c.Name })
		if chosen || in.Spec.Sites.Layer == "" {
			continue
		}
		n, first, whether := 0, "", saysWhether(c)
		later, far, day := 0, "", cmp.Or(in.Spec.AsOf, knownUntil)
		for i := range in.SiteFields.Len() {
			if whether && saysNo(c, i) || !whether && saysNotOpen(c, i, day) {
				if n++; first == "" {
					first = c.Text(i)
				}
			}
			if beginsLater(c, i, day) {
				if later++; far == "" {
					far = c.Text(i)
				}
			}
		}
		switch {
		case later > 0:
			in.Note("sites.later", "n", later, "of", in.SiteFields.Len(), "field", c.Name, "value", far, "date", day)
		case n == 0 || n == in.SiteFields.Len():
		case whether:
			in.Note("sites.without", "n", n, "of", in.SiteFields.Len(), "field", c.Name, "value", first)
		default:
			in.Note("sites.not_open", "n", n, "of", in.SiteFields.Len(), "field", c.Name, "value", first)
		}
	}
}
