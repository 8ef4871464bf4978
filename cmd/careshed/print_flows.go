package main

import (
	"fmt"
	"math"
	"strings"

	"careshed/access/study"
	"careshed/access/study/finding"
)

// byChoice are the headlines of what follows where people choose.
func (p *page) byChoice(c *finding.ByChoiceSummary) {
	if c == nil {
		return
	}
	p.line("\nIf people choose in place of going to the nearest center: %s at the nearest", percent(c.Nearest))
	p.line("  %-26s %10s %10s %10s %10s", "", "mean", "median", "P90", "P95")
	for _, row := range []struct {
		name string
		s    study.Stats
	}{{"time, minutes", c.TimeMin}, {"more than to the nearest", c.ExtraMin}} {
		p.line("  %-26s %10s %10s %10s %10s", row.name, number(row.s.Mean, 1), number(row.s.Median, 1), number(row.s.P90, 1), number(row.s.P95, 1))
	}
	for _, b := range c.Bands {
		p.line("  within %4s minutes        %21s %8s", number(b.Minutes, 0), people(b.People), percent(b.Share))
	}
	for _, x := range c.Curves {
		p.line("  beyond 4 h: %-9s %s treated, lost to distance %s; were all within 30 minutes %s (%s more)",
			x.Beyond, patients(x.Treated, 1), patients(x.Foregone, 1), patients(x.Ceiling, 1), percent(x.CeilingGain))
	}
	if c.Full != nil {
		p.line("  %s", tooFew(*c.Full))
	}
}

// flows are the headlines of who was seen to go where, and of the choice that was
// fitted to it.
func (p *page) flows(s study.Summary) {
	f := s.Flows
	if f == nil {
		return
	}
	p.line("\nSeen to go to a center: %s from %s", people(f.People), several(f.Origins, "origin"))
	at := make([]string, len(f.Ranks))
	for k, n := range f.Ranks {
		at[k] = fmt.Sprintf("%s to %s", percent(n), nth(k+1))
	}
	p.line("  %s", strings.Join(at, ", "))
	p.line("  %-26s %10s %10s %10s %10s", "", "mean", "median", "P90", "P95")
	for _, row := range []struct {
		name string
		s    study.Stats
	}{{"time, minutes", f.TimeMin}, {"more than to the nearest", f.ExtraMin}} {
		p.line("  %-26s %10s %10s %10s %10s", row.name, number(row.s.Mean, 1), number(row.s.Median, 1), number(row.s.P90, 1), number(row.s.P95, 1))
	}
	for _, b := range f.Bands {
		chosen := ""
		if s.Choice != nil && s.Choice.Why == "" {
			chosen = ", by the choice fitted " + percent(b.Chosen)
		}
		p.line("  within %4s minutes %8s; if all went to the nearest %s%s", number(b.Minutes, 0), percent(b.Seen), percent(b.Nearest), chosen)
	}
	p.choice(s.Choice)
}

// nth names a rank.
func nth(k int) string {
	if k == 1 {
		return "the nearest"
	}
	return fmt.Sprintf("number %d", k)
}

func (p *page) choice(c *finding.ChoiceSummary) {
	if c == nil {
		return
	}
	if c.Why != "" {
		p.line("\nNo choice is fitted: %s", c.Why)
		return
	}
	intervals := "robust intervals, by origin"
	if c.Interval == "independent" {
		intervals = "intervals as if all chose independently: too few origins for robust ones"
	}
	p.line("\nThe choice fitted to them (conditional logit, %s of %s; %s)", people(c.People), several(c.Origins, "origin"), intervals)
	for _, t := range c.Terms {
		p.line("  %-20s %10s (%s to %s)", t.Name, short(t.Value), short(t.Low), short(t.High))
	}
	p.line("  log likelihood %s, all alike %s, McFadden's R² %s (adjusted %s); %s sent along another pair", number(c.LogLike, 1), number(c.Null, 1),
		number(c.McFadden, 3), number(c.Adjusted, 3), percent(c.Elsewhere))
	for _, m := range c.Missed {
		if math.Abs(float64(m.Observed-m.Expected)) >= 0.5 {
			p.line("  %-20s seen %s, expected %s", m.ID, amount(m.Observed), short(m.Expected))
		}
	}
	if h := c.HeldOut; h != nil {
		p.line("  of sites held out in %d folds: log likelihood %s, all alike %s", h.Folds, number(h.LogLike, 1), number(h.Null, 1))
	}
	if !math.IsNaN(float64(c.McFadden)) {
		p.line("In a study: %s", c.Fragment)
	}
}
