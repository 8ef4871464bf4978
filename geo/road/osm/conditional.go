package osm

import (
	"strconv"
	"strings"
	"time"
)

// now is the value of a conditional restriction (OpenStreetMap wiki, Conditional
// restrictions) at the time of the profile: of its clauses VALUE @ (CONDITION) the
// last that holds; "" where none does, or the profile has no time. A condition
// that is not of the clock or the calendar (a weight, a permit, snow) holds never:
// it is not for a car of its own.
func (r *rules) now(text string) (value string) {
	if text == "" || r.at.IsZero() {
		return ""
	}
	for _, clause := range clauses(text) {
		v, condition, ok := strings.Cut(clause, "@")
		if !ok {
			continue
		}
		condition = strings.TrimSpace(condition)
		if c, ok := strings.CutPrefix(condition, "("); ok {
			condition = strings.TrimSuffix(c, ")")
		}
		if holds(condition, r.at) {
			value = strings.TrimSpace(v)
		}
	}
	return value
}

// clauses are the parts between semicolons that stand outside parentheses.
func clauses(text string) (out []string) {
	depth, start := 0, 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ';' && depth <= 0:
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(out, text[start:])
}

// holds says whether a condition holds: all of its parts that AND joins, and of
// each any of those between semicolons.
func holds(condition string, at time.Time) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(condition, " and ", " AND "), " AND ") {
		any := false
		for rule := range strings.SplitSeq(part, ";") {
			any = any || during(rule, at)
		}
		if !any {
			return false
		}
	}
	return true
}

var (
	weekdays = map[string]int{"su": 0, "mo": 1, "tu": 2, "we": 3, "th": 4, "fr": 5, "sa": 6}
	months   = map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}
)

// during says whether a time lies within a rule of opening hours: months, dates,
// days of the week and hours, of each kind any. An hour past midnight is of the day
// before. A rule with a word that is not understood (PH, sunset, week) holds never.
func during(rule string, at time.Time) bool {
	spans, ok := parseRule(rule)
	if !ok {
		return false
	}
	if spans.within(at, at.Hour()*60+at.Minute()) {
		return true
	}
	return spans.within(at.AddDate(0, 0, -1), at.Hour()*60+at.Minute()+24*60)
}

// span is from one number to another, around the end if the second is less.
type span struct{ from, to int }

func (s span) has(v int) bool {
	if s.from <= s.to {
		return v >= s.from && v <= s.to
	}
	return v >= s.from || v <= s.to
}

// openHours are the spans of a rule, none of a kind where it says nothing: of dates,
// as month × 100 + day; of days of the week; of minutes, up to 48 hours.
type openHours struct{ dates, days, minutes []span }

// within says whether a minute of a day, or of the night after it, is in the spans.
func (o *openHours) within(day time.Time, minute int) bool {
	in := func(spans []span, v int) bool {
		for _, s := range spans {
			if s.has(v) {
				return true
			}
		}
		return len(spans) == 0
	}
	if len(o.minutes) == 0 && minute >= 24*60 {
		return false
	}
	clock := len(o.minutes) == 0
	for _, s := range o.minutes {
		clock = clock || minute >= s.from && minute < s.to
	}
	return clock && in(o.dates, int(day.Month())*100+day.Day()) && in(o.days, int(day.Weekday()))
}

func parseRule(rule string) (o openHours, ok bool) {
	rule = strings.ToLower(strings.TrimSpace(rule))
	if rule == "24/7" {
		return o, true
	}
	words := strings.Fields(strings.ReplaceAll(rule, ", ", ","))
	for i := 0; i < len(words); i++ {
		word := words[i]
		// A date is two words: nov 01, or three with a span: nov 01-mar 31.
		if _, month := months[word]; month && i+1 < len(words) && words[i+1][0] >= '0' && words[i+1][0] <= '9' && !strings.Contains(words[i+1], ":") {
			word += " " + words[i+1]
			if i++; strings.Contains(words[i], "-") && i+1 < len(words) && !strings.HasSuffix(words[i], "-") {
				if _, to, _ := strings.Cut(words[i], "-"); months[to] > 0 {
					word += " " + words[i+1]
					i++
				}
			}
		}
		for part := range strings.SplitSeq(strings.TrimSuffix(word, ":"), ",") {
			if part != "" && !o.add(part) {
				return o, false
			}
		}
	}
	return o, len(o.dates)+len(o.days)+len(o.minutes) > 0
}

// add takes one span: mo, mo-fr, apr-oct, nov 01, nov 01-mar 31, 07:00-09:30.
func (o *openHours) add(text string) bool {
	from, to, ranged := strings.Cut(text, "-")
	if !ranged {
		to = from
	}
	a, isDay := weekdays[from]
	b, isDay2 := weekdays[to]
	if isDay && isDay2 {
		o.days = append(o.days, span{a, b})
		return true
	}
	d1, ok := date(from, 0, 1)
	d2, ok2 := date(to, d1/100, 31)
	if ok && ok2 {
		o.dates = append(o.dates, span{d1, d2})
		return true
	}
	m1, ok := minutes(from)
	m2, ok2 := minutes(to)
	if !ok || !ok2 || !ranged {
		return false
	}
	if m2 <= m1 {
		m2 += 24 * 60
	}
	o.minutes = append(o.minutes, span{m1, m2})
	return true
}

// date reads a month, or a month and a day; a day alone is of the month given.
func date(text string, month, day int) (int, bool) {
	name, rest, some := strings.Cut(text, " ")
	if m, ok := months[name]; ok {
		month = m
	} else if month == 0 || some {
		return 0, false
	} else {
		rest, some = name, true
	}
	if some {
		d, err := strconv.Atoi(rest)
		if err != nil || d < 1 || d > 31 {
			return 0, false
		}
		day = d
	}
	return month*100 + day, true
}

func minutes(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	hour, err := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	if !ok || err != nil || err2 != nil || hour < 0 || hour > 48 || minute < 0 || minute > 59 {
		return 0, false
	}
	return hour*60 + minute, true
}
