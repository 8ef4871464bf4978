package api

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"careshed/geo"
)

// instants is an instant or an interval of a request; its ends are part of it. A
// day is all of it. The zero value is all time.
type instants struct {
	text     string
	from, to time.Time // zero: open
}

func (*instants) schema() schema { return schema{"type": "string"} }

func (in *instants) read(text string) (accepted string, err error) {
	accepted = "an RFC 3339 time, or two with / between, .. for an open end"
	ends := strings.Split(text, "/")
	if len(ends) > 2 {
		return accepted, errors.New("datetime has more than two ends")
	}
	in.text = text
	for k, e := range ends {
		if len(ends) == 2 && (e == ".." || e == "") {
			continue
		}
		from, to, ok := stretch(e)
		if !ok {
			return accepted, fmt.Errorf("datetime holds %q, which is not a time", shorten(e))
		}
		if k == 0 {
			in.from = from
		}
		if k == len(ends)-1 {
			in.to = to
		}
	}
	if !in.from.IsZero() && !in.to.IsZero() && in.to.Before(in.from) {
		return accepted, errors.New("datetime ends before it begins")
	}
	return "", nil
}

// stretch reads an instant, or a day as its beginning and end. GDAL writes a day
// with a T behind it, and a time without a zone, which is taken as UTC.
func stretch(text string) (from, to time.Time, ok bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t, true
	}
	if t, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
		return t, t, true
	}
	if t, err := time.Parse(time.DateOnly, strings.TrimSuffix(text, "T")); err == nil {
		return t, t.Add(24*time.Hour - time.Nanosecond), true
	}
	return from, to, false
}

// meets reports whether a value of a column of times lies in the interval.
func (in *instants) meets(text string) bool {
	from, to, ok := stretch(text)
	return ok && (in.to.IsZero() || !from.After(in.to)) && (in.from.IsZero() || !to.Before(in.from))
}

// timeFormat is date for a column of texts each of which is one, date-time where
// some or all are instants (RFC 3339), "" for others.
func timeFormat(c geo.Column) string {
	if c.Type != geo.Text {
		return ""
	}
	codes, words := c.Codes()
	used := make([]bool, len(words))
	for _, k := range codes {
		if k >= 0 {
			used[k] = true
		}
	}
	format := ""
	for k, word := range words {
		if !used[k] {
			continue
		}
		if _, err := time.Parse(time.DateOnly, word); err == nil {
			format = cmp.Or(format, "date")
		} else if _, err := time.Parse(time.RFC3339, word); err == nil {
			format = "date-time"
		} else {
			return ""
		}
	}
	return format
}

// when is the column that datetime is about, "" for none: one called datetime, or
// the first whose values are all dates or instants. The schema calls this one
// alone a date or a time, and only where each feature has one: GDAL sends datetime
// for every column that is, without saying which, and takes what comes for the answer.
func (o *opened) when() string {
	o.whenOnce.Do(func() {
		for _, c := range o.layer.Columns() {
			if timeFormat(c) != "" && (o.whenName == "" || c.Name == "datetime") {
				o.whenName = c.Name
			}
		}
	})
	return o.whenName
}

// during marks the rows of a collection that meet an interval, those without a time
// among them (OGC 17-069r4, /req/core/fc-time-response, C); nil: all do.
func (in *instants) during(o *opened) func(row int) bool {
	name := o.when()
	if in.text == "" || name == "" {
		return nil
	}
	c, _ := o.layer.Column(name)
	codes, words := c.Codes()
	meets := make([]bool, len(words))
	for k, w := range words {
		meets[k] = in.meets(w)
	}
	return func(row int) bool { return codes[row] < 0 || meets[codes[row]] }
}
