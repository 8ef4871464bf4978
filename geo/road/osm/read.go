package osm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"careshed/geo/road"

	"go.yaml.in/yaml/v4"
)

// maxProfile is how long the text of a profile may be.
const maxProfile = 1 << 20

// ReadProfile reads a profile as WriteTo writes it, in YAML or JSON. Whatever it
// does not say is that of Car, a table as a whole; what it says and nobody knows is
// an error.
func ReadProfile(r io.Reader) (*Profile, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxProfile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxProfile {
		return nil, fmt.Errorf("a profile of more than %d bytes", maxProfile)
	}
	var any map[string]any
	if err := yaml.Unmarshal(text, &any); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	for _, own := range []string{"name", "version"} {
		if any[own] == nil {
			return nil, fmt.Errorf("profile: no %s; accepted: a name and a version of its own, by which results are told apart", own)
		}
	}
	plain, err := json.Marshal(any)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	var given Profile
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if err := d.Decode(&given); err != nil {
		return nil, fmt.Errorf("profile: %w", readable(err))
	}
	p := Car()
	from, to := reflect.ValueOf(&given).Elem(), reflect.ValueOf(p).Elem()
	for i := range from.NumField() {
		name, _, _ := strings.Cut(from.Type().Field(i).Tag.Get("json"), ",")
		if _, is := any[name]; is {
			to.Field(i).Set(from.Field(i))
		}
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("profile %s: %w", p.Name, err)
	}
	return p, nil
}

// readable is an error of JSON in the words of the file.
func readable(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("%s: found a %s", kind.Field, kind.Value)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// WriteTo writes the profile as YAML, every number of it.
func (p *Profile) WriteTo(w io.Writer) (int64, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	var node yaml.Node // JSON is YAML, and keeps its order
	if err := yaml.Unmarshal(text, &node); err != nil {
		return 0, err
	}
	loosen(&node, 0)
	out, err := yaml.Marshal(&node)
	if err != nil {
		return 0, err
	}
	n, err := w.Write(out)
	return int64(n), err
}

// loosen writes the upper levels on lines of their own and each row on one.
func loosen(n *yaml.Node, depth int) {
	if depth < 3 {
		n.Style = 0
	}
	for _, c := range n.Content {
		loosen(c, depth+1)
	}
}

// useWords are the words of Use in a file.
var useWords = []string{Open: "open", Behind: "last mile", Closed: "closed"}

// MarshalText is the word for a use.
func (u Use) MarshalText() ([]byte, error) { return []byte(useWords[u]), nil }

// UnmarshalText reads the word for a use.
func (u *Use) UnmarshalText(text []byte) error {
	i := slices.Index(useWords, string(text))
	if i < 0 {
		return fmt.Errorf("use %q; accepted: %s", text, strings.Join(useWords, ", "))
	}
	*u = Use(i)
	return nil
}

// check finds what no profile can mean.
func (p *Profile) check() error {
	const mostKinds = 200
	switch n := len(p.Kinds); {
	case n == 0:
		return errors.New("kinds: none")
	case n > mostKinds:
		return fmt.Errorf("kinds: %d of them; accepted: up to %d", n, mostKinds)
	}
	if p.Version < 1 || p.Name == "" || len(p.Name) > 60 || strings.ContainsFunc(p.Name, func(c rune) bool { return c <= ' ' }) {
		return fmt.Errorf("name %q, version %d; accepted: a word and a number from 1", p.Name, p.Version)
	}
	if _, err := time.Parse(whenLayout, p.When); p.When != "" && err != nil {
		return fmt.Errorf("when: %q; accepted: 2026-05-12T08:00", p.When)
	}
	speed := func(what string, v, least float64) error {
		if !(v >= least && v <= 300) {
			return fmt.Errorf("%s: %v km/h; accepted: %v to 300", what, v, least)
		}
		return nil
	}
	seconds := func(what string, v float64) error {
		if !(v >= 0 && v <= 3600) {
			return fmt.Errorf("%s: %v s; accepted: 0 to 3600", what, v)
		}
		return nil
	}
	var errs []error
	names := map[string]bool{}
	for _, k := range append(slices.Clone(p.Kinds), p.Ferry, p.Shuttle) {
		errs = append(errs, speed("speed of "+k.Name, k.Speed, 0.1))
		if k.Name == "" || strings.ContainsAny(k.Name, "\n\r") {
			errs = append(errs, fmt.Errorf("kind %q; accepted: a value of highway=", k.Name))
		}
		if names[k.Name] {
			errs = append(errs, fmt.Errorf("kind %s twice", k.Name))
		}
		names[k.Name] = true
	}
	for what, caps := range map[string][]Cap{"surfaces": p.Surfaces, "tracktypes": p.Tracks, "smoothness": p.Smooth, "services": p.Services} {
		for _, c := range caps {
			errs = append(errs, speed(what+": "+c.Value, c.Speed, 0))
		}
	}
	for country, words := range p.Countries {
		for word, v := range words {
			errs = append(errs, speed("countries: "+country+":"+word, v, 0.1))
		}
	}
	errs = append(errs, speed("unposted_kmh", p.Unposted, 0.1), speed("walk_kmh", p.Walk, 0.1), speed("slowest_kmh", p.Slowest, 0.1), speed("fastest_kmh", p.Fastest, p.Slowest))
	if !(p.Signed > 0 && p.Signed <= 2) {
		errs = append(errs, fmt.Errorf("signed: %v; accepted: above 0, to 2", p.Signed))
	}
	for _, b := range p.Barriers {
		errs = append(errs, seconds("barriers: "+b.Value, b.Seconds))
	}
	for what, v := range map[string]float64{"yield_s": p.Yield, "cross_s": p.Cross, "pass_s": p.Pass, "signals_s": p.Signals, "stop_s": p.Stop, "give_way_s": p.GiveWay, "turns: back_s": p.Turns.Back} {
		errs = append(errs, seconds(what, v))
	}
	if !(p.Turns.Straight >= 0 && p.Turns.Straight <= 90) {
		errs = append(errs, fmt.Errorf("turns: straight_deg: %v; accepted: 0 to 90", p.Turns.Straight))
	}
	last := road.TurnStep{UpTo: -1}
	for _, s := range p.Turns.Steps {
		errs = append(errs, seconds("turns: steps", s.Seconds))
		if !(s.UpTo > last.UpTo && s.UpTo <= 180) {
			errs = append(errs, fmt.Errorf("turns: steps: up to %v after %v; accepted: rising, to 180", s.UpTo, last.UpTo))
		}
		last = s
	}
	slices.SortStableFunc(errs, func(a, b error) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return errors.Join(errs...)
}
