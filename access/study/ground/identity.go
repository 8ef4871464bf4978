package ground

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Met keeps how keys met for the manifest, and refuses a join that matches
// nothing: what the keys look like on both sides is said.
func (in *Ground) Met(m geo.Meeting) error {
	if m.Keys == 0 && m.Among == 0 {
		return nil
	}
	in.Joins = append(in.Joins, m)
	if m.Matched > 0 || m.Keys == 0 {
		return nil
	}
	return spec.Refused("", "keys that are written the same on both sides, leading zeros too", "%s", m)
}

// Identify refuses to look up keys in a layer by the numbers of its rows, or by
// a column of ids that was found by its name when another holds the keys as well.
func Identify(section string, l *geo.Layer, keys []string) error {
	if l.Len() == 0 {
		return nil
	}
	id := l.Identity
	if !l.Identified() {
		why := "its rows are only numbered"
		if id.Why != "" {
			why = id.Why
		}
		return fmt.Errorf("%s: layer %s has no ids to be found by: %s; accepted: id: in the layer's entry, the name of a column that differs in every row%s",
			section, l.Name, why, meant(l, keys))
	}
	if id.Named || id.From == "" { // by the user, or by whoever made the layer
		return nil
	}
	ids := make([]string, l.Len())
	for i := range ids {
		ids[i] = l.ID(i)
	}
	fit := geo.Meet("", ids, keys).Matched
	if fit == 0 {
		return nil // which is an error of its own
	}
	// A rival may be empty, repeat or hold something else in a row or two, as the
	// ids would if somebody had mistyped them: which of the two was meant cannot be
	// seen then, and is asked.
	few := max(1, l.Len()/20)
	for _, rival := range l.MeantAsIDs(few) {
		texts, err := l.Texts(rival)
		if err != nil || rival == id.From {
			continue
		}
		for i, t := range texts {
			texts[i] = strings.TrimSpace(t)
		}
		if !slices.Equal(texts, ids) && geo.Meet("", texts, keys).Matched >= max(1, fit-few) {
			return fmt.Errorf("%s: both %s and %s of layer %s could be its ids, and the ids looked for stand in both; "+
				"accepted: id: %s or id: %s in the layer's entry, to say which identifies it",
				section, id.From, rival, l.Name, id.From, rival)
		}
	}
	return nil
}

// meant names the columns that could be the ids, with how many of the keys each
// holds.
func meant(l *geo.Layer, keys []string) string {
	var held, could []string
	for _, name := range l.MeantAsIDs(0) {
		texts, err := l.Texts(name)
		if err != nil {
			continue
		}
		if m := geo.Meet("", texts, keys); m.Matched > 0 {
			held = append(held, fmt.Sprintf("%s (%d of its %d values are looked for)", name, m.Matched, m.Keys))
		} else {
			could = append(could, name)
		}
	}
	could = append(held, could...)
	could = could[:min(8, len(could))]
	if len(could) == 0 {
		return ""
	}
	return ", such as " + strings.Join(could, ", ")
}

// meet looks at how what belongs together by id was found.
func (in *Ground) meet(context.Context) error {
	in.noteJoins()
	return in.meetMatrix()
}

// meetMatrix finds the stops of the study in its matrix, and notes whom the
// matrix does not know with their people.
func (in *Ground) meetMatrix() error {
	t, ok := travel.Beneath[*travel.Table](in.Engine)
	if !ok {
		return nil
	}
	places, sites := t.Keys()
	if err := Identify("travel.place", in.Places, places); err != nil {
		return err
	}
	for _, x := range []struct {
		section string
		layer   *geo.Layer
	}{{"travel.site: sites", in.SiteFields}, {"travel.site: candidates", in.CandLayer}, {"travel.site: sites", in.doubtfulFields}} {
		if x.layer == nil {
			continue
		}
		if err := Identify(x.section, x.layer, sites); err != nil {
			return err
		}
	}
	by := in.Spec.Travel
	m := geo.Meet(fmt.Sprintf("places of layer %s in %s of %s", in.Places.Name, by.Place, by.Table), ids(in.Stops), places)
	if err := in.Met(m); err != nil {
		return spec.Within("travel.place", err)
	}
	met := m
	open := append(in.Sites[:len(in.Sites):len(in.Sites)], in.Candidates...)
	for _, s := range open {
		if err := t.Unread(s.ID); err != nil {
			return spec.Within("travel.table", err)
		}
	}
	m = geo.Meet(fmt.Sprintf("sites in %s of %s", by.Site, by.Table), ids(located(open)), sites)
	if err := in.Met(m); err != nil {
		return spec.Within("travel.site", err)
	}
	if m.Lost > 0 {
		in.Note("join.sites", "text", m.String())
	}
	in.notePairless(t, located(open), met)
	in.noteBeside(t, located(open))
	return nil
}

