package data

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// A container with bytes changed, cut off or doubled is read or refused in one
// line; it never panics. Fuzzing goes on from here, far slower.
func TestDamagedContainers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tries := 400
	if testing.Short() {
		tries = 60
	}
	layers := trying(t)
	for _, format := range containers {
		for _, name := range []string{"points", "polygons", "table", "texts"} {
			good := written(t, layers[name], format)
			refused := 0
			for range tries / 4 {
				bad := []byte(good)
				for k := random.IntN(12); k >= 0 && len(bad) > 1; k-- {
					at := random.IntN(len(bad))
					switch random.IntN(8) {
					case 0:
						bad = append(bad[:at:at], bad[min(len(bad), at+1+random.IntN(9)):]...)
					case 1:
						bad = bad[:max(1, at)]
					case 2, 3:
						bad[at] = []byte{0, 1, 0x7f, 0x80, 0xff}[random.IntN(5)]
					default:
						bad[at] ^= 1 << random.IntN(8)
					}
				}
				l, err := Read(context.Background(), strings.NewReader(string(bad)), "a", Source{Format: format}, fuzzLimits)
				var e *InputError
				if err != nil && (!errors.As(err, &e) || strings.ContainsAny(err.Error(), "\n\r") || l != nil) {
					t.Errorf("%s: %T %q with %v", format, err, err, l)
				}
				if err != nil {
					refused++
				}
			}
			if refused == 0 {
				t.Errorf("%s %s: nothing was refused", format, name)
			}
		}
	}
}
