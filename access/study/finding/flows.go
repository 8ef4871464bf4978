package finding

// FlowsSummary is where people were seen to go.
type FlowsSummary struct {
	People    Num        `json:"people"`
	Origins   int        `json:"origins"`
	Withheld  int        `json:"withheld_pairs"`
	Outside   Num        `json:"people_without_time"`
	Elsewhere Num        `json:"people_elsewhere"`
	Ranks     []Num      `json:"share_at_rank" none:"nobody was seen between an origin and a site that it has a time to"` // the nearest first
	TimeMin   Stats      `json:"time_min" none:"nobody was seen between an origin and a site that it has a time to"`
	ExtraMin  Stats      `json:"extra_min" none:"nobody was seen between an origin and a site that it has a time to"` // more than to the nearest
	Bands     []FlowBand `json:"bands"`
}

// FlowBand is the share of those seen within some minutes: where they went, if all
// went to the nearest, and under the choice that was fitted.
type FlowBand struct {
	Minutes Num `json:"minutes"`
	Seen    Num `json:"share" none:"nobody was seen"`
	Nearest Num `json:"share_if_nearest" none:"nobody was seen"`
	Chosen  Num `json:"share_by_choice" none:"not asked: no choice was fitted, or it has no estimate"`
}

// ChoiceSummary is a conditional logit fitted to flows.
type ChoiceSummary struct {
	Terms     []TermSummary `json:"terms"`
	LogLike   Num           `json:"log_likelihood"`
	Null      Num           `json:"log_likelihood_if_all_alike"`
	McFadden  Num           `json:"mcfadden"`
	Adjusted  Num           `json:"mcfadden_adjusted"`
	People    Num           `json:"people"`
	Origins   int           `json:"origins"`
	Interval  string        `json:"interval"`             // robust, by origin; or independent, with too few origins
	Elsewhere Num           `json:"share_sent_elsewhere"` // whom the model sends along another pair
	HeldOut   *HeldOut      `json:"held_out,omitempty"`
	Missed    []MissedSite  `json:"missed_most"`
	Fragment  string        `json:"in_a_study,omitempty"`
	Why       string        `json:"why_no_value,omitempty"`
}

// TermSummary is a coefficient with its errors.
type TermSummary struct {
	Name   string `json:"name"`
	Value  Num    `json:"coefficient"`
	Error  Num    `json:"standard_error"`
	Robust Num    `json:"robust_error" none:"not given: too few origins for errors by origin"`
	Low    Num    `json:"low_2_5"`
	High   Num    `json:"high_97_5"`
}

// HeldOut is how well the model foretells sites that it did not see.
type HeldOut struct {
	Folds   int `json:"folds"`
	None    int `json:"folds_without_estimate"`
	LogLike Num `json:"log_likelihood"`
	Null    Num `json:"log_likelihood_if_all_alike"`
}

// MissedSite is a site with those seen and those expected.
type MissedSite struct {
	ID       string `json:"id"`
	Observed Num    `json:"observed"`
	Expected Num    `json:"expected"`
}

// ByChoiceSummary is what follows where people choose in place of going to the nearest
// center: expected over the choices.
type ByChoiceSummary struct {
	People      Num            `json:"people"`
	WithoutTime Num            `json:"people_without_time"`
	Nearest     Num            `json:"share_at_nearest" none:"nobody has a way to a center"`
	TimeMin     Stats          `json:"time_min" none:"nobody has a way to a center"`
	ExtraMin    Stats          `json:"extra_min" none:"nobody has a way to a center"`
	Bands       []Band         `json:"bands"`
	Curves      []PenaltyCurve `json:"beyond_four_hours,omitempty"`
	Full        *int           `json:"centers_over_capacity,omitempty"`
}
