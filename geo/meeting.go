package geo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Meeting is how the keys of one side were found among those of another when
// two tables were joined. Keys are compared as text, without the blanks around
// them.
type Meeting struct {
	Join     string   `json:"join"`               // what was joined with what
	Keys     int      `json:"keys"`               // different ones on our side
	Among    int      `json:"among"`              // different ones on the other
	Matched  int      `json:"matched"`            // of ours
	Lost     int      `json:"lost"`               // of ours, not found on the other
	Examples []string `json:"examples,omitempty"` // of the lost, three at most
	Hint     string   `json:"hint,omitempty"`     // how the two sides are written, where that may be why

	Field string `json:"-"` // our column of the keys, "" for the ids
	lost  map[string]bool
}

// Meet looks up our keys among theirs. Empty keys are none.
func Meet(join string, ours, theirs []string) Meeting {
	m := Meeting{Join: join, lost: map[string]bool{}}
	there := make(map[string]bool, len(theirs))
	for _, k := range theirs {
		if k = strings.TrimSpace(k); k != "" {
			there[k] = true
		}
	}
	seen := make(map[string]bool, len(ours))
	for _, k := range ours {
		if k = strings.TrimSpace(k); k == "" || seen[k] {
			continue
		}
		seen[k] = true
		if there[k] {
			m.Matched++
			continue
		}
		m.lost[k] = true
		if m.Lost++; len(m.Examples) < 3 {
			m.Examples = append(m.Examples, k)
		}
	}
	m.Keys, m.Among = len(seen), len(there)
	if m.Lost > 0 {
		m.Hint = hint(m.lost, there, seen)
	}
	return m
}

// IsLost reports whether a key of ours was not found.
func (m Meeting) IsLost(key string) bool { return m.lost[strings.TrimSpace(key)] }

// Thin reports whether more than one in a hundred of our keys was lost.
func (m Meeting) Thin() bool { return m.Lost*100 > m.Keys }

// String says how the keys met, as "2 of 3 keys of … are not found, such as …".
func (m Meeting) String() string {
	if m.Lost == 0 {
		return fmt.Sprintf("%s: all %d keys are found", m.Join, m.Keys)
	}
	quoted := make([]string, len(m.Examples))
	for i, e := range m.Examples {
		quoted[i] = fmt.Sprintf("%q", e)
	}
	s := fmt.Sprintf("%s: %d of %d keys are not found, such as %s", m.Join, m.Lost, m.Keys, strings.Join(quoted, ", "))
	if m.Hint != "" {
		s += " (" + m.Hint + ")"
	}
	return s
}

// likenesses are the ways in which two programs write one key, each with what a
// key becomes when that is left out of account.
var likenesses = []struct {
	what string
	of   func(string) string
}{
	{"accents apart from their letters (uconv -x nfc joins them)", norm.NFC.String},
	{"in capital and small letters", strings.ToLower},
	{"leading zeros", func(s string) string { return strings.TrimLeft(s, "0") }},
	{"a whole number written with decimals", func(s string) string {
		whole, decimals, ok := strings.Cut(s, ".")
		if ok && strings.Trim(decimals, "0") == "" {
			s = whole
		}
		return strings.TrimLeft(s, "0")
	}},
	{"blanks, strokes or dots", onlyLetters},
	{"accents", func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return unicode.ToLower(r)
		}, norm.NFD.String(s))
	}},
	{"a prefix before the digits", func(s string) string {
		return strings.TrimLeft(s[len(strings.TrimRight(s, "0123456789")):], "0")
	}},
}

func onlyLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// hint names what keeps lost keys and unused ones apart, or shows one of each.
func hint(lost, there, ours map[string]bool) string {
	var unused []string
	for _, k := range slices.Sorted(maps.Keys(there)) {
		if !ours[k] {
			unused = append(unused, k)
		}
	}
	missing := slices.Sorted(maps.Keys(lost))
	for _, l := range likenesses {
		alike := map[string]string{}
		for _, k := range unused {
			if short := l.of(k); short != "" {
				alike[short] = k
			}
		}
		for _, k := range missing {
			if other, ok := alike[l.of(k)]; ok && l.of(k) != "" {
				return fmt.Sprintf("%q here, %q there: %s?", k, other, l.what)
			}
		}
	}
	if len(unused) == 0 {
		return ""
	}
	return fmt.Sprintf("there are keys such as %q there", unused[0])
}
