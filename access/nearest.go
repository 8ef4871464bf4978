package access

import "math"

// Band is the people within some minutes of a site. Share is of all people,
// those without a time included.
type Band struct {
	Minutes       float64
	People, Share float64
}

// Bands counts, for each limit, the weight within it (a time exactly at the
// limit is within). minutes is NaN for people without a time; they are within
// no band.
func Bands(minutes, weight []float64, limits []float64) []Band {
	out := make([]Band, len(limits))
	var total float64
	for k, l := range limits {
		out[k].Minutes = l
	}
	for i, w := range weight {
		total += w
		if math.IsNaN(minutes[i]) {
			continue
		}
		for k := range out {
			if minutes[i] <= limits[k] {
				out[k].People += w
			}
		}
	}
	for k := range out {
		out[k].Share = out[k].People / total
	}
	return out
}
