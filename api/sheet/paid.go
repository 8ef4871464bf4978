package sheet

import (
	"cmp"
	"slices"
	"strings"

	"careshed/access"
	"careshed/api/words"
)

// Pays takes what is known of reimbursement in the country of a sheet. It does nothing to
// the sheet of a region.
func (s *Sheet) Pays(rows []access.Reimbursement) {
	if s.row >= 0 {
		return
	}
	p := access.PaidBy(rows)
	s.Paid = &p
}

// PaidLine says in a language what is known of reimbursement in a country, in one line.
func PaidLine(l *words.Language, p access.Paid) string {
	if !p.Known() {
		return l.Say("paid.none")
	}
	var parts []string
	for _, of := range []struct {
		key   string
		items []access.PaidItem
	}{{"paid.yes", p.Yes}, {"paid.partly", p.Partly}, {"paid.recommended", p.Recommended}, {"paid.not", p.Not}, {"paid.counted", p.Counted}} {
		if len(of.items) > 0 {
			parts = append(parts, l.Say(of.key, "what", strings.Join(PaidItems(l, of.items), " · ")))
		}
	}
	return strings.Join(append(parts, l.Say("paid.rest")), l.Say("join.also"))
}

// PaidItems are indications with since when, what they are said of and how surely.
func PaidItems(l *words.Language, items []access.PaidItem) (out []string) {
	out = []string{}
	for _, x := range items {
		var more []string
		for _, of := range []struct{ key, date string }{{"paid.since", x.Since}, {"paid.by", x.By}, {"paid.as_of", x.AsOf}} {
			if of.date != "" {
				more = append(more, l.Say(of.key, "date", of.date))
			}
		}
		if x.Differs {
			more = append(more, l.Say("paid.differs"))
		}
		if status := "paid.status." + strings.ReplaceAll(x.Status, " ", "-"); l.Has(status) {
			more = append(more, l.Say(status))
		}
		if x.Product != "" {
			more = slices.Insert(more, 0, x.Product)
		}
		text := cmp.Or(map[string]string{"any": l.Say("paid.any")}[x.What], x.What)
		if x.Area != "" {
			text = x.Area + l.Say("join.colon") + text
		}
		if len(more) > 0 {
			text += " (" + strings.Join(more, l.Say("join.also")) + ")"
		}
		out = append(out, text)
	}
	return out
}
