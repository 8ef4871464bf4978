package osm

import "strings"

// What a key of access says may be said of one direction, and of some times: of
// every mode these keys, the most particular first, count one after the other.
const (
	aheadAt = iota // motor_vehicle:forward:conditional
	aheadOf        // motor_vehicle:forward
	backAt
	backOf
	atTimes // motor_vehicle:conditional
	plain   // motor_vehicle
	forms
)

// modes are the keys of access for a car, the most particular first, and those of
// one-way traffic.
var (
	modes     = [...]string{"motorcar", "motor_vehicle", "vehicle", "access"}
	onewayFor = [...]string{"oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"}
	suffixes  = [forms]string{aheadAt: ":forward:conditional", aheadOf: ":forward", backAt: ":backward:conditional", backOf: ":backward", atTimes: ":conditional", plain: ""}
)

// accessKey is the key of a mode in a form.
func accessKey(mode, form int) key { return firstAccess + key(mode*forms+form) }

// onewayKey is a key of one-way traffic, or with the times.
func onewayKey(mode int, at bool) key {
	k := firstOneway + 2*key(mode)
	if at {
		k++
	}
	return k
}

// use is what the most particular of the access tags says: motorcar before
// motor_vehicle before vehicle before access, of each what is said of some times
// (if the profile has a time), and of the direction, before what is said of all.
// Of several values the one that allows most counts; a value that is not listed
// says nothing.
func (r *rules) use(t *tags, forms ...int) (use Use, stated bool) {
	for mode := range modes {
		for _, form := range forms {
			text := t[accessKey(mode, form)]
			if text == "" {
				continue
			}
			if form == aheadAt || form == backAt || form == atTimes {
				if text = r.now(text); text == "" {
					continue
				}
			}
			if use, ok := r.right(text); ok {
				return use, true
			}
		}
	}
	return Open, false
}

func (r *rules) right(text string) (best Use, found bool) {
	best = Closed
	for v := range strings.SplitSeq(text, ";") {
		if u, ok := r.rights[strings.TrimSpace(v)]; ok {
			best, found = min(best, u), true
		}
	}
	return best, found
}

// uses are what access says ahead and back.
func (r *rules) uses(t *tags) (ahead, back Use, stated bool) {
	ahead, said := r.use(t, aheadAt, aheadOf, atTimes, plain)
	back, said2 := r.use(t, backAt, backOf, atTimes, plain)
	return ahead, back, said || said2
}

// directions says which way along the nodes one may drive.
func (r *rules) directions(t *tags, implied bool) (forward, backward bool) {
	for mode := range onewayFor {
		text := r.now(t[onewayKey(mode, true)])
		if text == "" {
			text = t[onewayKey(mode, false)]
		}
		switch text {
		case "yes", "true", "1":
			return true, false
		case "-1", "reverse":
			return false, true
		case "no", "false", "0":
			return true, true
		case "reversible":
			// Open one way at a time; who waits does not know for how long.
			return false, false
		case "alternating":
			return true, true
		}
	}
	if implied || t[junction] == "roundabout" || t[junction] == "circular" {
		return true, false
	}
	return true, true
}
