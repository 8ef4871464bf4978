package measure

import (
	"errors"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// asking are the patients of a month and the centers where they ask: a row for those of
// a place who ask at one center first.
//
// Who comes is decided once, at referral, by the way to that center; whoever is sent on
// follows as the likelihoods of the two ways stand.
type asking struct {
	place    []int
	patients []float64
	choices  [][]int32   // campuses, the first choice first
	likely   [][]float64 // the likelihood of treatment at each
}

// byPlace adds up numbers of rows, as shares of the patients of each place; NaN for a
// place without any.
func (a *asking) byPlace(places int, of func(row int) float64) []float64 {
	sum, all := make([]float64, places), make([]float64, places)
	for row, i := range a.place {
		if n := a.patients[row]; n > 0 {
			sum[i], all[i] = sum[i]+of(row), all[i]+n
		}
	}
	for i := range sum {
		sum[i] /= all[i] // none of none is no share
	}
	return sum
}

func (a *asking) add(place int, patients float64, choices []int32, likely []float64) {
	a.place, a.patients = append(a.place, place), append(a.patients, patients)
	a.choices, a.likely = append(a.choices, choices), append(a.likely, likely)
}

// today are the queues of the study itself.
func (r *Waiting) today() (*queues, error) {
	if r.room.of.Allocation != spec.ByChoice {
		return r.queue(r.nearest(r.Model.Curves[0], 1, 1))
	}
	chosen := finding.Of[*Chosen](r.Study)
	if chosen == nil || len(chosen.curves) == 0 {
		return nil, spec.Refused("measures.capacity.allocation", "another demand, or nearest",
			"found choice, and the choice has no estimate, or not as many can be treated under it as were observed")
	}
	return r.queue(r.chosen(chosen.ways, chosen.curves[0], 1, 1))
}

// drawn are those who ask in a draw; nil where not as many can be treated as were
// observed.
func (r *Waiting) drawn(x finding.Draw, under finding.Curve) (*asking, error) {
	if r.room.of.Allocation != spec.ByChoice {
		return r.nearest(*under.Of, x.Speed, x.Rate), nil
	}
	chosen := finding.Of[*Chosen](r.Study)
	w, err := chosen.atSpeed(x.Speed)
	if err != nil {
		return nil, err
	}
	c, err := chosen.calibrate(x.Family, x.Effect, under.Beyond, w)
	if errors.Is(err, access.ErrCannotBe) {
		return nil, nil
	}
	return r.chosen(w, c, x.Speed, x.Rate), err
}

// nearest are those who ask at the nearest center first, every speed and every number of
// patients multiplied.
func (r *Waiting) nearest(c ground.Curve, speed, rate float64) *asking {
	a, per := &asking{}, spec.Filled(*r.room.of).ReferredPer
	for i, e := range r.Eligible {
		choices, likely := r.inTurn(i, nobody, c, speed)
		if len(choices) == 0 || e == 0 {
			a.add(i, 0, choices, likely) // whatever the likelihood, which nobody anywhere may give
			continue
		}
		a.add(i, rate*e*likely[0]/12*per, choices, likely)
	}
	return a
}

// chosen are those who ask first where they choose.
func (r *Waiting) chosen(w *chosenWays, c ground.Curve, speed, rate float64) *asking {
	a, per := &asking{}, spec.Filled(*r.room.of).ReferredPer
	amount := w.amounts(r.Eligible)
	for i := range r.Eligible {
		for leg := w.matrix.Start[i]; leg < w.matrix.Start[i+1]; leg++ {
			if amount[leg] == 0 {
				continue
			}
			site := w.open[w.matrix.Site[leg]]
			first := r.room.Index[int32(site)]
			choices, likely := []int32{int32(first)}, []float64{c.Likelihood(c.P0, w.matrix.Time[leg])}
			next, less := r.inTurn(i, first, c, speed)
			a.add(i, rate*amount[leg]*likely[0]/12*per, append(choices, next...), append(likely, less...))
		}
	}
	return a
}

// nobody is no campus, for those who have not asked anywhere yet.
const nobody = -1

// inTurn are the campuses where a place asks one after the other, by time, but for the
// campus where it has asked before, through whichever door; and how likely treatment is
// there.
func (r *Waiting) inTurn(place, asked int, c ground.Curve, speed float64) (choices []int32, likely []float64) {
	t, most := r.room.trips, max(1, r.room.of.Choices)
	if asked != nobody {
		most--
	}
	for n := range t.K {
		l := t.Legs[place*t.K+n]
		if l.Site < 0 || len(choices) == most {
			break
		}
		if campus := r.room.Index[l.Site]; campus != asked {
			choices, likely = append(choices, int32(campus)), append(likely, c.At(l.Time.Minutes()/speed))
		}
	}
	return choices, likely
}
