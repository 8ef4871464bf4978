package osm

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// key is one of the keys that a profile looks at.
type key uint8

const (
	noKey key = iota
	highway
	route
	duration
	maxspeed
	maxspeedAhead
	maxspeedBack
	surface
	smoothness
	tracktype
	service
	junction
	area
	barrier
	bollard
	direction
	signalDirection
	maxspeedAt
	maxspeedType
	maxspeedZone
	maxspeedSource
	relationType
	restriction
	restrictionCar
	restrictionMotor
	restrictionAt
	except
	// Those of access, by mode and form, and of one-way traffic: see access.go.
	firstAccess
	firstOneway = firstAccess + key(len(modes)*forms)
	keys        = firstOneway + 2*key(len(onewayFor))
)

// tags are the values of the keys that we know; empty where there are none.
type tags [keys]string

var keyOf = keysOf(map[string]key{
	"highway": highway, "route": route, "duration": duration,
	"maxspeed": maxspeed, "maxspeed:forward": maxspeedAhead, "maxspeed:backward": maxspeedBack,
	"surface": surface, "smoothness": smoothness, "tracktype": tracktype, "service": service,
	"junction": junction, "area": area, "barrier": barrier, "bollard": bollard,
	"direction": direction, "traffic_signals:direction": signalDirection, "maxspeed:conditional": maxspeedAt,
	"maxspeed:type": maxspeedType, "zone:maxspeed": maxspeedZone, "source:maxspeed": maxspeedSource,
	"type": relationType, "restriction": restriction, "restriction:motorcar": restrictionCar, "restriction:motor_vehicle": restrictionMotor,
	"restriction:conditional": restrictionAt, "except": except,
})

// keysOf adds the keys of access and of one-way traffic.
func keysOf(m map[string]key) map[string]key {
	for i, mode := range modes {
		for form, suffix := range suffixes {
			m[mode+suffix] = accessKey(i, form)
		}
	}
	for i, name := range onewayFor {
		m[name], m[name+":conditional"] = onewayKey(i, false), onewayKey(i, true)
	}
	return m
}

// roadway is what a profile makes of the tags of a way.
type roadway struct {
	ahead, back uint16 // tenths of km/h; 0: one may not
	seconds     uint32 // the whole way takes so long, in the place of the speeds; 0: not given
	rank        uint8
	class       uint8 // its kind, in the order of Profile.classes
	local       bool
	track       bool // local because it is hardly a road, not because of a right
	through     bool
	twin        bool // the same way as the road before, in the other direction
}

// rules is a profile made ready for lookups.
type rules struct {
	*Profile
	at       time.Time // of conditions; zero: none
	kinds    map[string]Kind
	classes  map[string]uint8
	surfaces map[string]float64
	tracks   map[string]float64
	services map[string]float64
	smooth   map[string]float64
	rights   map[string]Use
	barriers map[string]Barrier
}

func newRules(p *Profile) *rules {
	r := &rules{
		Profile: p, at: p.at(), kinds: map[string]Kind{}, surfaces: caps(p.Surfaces), tracks: caps(p.Tracks), services: caps(p.Services), smooth: caps(p.Smooth),
		rights: map[string]Use{}, barriers: map[string]Barrier{}, classes: map[string]uint8{},
	}
	for i, name := range p.classes() {
		r.classes[name] = uint8(i)
	}
	for _, k := range p.Kinds {
		r.kinds[k.Name] = k
	}
	for _, v := range p.Rights {
		r.rights[v.Value] = v.Use
	}
	for _, b := range p.Barriers {
		r.barriers[b.Value] = b
	}
	return r
}

func caps(list []Cap) map[string]float64 {
	m := map[string]float64{}
	for _, c := range list {
		m[c.Value] = c.Speed
	}
	return m
}

// way is what the tags make of a way: nothing where no car may drive, mostly one
// road, and two of one direction where one of them is for the last mile.
func (r *rules) way(t *tags) (roads [2]roadway, n int) {
	road, ahead, back, ok := r.roadOf(t)
	if !ok {
		return roads, 0
	}
	lastMile := func(u Use, one roadway) roadway {
		one.local = one.local || u == Behind
		return one
	}
	if road.ahead == 0 {
		ahead = back
	}
	if road.back == 0 {
		back = ahead
	}
	if lastMile(ahead, road) == lastMile(back, road) {
		roads[0] = lastMile(ahead, road)
		return roads, 1
	}
	roads[0], roads[1] = lastMile(ahead, road), lastMile(back, road)
	roads[0].back, roads[1].ahead = 0, 0
	roads[1].twin = true
	return roads, 2
}

