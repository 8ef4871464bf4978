package ground

import (
	"encoding/json"
	"math"
	"slices"

	"careshed/geo"
)

// Num is a number of a result; NaN, "no value", is null in JSON.
type Num float64

// MarshalJSON writes null for NaN and infinities.
func (n Num) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	if n == 0 {
		return []byte("0"), nil // and not -0
	}
	return geo.AppendNumber(nil, float64(n)), nil
}

// SiteCount counts centers: those that infuse, by campus and by row.
type SiteCount struct {
	Campuses int `json:"campuses"`
	Rows     int `json:"rows"`
	Other    int `json:"not_infusing"`
}

// UnmarshalJSON reads null as "no value".
func (n *Num) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Num(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

// Some are the first of many names.
func Some(names []string, most int) string {
	text := ""
	for k, n := range names {
		if k == most {
			return text + ", …"
		}
		if k > 0 {
			text += ", "
		}
		text += n
	}
	return text
}

func Bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func Ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }
