package access

import "strings"

// Gap says what the list of centers tells of a region without one.
type Gap string

const (
	HasCenter  Gap = "has a center"
	NoCenter   Gap = "none"            // the list says that there is none: a gap
	Doubtful   Gap = "doubtful"        // none found, and a start is not ruled out
	Stated     Gap = "stated"          // a source says that there is one and names no hospital
	Incomplete Gap = "incomplete"      // the list is known to be incomplete there
	Unknown    Gap = "not in the list" // nothing says how complete the list is
)

// Unsure reports whether the region may have a center that the list lacks.
func (g Gap) Unsure() bool {
	return g == Doubtful || g == Stated || g == Incomplete || g == Unknown
}

// gapWords are the words of lists for each status.
var gapWords = map[string]Gap{
	"none": NoCenter, "high": NoCenter, "medium-high": NoCenter, "medium": NoCenter,
	"doubtful": Doubtful, "low": Doubtful,
	"stated": Stated, "not a gap": Stated, "not a gap (presumed)": Stated,
	"incomplete": Incomplete, "not trustworthy": Incomplete, "not in the list": Unknown,
}

// GapOf is the status of a region with so many centers, given what a list says
// of its absence ("" for nothing). complete is the user's word that the list of
// sites is complete. ok is false for a word that is not known.
func GapOf(centers int, listed string, complete bool) (g Gap, ok bool) {
	if centers > 0 {
		return HasCenter, true
	}
	if listed == "" {
		if complete {
			return NoCenter, true
		}
		return Unknown, true
	}
	g, ok = gapWords[strings.ToLower(strings.TrimSpace(listed))]
	return g, ok
}

// GapWords lists the words that GapOf accepts.
func GapWords() []string {
	return []string{"none", "high", "medium-high", "medium", "doubtful", "low", "stated", "not a gap", "not a gap (presumed)", "incomplete", "not trustworthy"}
}