// roadOf is what the tags make of a way, and who may drive it ahead and back.
func (r *rules) roadOf(t *tags) (road roadway, ahead, back Use, ok bool) {
	kind, known := r.kinds[t[highway]]
	if !known {
		switch {
		case t[highway] != "":
			return road, 0, 0, false
		case t[route] == "ferry":
			kind = r.Ferry
		case t[route] == "shuttle_train":
			kind = r.Shuttle
		default:
			return road, 0, 0, false
		}
	}
	if t[area] == "yes" {
		return road, 0, 0, false
	}
	ahead, back, stated := r.uses(t)
	onBoard := t[highway] == ""
	if onBoard && !stated && t[duration] == "" && t[route] == "ferry" {
		// Few ferries say that they carry cars; those that do not say it and
		// do not say how long they take are mostly for people on foot.
		return road, 0, 0, false
	}
	road.rank, road.through, road.class = kind.Rank, kind.Through, r.classes[kind.Name]
	open := stated && (ahead == Open || back == Open)
	road.track = kind.Local && !open && t[tracktype] != "grade1"
	road.local = road.track
	limit := r.Fastest
	if c, ok := r.services[t[service]]; ok && t[highway] == "service" {
		if c == 0 {
			return road, 0, 0, false
		}
		road.local = true
		limit = min(limit, c)
	}
	if c, ok := slowest(r.surfaces, t[surface]); ok {
		limit = min(limit, c)
	} else if c, ok := slowest(r.tracks, t[tracktype]); ok {
		limit = min(limit, c)
	}
	if c, ok := slowest(r.smooth, t[smoothness]); ok {
		if c == 0 {
			return road, 0, 0, false
		}
		limit = min(limit, c)
	}
	there, here := kind.Speed, kind.Speed
	if !onBoard {
		there, here = r.speeds(t, kind.Speed)
	} else if d, ok := parseDuration(t[duration]); ok {
		road.seconds = d
	}
	forward, backward := r.directions(t, kind.Oneway)
	if forward && ahead != Closed {
		road.ahead = r.tenths(min(there, limit))
	}
	if backward && back != Closed {
		road.back = r.tenths(min(here, limit))
	}
	return road, ahead, back, road.ahead+road.back > 0
}

// slowest is the lowest of the limits that values parted by ; have: a road is as good as
// its worst stretch. ok is false where none is listed.
func slowest(caps map[string]float64, text string) (limit float64, ok bool) {
	for v := range strings.SplitSeq(text, ";") {
		if c, known := caps[strings.TrimSpace(v)]; known && (!ok || c < limit) {
			limit, ok = c, true
		}
	}
	return limit, ok
}

// speeds are those driven ahead and back where nothing but the posted limits counts.
func (r *rules) speeds(t *tags, kind float64) (ahead, back float64) {
	free := limitless[t[highway]]
	text := t[maxspeed]
	if text == "" { // the law that sets the limit, where its number is not written
		text = cmp.Or(codeIn(t[maxspeedType]), codeIn(t[maxspeedZone]), codeIn(t[maxspeedSource]))
	}
	both := r.posted(text, kind, free)
	if now := r.now(t[maxspeedAt]); now != "" {
		both = r.posted(now, both, free)
	}
	return r.posted(t[maxspeedAhead], both, free), r.posted(t[maxspeedBack], both, free)
}

// codeIn is a value that names the law of a country or a part of it, such as DE:rural or
// BE-VLG:rural, "" for any other (sign, a survey, an address).
func codeIn(text string) string {
	country, _, ok := strings.Cut(text, ":")
	if country, _, _ = strings.Cut(country, "-"); ok && len(country) == 2 {
		return text
	}
	return ""
}

func (r *rules) tenths(speed float64) uint16 {
	return uint16(max(r.Slowest, min(speed, r.Fastest))*10 + 0.5)
}

// limitless are the kinds of road that may be without a limit. On others
// maxspeed=none is a slip of those who mean that none is posted.
var limitless = map[string]bool{"motorway": true, "motorway_link": true, "trunk": true, "trunk_link": true}

// posted is the speed driven under a posted limit, or otherwise the speed given;
// free says that the road may be without a limit.
func (r *rules) posted(text string, otherwise float64, free bool) float64 {
	if text == "" {
		return otherwise
	}
	best := 0.0
	// Several limits (by lane, or by day) come apart by ; or |: the highest.
	for _, one := range strings.FieldsFunc(text, func(c rune) bool { return c == ';' || c == '|' }) {
		if v, ok := r.limit(strings.TrimSpace(one), free); ok {
			best = max(best, v)
		}
	}
	if best == 0 {
		return otherwise
	}
	return best
}

// limit is the speed driven under one posted limit. Limits that change by signs
// (signals, variable) say nothing: the speed is that of the kind of road.
func (r *rules) limit(text string, free bool) (float64, bool) {
	word := text
	if _, of, ok := strings.Cut(text, ":"); ok {
		word = of // DE:none, DE:walk
	}
	switch word {
	case "none", "unlimited", "no":
		return r.Unposted * r.Signed, free
	case "walk", "walking":
		return r.Walk, true
	}
	if country, word, ok := strings.Cut(text, ":"); ok {
		return r.code(country, word)
	}
	n := 0
	for n < len(text) && (text[n] >= '0' && text[n] <= '9' || text[n] == '.') {
		n++
	}
	v, err := strconv.ParseFloat(text[:n], 64)
	if err != nil || !(v > 0 && v <= 400) {
		return 0, false
	}
	switch strings.ToLower(strings.TrimSpace(text[n:])) {
	case "", "km/h", "kmh", "kph", "kmph":
	case "mph":
		v *= 1.609344
	case "knots", "knot", "kn":
		v *= 1.852
	default:
		return 0, false
	}
	return v * r.Signed, true
}

