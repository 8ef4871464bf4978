package finding

// ScenarioSummary is what a scenario changes.
type ScenarioSummary struct {
	Name          string          `json:"name"`
	Changes       []string        `json:"changes"`
	ComparedWith  string          `json:"compared_with"`
	PeopleNearer  Num             `json:"people_nearer"`
	PeopleFarther Num             `json:"people_farther"`
	NewlyTimed    Num             `json:"people_newly_with_a_time"`
	NoLonger      Num             `json:"people_no_longer_with_a_time"` // among those who travel more
	MeanTimeMin   Num             `json:"mean_time_min" none:"nobody has a way to a center"`
	MeanChange    Num             `json:"mean_time_change_min" none:"nobody has a way to a center both before and after"` // of those who have both
	Treated       []Gain          `json:"treated,omitempty"`
	Measures      []MeasureChange `json:"measures,omitempty"` // those that follow from the ways alone
}

// MeasureChange is the mean of a measure in a scenario.
type MeasureChange struct {
	Column string `json:"column"`
	Mean   Num    `json:"mean" none:"nobody has a value"`
	Change Num    `json:"change" none:"nobody has a value"`
}

// Gain is a change in expected treatments under an assumption beyond four hours.
type Gain struct {
	Beyond  string `json:"assumption"`
	Treated Num    `json:"treated" none:"nobody eligible has a way to a center"`
	Change  Num    `json:"change" none:"nobody eligible has a way to a center"`
	Outside Num    `json:"change_share_from_beyond_4_h" none:"nobody gains anything"`
	Newly   Num    `json:"treated_of_people_newly_with_a_time" none:"nobody eligible has a way to a center"`
}

// SitingSummary is the plan.
type SitingSummary struct {
	Goal        string       `json:"goal"`
	Asked       int          `json:"asked"`
	Opened      int          `json:"opened"`
	Why         string       `json:"why_fewer,omitempty"`
	Candidates  int          `json:"candidates"`
	Allowed     int          `json:"candidates_within_the_rules"`
	Method      string       `json:"method"`
	Gain        Num          `json:"gain" none:"not asked: the goal has a value of its own"`
	Far         Num          `json:"gain_share_from_beyond_4_h" none:"nothing is gained"`
	Bound       Num          `json:"best_possible" none:"no bound is known"` // no plan gains more; of worst_time and all_covered: none needs less
	Gap         Num          `json:"gap" none:"no bound is known"`
	Proven      bool         `json:"proven"`
	Stopped     string       `json:"stopped,omitempty"`
	Value       Num          `json:"value" none:"not asked: the goal is a gain"` // of worst_time, all_covered and from nothing
	Unit        string       `json:"unit"`
	GainUnit    string       `json:"gain_unit"` // of what candidates gain by themselves
	Under       []GainUnder  `json:"gain_under,omitempty"`
	Plan        []PlanStep   `json:"plan"`
	Moves       *MoveSummary `json:"moves,omitempty"`
	NoCost      string       `json:"why_no_value,omitempty"`
	Short       []ListShort  `json:"incomplete_lists,omitempty"` // where the list of centers lacks more than a tenth: a plan may be another with them
	LeastRegret string       `json:"least_max_regret,omitempty"` // the rival with the least maximum regret over the draws
}

// ListShort is a country whose list of centers lacks more than a tenth of those that
// somebody published.
type ListShort struct {
	Country   string `json:"country"`
	Listed    int    `json:"listed_centers"`
	Published int    `json:"published_centers"`
}

// MoveSummary is the best plan if centers that are there may close or move.
type MoveSummary struct {
	Allowed int      `json:"may_close"`
	Closes  []string `json:"closes"`
	Opens   []string `json:"opens"`
	Gain    Num      `json:"gain" none:"not asked: the goal has a value of its own"`
	Bound   Num      `json:"best_possible" none:"no bound is known"`
	Proven  bool     `json:"proven"`
}

// GainUnder is the gain of the same plan under another assumption.
type GainUnder struct {
	Assumption string `json:"assumption"`
	Gain       Num    `json:"gain" none:"not asked: the goal has a value of its own"`
}

// PlanStep is one site of the plan, in the order of opening.
type PlanStep struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Gain    Num    `json:"gain" none:"not asked: the goal has a value of its own"`
	Apart   Num    `json:"gain_apart" none:"not asked: there are no centers today"`
	Unsure  string `json:"region_gap,omitempty"`
	Hub     string `json:"hub,omitempty"`
	HubMin  Num    `json:"hub_min" none:"not asked: the plan has no hubs"`
	InDraws Num    `json:"share_of_draws_in_plan" none:"not asked: there are no draws of plans"`
}
