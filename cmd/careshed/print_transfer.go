package main

import (
	"fmt"
	"math"

	"careshed/access/study"
)

// transfer says how far people go within their own region and to another.
func (p *page) transfer(t *study.TransferSummary) {
	if t == nil {
		return
	}
	by, stage := "", ""
	for _, r := range t.Rows {
		switch {
		case r.Stage != "" && r.Stage != stage:
			p.line("  %s", r.Stage)
		case r.Stage == "" && r.By != by:
			p.line("\nTo a center in the own region or in another, by %s", map[string]string{"nearest": "the nearest", "choice": "choice, expected"}[r.By])
		}
		by, stage = r.By, r.Stage
		indent, said := "", ""
		if stage != "" {
			indent = "  "
		}
		if !math.IsNaN(float64(r.TimeMin.Mean)) {
			said += fmt.Sprintf("; mean %s min, median %s, P90 %s", number(r.TimeMin.Mean, 1), number(r.TimeMin.Median, 1), number(r.TimeMin.P90, 1))
		}
		if !math.IsNaN(float64(r.DistanceKm.Mean)) {
			said += fmt.Sprintf("; mean %s km, median %s, P90 %s", number(r.DistanceKm.Mean, 1), number(r.DistanceKm.Median, 1), number(r.DistanceKm.P90, 1))
		}
		if !math.IsNaN(float64(r.Trips)) {
			said += fmt.Sprintf("; %s trips, %s h, %s nights", number(r.Trips, 1), number(r.Hours, 1), number(r.Nights, 1))
		}
		if !math.IsNaN(float64(r.InOwn)) {
			said += fmt.Sprintf("; %s at a site in their own region", percent(r.InOwn))
		}
		if !math.IsNaN(float64(r.Days)) {
			said += fmt.Sprintf("; %s days", number(r.Days, 1))
		}
		if !math.IsNaN(float64(r.Lost)) {
			said += fmt.Sprintf(", %s lost", percent(r.Lost))
		}
		p.line("  %s%-17s %s (%s)%s", indent, r.Where, people(r.People), percent(r.Share), said)
	}
}
