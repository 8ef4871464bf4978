package osm

import "errors"

// errWire is what every malformed message gives; the caller adds where.
var errWire = errors.New("malformed protocol buffer")

// The wire types of protocol buffers that OpenStreetMap files use.
const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

// wire reads protocol buffer messages. It never panics and never reads past
// its end; after the first error everything it returns is zero.
type wire struct {
	data []byte
	bad  bool
}

// next is the number and the wire type of the next field; ok is false at the
// end and after an error.
func (w *wire) next() (field, kind int, ok bool) {
	if w.bad || len(w.data) == 0 {
		return 0, 0, false
	}
	key := w.varint()
	if w.bad || key>>3 == 0 || key>>3 > 1<<29 {
		w.bad = true
		return 0, 0, false
	}
	return int(key >> 3), int(key & 7), true
}

func (w *wire) varint() uint64 {
	var v uint64
	for i, b := range w.data {
		if i == 10 {
			break
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			w.data = w.data[i+1:]
			return v
		}
	}
	w.bad = true
	w.data = nil
	return 0
}

func (w *wire) signed() int64 {
	v := w.varint()
	return int64(v>>1) ^ -int64(v&1)
}

// take is the content of a field of bytes.
func (w *wire) take(kind int) []byte {
	if kind != wireBytes {
		w.bad = true
		return nil
	}
	n := w.varint()
	if w.bad || n > uint64(len(w.data)) {
		w.bad = true
		return nil
	}
	out := w.data[:n:n]
	w.data = w.data[n:]
	return out
}

// number is the content of a field of a varint.
func (w *wire) number(kind int) uint64 {
	if kind != wireVarint {
		w.bad = true
		return 0
	}
	return w.varint()
}

func (w *wire) skip(kind int) {
	n := 0
	switch kind {
	case wireVarint:
		w.varint()
		return
	case wireBytes:
		w.take(kind)
		return
	case wireFixed8:
		n = 8
	case wireFixed4:
		n = 4
	default:
		w.bad = true
		return
	}
	if n > len(w.data) {
		w.bad = true
		return
	}
	w.data = w.data[n:]
}

func (w *wire) err() error {
	if w.bad {
		return errWire
	}
	return nil
}
