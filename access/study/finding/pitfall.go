package finding

import (
	"context"

	"careshed/access/study/ground"
)

// Pitfall is a way in which a right number misleads; docs/pitfalls.md has them by
// number. Its check says what to mind in this study and whom it concerns; nil where
// the study does not run into it.
type Pitfall struct {
	Number int
	Key    string
	Check  func(context.Context) (*Note, error)
}

// Misleading has pitfalls.
type Misleading interface{ Pitfalls() []Pitfall }

// Mind is what a pitfall says of so many people.
func Mind(key string, people float64, args ...any) (*Note, error) {
	n := ground.NewNote("pitfall."+key, ground.Named(append(args, "people", people)))
	return &n, nil
}
