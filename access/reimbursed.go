package access

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"careshed/geo"
)

// Reimbursement is what a source says of whether an indication is reimbursed.
type Reimbursement struct {
	Country    string
	Area       string // of the country; "" for the whole
	Product    string // as the source names it
	Indication string
	Line       string
	Said       string // in the words of the table: "yes, defined cases", "4 of 12"
	Answer     string // yes, partly, recommended, ended, withdrawn, no, not stated, count
	Since      string // from when on it is, 2024, 2024-03 or 2024-03-15; "" if not known
	By         string // when it was at the latest, where the beginning is not known
	AsOf       string // when what is said was so
	Source     string
	Status     string // read in an excerpt, derived, not read
}

// Reimbursements are the rows of a layer like that of the atlas, of some countries or
// of all if none is named. Errors name the field that is missing.
func Reimbursements(l *geo.Layer, of ...string) ([]Reimbursement, error) {
	var out []Reimbursement
	text := map[string][]string{}
	for _, field := range []string{"country", "area", "product", "indication", "line", "said", "answer", "since", "by", "as_of", "source", "status"} {
		v, err := l.Texts(field)
		if err != nil {
			return nil, err
		}
		text[field] = v
	}
	for i, country := range text["country"] {
		if len(of) > 0 && !slices.Contains(of, country) {
			continue
		}
		out = append(out, Reimbursement{Country: country, Area: text["area"][i], Product: text["product"][i], Indication: text["indication"][i], Line: text["line"][i],
			Said: text["said"][i], Answer: text["answer"][i], Since: text["since"][i], By: text["by"][i], AsOf: text["as_of"][i], Source: text["source"][i], Status: text["status"][i]})
	}
	return out, nil
}

// Paid is what is known of reimbursement in a country. What stands in no list is not
// known, which is not no.
type Paid struct {
	Yes         []PaidItem `json:"yes"`
	Partly      []PaidItem `json:"partly" doc:"in defined cases, for some or up to a share"`
	Recommended []PaidItem `json:"recommended" doc:"and not said to be reimbursed"`
	Not         []PaidItem `json:"not" doc:"said not to be, or not any more"`
	Counted     []PaidItem `json:"counted" doc:"how many of a number of indications are reimbursed, where somebody counted"`
}

// PaidItem is an indication at a line of therapy.
type PaidItem struct {
	Area    string `json:"area,omitempty" doc:"of the country; none for the whole"`
	What    string `json:"what"`
	Product string `json:"product,omitempty" doc:"where it is of one product alone that this is said"`
	Since   string `json:"since,omitempty"`
	By      string `json:"by,omitempty" doc:"reimbursed then at the latest; since when is not known"`
	AsOf    string `json:"as_of,omitempty" doc:"so it was then"`
	Status  string `json:"status" doc:"how the best of its sources was checked"`
	Differs bool   `json:"sources_differ,omitempty"`
}

// Known reports whether anything is known.
func (p Paid) Known() bool {
	return len(p.Yes)+len(p.Partly)+len(p.Recommended)+len(p.Not)+len(p.Counted) > 0
}

// PaidBy gathers rows of a country: each indication at its line once, with the earliest
// beginning that is known, the whole country before its areas. Of a product that one
// source has as reimbursed and another not, the sources differ. Rows that say nothing of
// reimbursement are in no list.
func PaidBy(rows []Reimbursement) Paid {
	p := Paid{Yes: []PaidItem{}, Partly: []PaidItem{}, Recommended: []PaidItem{}, Not: []PaidItem{}, Counted: []PaidItem{}}
	refused := func(r Reimbursement) bool {
		return slices.ContainsFunc(rows, func(o Reimbursement) bool {
			return list(&p, o.Answer) == &p.Not && o.Area == r.Area && o.Product == r.Product && o.Indication == r.Indication
		})
	}
	granted := func(r Reimbursement) bool {
		return slices.ContainsFunc(rows, func(o Reimbursement) bool {
			return o.Answer == "yes" && o.Area == r.Area && o.Product == r.Product && o.Indication == r.Indication
		})
	}
	for _, r := range rows {
		to := list(&p, r.Answer)
		if to == nil || to == &p.Not && granted(r) {
			continue
		}
		item := PaidItem{Area: r.Area, What: what(r), Since: r.Since, By: r.By, AsOf: r.AsOf, Status: r.Status}
		if to != &p.Yes && to != &p.Counted && r.Product != "any" {
			item.Product = brand(r.Product)
		}
		if to == &p.Not {
			item.Since = "" // when it was, where it has ended
		}
		item.Differs = to == &p.Yes && refused(r)
		k := slices.IndexFunc(*to, func(o PaidItem) bool { return o.Area == item.Area && o.What == item.What && o.Product == item.Product })
		if k < 0 {
			*to = append(*to, item)
			continue
		}
		(*to)[k] = both((*to)[k], item)
	}
	for _, of := range []*[]PaidItem{&p.Yes, &p.Partly, &p.Recommended, &p.Not, &p.Counted} {
		slices.SortStableFunc(*of, func(a, b PaidItem) int { return cmp.Compare(a.Area, b.Area) })
	}
	return p
}

// list is where an answer is told, nil for one that is none.
func list(p *Paid, answer string) *[]PaidItem {
	switch answer {
	case "yes":
		return &p.Yes
	case "partly":
		return &p.Partly
	case "recommended":
		return &p.Recommended
	case "no", "ended", "withdrawn":
		return &p.Not
	case "count":
		return &p.Counted
	}
	return nil
}

// what is the indication with its line, where a line is said.
func what(r Reimbursement) string {
	if r.Answer == "count" {
		return r.Said + " " + strings.TrimLeft(r.Indication, "0123456789 ")
	}
	if slices.Contains([]string{"", "any", "r/r"}, r.Line) {
		return r.Indication
	}
	return r.Indication + " " + r.Line
}

var brandName = regexp.MustCompile(`\(([^),]+)[,)]`)

// brand is the name that a product is sold under, where the source has it.
func brand(product string) string {
	if m := brandName.FindAllStringSubmatch(product, -1); len(m) == 1 {
		return strings.TrimSpace(m[0][1])
	}
	return product
}

// both is what two sources say of one item: the earlier beginning, the better read.
func both(a, b PaidItem) PaidItem {
	earlier := func(x, y string) string {
		if x == "" || y != "" && y < x {
			return y
		}
		return x
	}
	a.Since, a.By, a.AsOf = earlier(a.Since, b.Since), earlier(a.By, b.By), max(a.AsOf, b.AsOf)
	if a.Since != "" {
		a.By = ""
	}
	order := []string{"read in an excerpt", "derived", "not read"}
	if slices.Index(order, b.Status) < slices.Index(order, a.Status) {
		a.Status = b.Status
	}
	a.Differs = a.Differs || b.Differs
	return a
}
