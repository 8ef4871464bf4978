package access

import "fmt"

// Funnel leads from new cases of a disease to patients eligible at a line of
// therapy (C7 of the evidence):
//
//	E = incident × first line × Π progress × covered × fit × (1 − earlier)
//
// Each factor is a share of those before it.
type Funnel struct {
	Name      string
	Disease   string
	Line      int       // 1: newly diagnosed, 3: after two lines
	FirstLine float64   // of the incident, treated at all
	Progress  []float64 // Line − 1 shares: of those at a line, who reach the next
	Covered   float64   // of those at the line, inside the label and paid for
	Fit       float64   // of these, fit for the therapy
	Earlier   float64   // of these, treated with it at an earlier line already
}

// FunnelCount is patients a year along a funnel. Label and Fit are the two
// denominators that published reach is given over; they are never mixed.
type FunnelCount struct{ Incident, FirstLine, AtLine, Label, Fit, Eligible float64 }

// Check says what is wrong with a funnel.
func (f Funnel) Check() error {
	if f.Line < 1 || len(f.Progress) != f.Line-1 {
		return fmt.Errorf("line %d needs %d shares of progress from line to line, found %d", f.Line, max(0, f.Line-1), len(f.Progress))
	}
	for _, x := range []struct {
		name  string
		share float64
	}{{"first_line", f.FirstLine}, {"covered", f.Covered}, {"fit", f.Fit}, {"earlier", f.Earlier}} {
		if !(x.share >= 0 && x.share <= 1) {
			return fmt.Errorf("%s is %v; accepted: a share, 0 to 1", x.name, x.share)
		}
	}
	for n, p := range f.Progress {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("progress from line %d to %d is %v; accepted: a share, 0 to 1", n+1, n+2, p)
		}
	}
	return nil
}

// Count follows new cases down the funnel.
func (f Funnel) Count(incident float64) FunnelCount {
	c := FunnelCount{Incident: incident, FirstLine: incident * f.FirstLine}
	c.AtLine = c.FirstLine
	for _, p := range f.Progress {
		c.AtLine *= p
	}
	c.Label = c.AtLine * f.Covered
	c.Fit = c.Label * f.Fit
	c.Eligible = c.Fit * (1 - f.Earlier)
	return c
}
