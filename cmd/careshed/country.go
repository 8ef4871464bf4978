package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/words"
	"careshed/geo"
)

// subject is what a command is asked about: a study of the user's own, or a country of
// the atlas, or one of its regions.
type subject struct {
	path    string          // "" for a country
	country *study.Baseline // nil for a study of one's own
	region  string          // the id of a region of the country, or ""
}

// takesCountries is the argument of commands that take a subject, for their help.
const takesCountries = "a country of the atlas or the path of a study"

// subject finds what a word names: a file that is there, a country by code or name, a
// region by id or name, or else a file that is not there.
func (e *env) subject(ctx context.Context, of string) (subject, error) {
	if info, err := os.Stat(of); err == nil && !info.IsDir() {
		return subject{path: of}, nil
	}
	all, err := e.atlas.Countries(ctx)
	if err != nil {
		return subject{}, err
	}
	var known []string
	for _, c := range all {
		switch named := words.CountryCode(of) == c.Code || strings.EqualFold(of, c.Name); {
		case named && c.Listed == 0:
			return subject{}, inputError{fmt.Errorf("no center in %s is listed: there is nothing to measure the way to; a study of your own can count the centers of its neighbours (sites of layer centers, borders: free)", c.Name)}
		case named:
			return subject{country: &study.Baseline{Code: c.Code, Name: c.Name}}, nil
		case c.Listed > 0:
			known = append(known, c.Name)
		}
	}
	found, names, err := e.region(ctx, of)
	if err != nil || found.country != nil {
		return found, err
	}
	if filepath.Ext(of) != "" || strings.ContainsRune(of, filepath.Separator) {
		return subject{path: of}, nil
	}
	near := ""
	if n := geo.Like(of, append(known, names...)); n != "" {
		near = fmt.Sprintf("; did you mean %s?", n)
	}
	return subject{}, usageError{fmt.Errorf("%q is no country and no region of the atlas and no file%s; accepted: %s, their codes, their regions, or the path of a study",
		of, near, strings.Join(known, ", "))}
}

// region finds a region of the atlas by id or name, and gives the names of all.
func (e *env) region(ctx context.Context, of string) (found subject, names []string, err error) {
	l, err := e.atlas.Layer(ctx, "regions")
	if err != nil {
		return subject{}, nil, err
	}
	name, err := l.Texts("region_name")
	if err != nil {
		return subject{}, nil, err
	}
	country, err := l.Texts("country")
	if err != nil {
		return subject{}, nil, err
	}
	var ids []string
	for i := range l.Len() {
		if !strings.EqualFold(of, l.ID(i)) && !calls(name[i], of) {
			continue
		}
		ids = append(ids, l.ID(i))
		if len(ids) == 1 {
			s, err := e.subject(ctx, country[i])
			if err != nil {
				return subject{}, nil, err
			}
			found = subject{country: s.country, region: l.ID(i)}
		}
	}
	if len(ids) > 1 {
		return subject{}, nil, usageError{fmt.Errorf("%q is the name of %d regions; accepted: one of their ids, %s", of, len(ids), strings.Join(ids, ", "))}
	}
	return found, name, nil
}

// calls reports whether a region is called so: a name in two languages is both, and each.
func calls(name, of string) bool {
	same := func(n string) bool { return strings.EqualFold(of, n) }
	return same(name) || slices.ContainsFunc(strings.Split(name, "/"), same)
}

// asked is a study that a command carries out.
type asked struct {
	of     string // a country of the atlas, or the path of a study
	config string
	quiet  bool
	more   func(study.Baseline) string // sections that a country's study has beside its baseline; nil: none
	change func(*spec.Spec) error      // what flags change; nil: nothing
}

// spec is the study that is asked for, as it is to be carried out, and the path that
// its files are relative to.
func (e *env) spec(ctx context.Context, a asked) (s spec.Spec, path string, err error) {
	of, err := e.subject(ctx, a.of)
	switch {
	case err != nil:
		return s, "", err
	case of.region != "":
		return s, "", usageError{fmt.Errorf("%s is a region of %s: where its people go depends on the centers around it. careshed report %s makes its fact sheet; careshed run %s has it among the regions of the country",
			a.of, of.country.Name, of.region, of.country.Code)}
	case of.country != nil:
		more := ""
		if a.more != nil {
			more = a.more(*of.country)
		}
		s, err = of.country.Spec(more)
		path = "."
	default:
		s, err = readSpec(of.path)
		path = of.path
	}
	if err == nil && a.change != nil {
		err = a.change(&s)
	}
	return s, path, err
}
