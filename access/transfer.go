package access

// Side is where the center that somebody goes to lies.
type Side int

// The sides there are. Whose region is not known, or whose center's, is on neither.
const (
	OwnRegion Side = iota
	AnotherRegion
	NoCenterReached
	RegionUnknown
)

// Sides are all of them, in the order in which results tell them.
func Sides() []Side { return []Side{OwnRegion, AnotherRegion, NoCenterReached, RegionUnknown} }

func (s Side) String() string {
	return [...]string{"own region", "another region", "no center reached", "region not known"}[s]
}

// Aside is the side of somebody whose home and whose center are in regions, by their
// numbers; below 0 is none. A center of which it is known that it lies in none of the
// regions is in another.
func Aside(home, center int, outside bool) Side {
	switch {
	case home >= 0 && home == center:
		return OwnRegion
	case home >= 0 && (center >= 0 || outside):
		return AnotherRegion
	}
	return RegionUnknown
}

// DaysBySide are the days of a stage for who goes to the own region and for who goes to
// another and takes some more, so that the mean over both, of whom a share goes to
// another, is the one given. Those of the own region are below 0 where so many more
// cannot be.
func DaysBySide(mean, more, share float64) (own, another float64) {
	return mean - share*more, mean + (1-share)*more
}