// code is the speed driven under the limit that a country sets, such as
// DE:rural, DE:zone:30 or FR:30.
func (r *rules) code(country, word string) (float64, bool) {
	country, _, _ = strings.Cut(strings.ToUpper(country), "-")
	if country == "" || utf8.RuneCountInString(country) > 3 {
		return 0, false
	}
	if i := strings.LastIndexAny(word, ":"); i >= 0 {
		word = word[i+1:] // zone:30
	}
	word = strings.TrimPrefix(word, "zone")
	if v, err := strconv.ParseFloat(word, 64); err == nil && v > 0 && v <= 400 {
		if country == "US" || country == "GB" || country == "UK" {
			v *= 1.609344
		}
		return v * r.Signed, true
	}
	if v, ok := r.Countries[country][word]; ok {
		return v * r.Signed, true
	}
	v, ok := r.Countries[""][word]
	return v * r.Signed, ok
}

// spelled reads 90 min, 1 h 30 min, 2h or 45 minutes.
func spelled(text string) (seconds uint32, ok bool) {
	total := 0.0
	rest := strings.ToLower(text)
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		n := strings.IndexFunc(rest, func(c rune) bool { return (c < '0' || c > '9') && c != '.' })
		if n < 1 {
			return 0, false
		}
		v, err := strconv.ParseFloat(rest[:n], 64)
		rest = strings.TrimSpace(rest[n:])
		end := strings.IndexFunc(rest, func(c rune) bool { return c < 'a' || c > 'z' })
		if end < 0 {
			end = len(rest)
		}
		unit := map[string]float64{"h": 3600, "hr": 3600, "hour": 3600, "hours": 3600, "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60, "s": 1, "sec": 1}[rest[:end]]
		if err != nil || unit == 0 {
			return 0, false
		}
		total, rest = total+v*unit, rest[end:]
	}
	return uint32(min(total, 1e9)), total >= 1
}

// parseDuration reads h:mm, h:mm:ss, a number of minutes, 1 h 30 min, or an ISO
// 8601 duration such as PT1H30M, up to four days, as seconds.
func parseDuration(text string) (uint32, bool) {
	const most = 4 * 24 * 3600
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "P"); ok {
		total, unit := 0.0, map[byte]float64{'D': 86400, 'H': 3600, 'M': 60, 'S': 1}
		clock := false
		for rest != "" {
			if rest[0] == 'T' {
				clock = true
				rest = rest[1:]
				continue
			}
			n := strings.IndexAny(rest, "DHMSYW")
			if n < 0 || unit[rest[n]] == 0 || rest[n] == 'D' == clock {
				return 0, false
			}
			v, err := strconv.ParseFloat(rest[:n], 64)
			if err != nil || !(v >= 0) {
				return 0, false
			}
			total += v * unit[rest[n]]
			rest = rest[n+1:]
		}
		return uint32(min(total, most)), total >= 1 && total <= most
	}
	if total, ok := spelled(text); ok {
		return total, total >= 1 && total <= most
	}
	parts := strings.Split(text, ":")
	if len(parts) == 1 {
		v, err := strconv.ParseFloat(text, 64)
		d := time.Duration(0)
		if err == nil && v > 0 && v*60 <= most {
			d = time.Duration(v * 60 * float64(time.Second))
		}
		return uint32(d / time.Second), d >= time.Second
	}
	total := uint64(0)
	for _, p := range parts {
		v, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return 0, false
		}
		total = total*60 + v
	}
	if len(parts) == 2 {
		total *= 60
	}
	return uint32(min(total, most)), len(parts) <= 3 && total >= 1 && total <= most
}

// spot is what a node on a road does to those who pass it.
type spot struct {
	seconds float64 // to pass, whichever way; see signs for one way only
	ahead   float64 // to pass along the way, beside seconds
	back    float64 // against it
	use     Use
}

// node is what the tags make of a node; ok is false where it does nothing.
func (r *rules) node(t *tags) (s spot, ok bool) {
	if t[barrier] != "" {
		b, known := r.barriers[t[barrier]]
		blocks := b.Blocks || !known && r.Blocked
		if t[barrier] == "bollard" && t[bollard] == "rising" {
			b, blocks = r.barriers["lift_gate"], false
		}
		use, stated := r.use(t, atTimes, plain)
		switch {
		case stated:
			s.use = use
		case blocks:
			s.use = Closed
		}
		s.seconds += b.Seconds
	} else if use, _ := r.use(t, atTimes, plain); use == Closed {
		s.use = Closed
	}
	wait := 0.0
	where := t[direction]
	switch t[highway] {
	case "traffic_signals":
		wait = r.Signals
		where = t[signalDirection]
	case "stop":
		wait = r.Stop
	case "give_way":
		wait = r.GiveWay
	}
	switch where {
	case "forward":
		s.ahead += wait
	case "backward":
		s.back += wait
	default:
		s.seconds += wait
	}
	return s, s != spot{}
}
