package road

// cost orders ways by time and, where times are equal, by length: the time in
// milliseconds above, the length in decimetres below. Costs add up as plain
// numbers: the network has less than 2³² decimetres in all, or check keeps every
// edge below two decimetres a millisecond, so that a way that takes less than Never
// is shorter than that.
type cost uint64

// never is the cost of what cannot be driven, and beyond that of all that can.
const never = cost(Never) << 32

func costOf(time, length uint32) cost { return cost(time)<<32 | cost(length) }

func (c cost) time() uint32   { return uint32(c >> 32) }
func (c cost) length() uint32 { return uint32(c) }

// Way is the direction of the journeys of a query.
type Way uint8

const (
	From Way = iota // from the seeds to the nodes
	To              // from the nodes to the seeds
)
