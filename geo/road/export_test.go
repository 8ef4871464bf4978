package road

// Bytes is how large the file is, and what of it sweeps of times read.
func (x *Index) Bytes() (file, sweep int) {
	for name, s := range x.sections {
		file += len(s.data)
		for way := range sectionArcs {
			if name == sectionArcs[way] || name == sectionFirst[way] {
				sweep += len(s.data)
			}
		}
	}
	return file, sweep
}

// Arcs is the number of arcs, of both halves.
func (x *Index) Arcs() int {
	return (len(x.sections[sectionArcs[From]].data) + len(x.sections[sectionArcs[To]].data)) / 8
}

// Missed is how a node is that cannot be reached.
func Missed() Reached { return missed }
