package access

import "math"

// Representation is how a group's share of those treated compares with its
// share of the people.
type Representation struct {
	Ratio    float64    // share of recipients over share of people
	Interval [2]float64 // 95 %, from Wilson's interval of the recipients' share; NaN without their number
}

// Represent computes it. Both shares are needed: 7.3 % of recipients is too few
// only if the group is more than 7.3 % of the people. patients is the number of
// recipients in all, 0 if not known.
func Represent(recipients, people, patients float64) Representation {
	low, high := Wilson(recipients, patients)
	return Representation{Ratio: recipients / people, Interval: [2]float64{low / people, high / people}}
}

// Wilson is the 95 % interval of a share found among n (Wilson 1927); NaN if n
// is 0.
func Wilson(share, n float64) (low, high float64) {
	if !(n > 0) {
		return math.NaN(), math.NaN()
	}
	const z = 1.959963984540054
	mid := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return mid - half, mid + half
}