// doorstep is how near a site is whose junction may be the place's.
const doorstep geo.Metres = 2000

// noteBeside notes the places to which a site is near and the matrix has no time: tools that
// make matrices leave out the pair of one junction, or the diagonal, and whoever has the
// shortest way is sent to a site farther away.
func (in *Ground) noteBeside(t *travel.Table, sites []travel.Stop) {
	const reach = 0.03                 // degrees of latitude, more than the doorstep
	far := func(p, q orb.Point) bool { // for certain, or by the ellipsoid
		if dx := math.Abs(p[0] - q[0]); min(dx, 360-dx)*math.Cos(p[1]*math.Pi/180) > 2*reach {
			return true
		}
		return geo.Distance(p, q) > doorstep
	}
	sites = slices.DeleteFunc(slices.Clone(sites), func(s travel.Stop) bool { return !s.Located })
	slices.SortStableFunc(sites, func(a, b travel.Stop) int { return cmp.Compare(a.At[1], b.At[1]) })
	var such []string
	var people float64
	n := 0
	for i, p := range in.Stops {
		if !p.Located {
			continue
		}
		k, _ := slices.BinarySearchFunc(sites, p.At[1]-reach, func(s travel.Stop, lat float64) int { return cmp.Compare(s.At[1], lat) })
		for ; k < len(sites) && sites[k].At[1] <= p.At[1]+reach; k++ {
			if far(p.At, sites[k].At) || !t.Lacks(p, sites[k]) {
				continue
			}
			if n++; n <= 3 {
				such = append(such, p.ID+" – "+sites[k].ID)
			}
			people += in.People[i]
			break
		}
	}
	if n > 0 {
		in.Note("matrix.beside", "n", n, "of", len(in.Stops), "people", people, "km", doorstep.Kilometres(), "such", such)
	}
}

// notePairless notes the places that the matrix does not list, and those that it
// lists with other sites alone.
func (in *Ground) notePairless(t *travel.Table, sites []travel.Stop, met geo.Meeting) {
	listed := t.Listed(in.Stops, sites)
	var lost []string
	var people float64
	for i, ok := range listed {
		if !ok {
			lost = append(lost, in.Stops[i].ID)
			people += in.People[i]
		}
	}
	if len(lost) == 0 {
		return
	}
	why := ""
	if met.Hint != "" {
		why = " (" + met.Hint + ")"
	}
	in.Note("matrix.pairless", "n", len(lost), "of", len(listed), "people", people, "such", lost[:min(3, len(lost))], "hint", why)
}

// noteJoins tells how many people live where the join of a layer found nothing.
func (in *Ground) noteJoins() {
	for _, m := range in.Places.Joins {
		in.Joins = append(in.Joins, m)
		c, ok := in.Places.Column(m.Field)
		if m.Lost == 0 || !ok {
			continue
		}
		rows, people := 0, 0.0
		for i := range c.Len() {
			if m.IsLost(c.Text(i)) {
				rows++
				people += in.People[i]
			}
		}
		if rows > 0 {
			in.Note("join.people", "text", m.String(), "n", rows, "people", people)
		}
	}
}

// explainMissing adds to what is missing in a layer how its joins went.
func explainMissing(l *geo.Layer, err error) error {
	for _, m := range l.Joins {
		if m.Lost > 0 {
			return fmt.Errorf("%w; %s", err, m)
		}
	}
	return err
}

func ids(stops []travel.Stop) []string {
	out := make([]string, len(stops))
	for i, s := range stops {
		out[i] = s.ID
	}
	return out
}

func located(sites []Center) []travel.Stop {
	out := make([]travel.Stop, len(sites))
	for i, s := range sites {
		out[i] = s.Stop
	}
	return out
}
