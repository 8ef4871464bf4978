package road

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The file is a header, a table of the sections, three texts (origin, profile,
// stamp) and the sections, each at a multiple of align. Numbers are
// little-endian, and sections are as they lie in memory, so that a mapped file
// is used where it is.
//
//	header   magic [8], version, order, nodes, edges, sections, length of the texts [3],
//	         length of the file as 64 bits, CRC of the header (as zero), the table and the texts, 0
//	table    for each section: name [24], offset and length as 64 bits, size of an element, CRC
const (
	magic     = "CARROADS"
	version   = 3 // 2 had no ways.* sections
	oldest    = 2
	order     = 0x01020304
	headSize  = 56
	entrySize = 48
	nameSize  = 24
	align     = 64

	maxSections = 64
	maxText     = 1 << 12
)

// WriteTo writes the index as a file that Open reads. The same index gives the
// same bytes.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	texts := [3]string{x.source.Origin, x.source.Profile, x.source.Stamp}
	for i := range texts {
		texts[i] = texts[i][:min(len(texts[i]), maxText)]
	}
	head := make([]byte, headSize+entrySize*len(x.names))
	copy(head, magic)
	le := binary.LittleEndian
	for i, v := range []uint32{version, order, uint32(x.n), uint32(x.edges), uint32(len(x.names)),
		uint32(len(texts[0])), uint32(len(texts[1])), uint32(len(texts[2]))} {
		le.PutUint32(head[8+4*i:], v)
	}
	for _, t := range texts {
		head = append(head, t...)
	}
	offset := pad(uint64(len(head)))
	for i, name := range x.names {
		s := x.sections[name]
		entry := head[headSize+entrySize*i:]
		copy(entry[:nameSize], name)
		le.PutUint64(entry[24:], offset)
		le.PutUint64(entry[32:], uint64(len(s.data)))
		le.PutUint32(entry[40:], s.size)
		le.PutUint32(entry[44:], crc(s.data))
		offset = pad(offset + uint64(len(s.data)))
	}
	le.PutUint64(head[40:], offset)
	le.PutUint32(head[48:], crc(head))

	written := int64(0)
	put := func(b []byte) error {
		n, err := w.Write(b)
		written += int64(n)
		return err
	}
	var zeros [align]byte
	blocks := [][]byte{head}
	for _, name := range x.names {
		blocks = append(blocks, x.sections[name].data)
	}
	for _, b := range blocks {
		if err := put(b); err != nil {
			return written, fmt.Errorf("write road index: %w", err)
		}
		if err := put(zeros[:pad(uint64(written))-uint64(written)]); err != nil {
			return written, fmt.Errorf("write road index: %w", err)
		}
	}
	return written, nil
}

// pad rounds up to a multiple of align.
func pad(n uint64) uint64 { return (n + align - 1) / align * align }

// Open is the index in the bytes of a file that WriteTo wrote, which it keeps:
// they must not change as long as it is used, and start at an address that is a
// multiple of eight, as mapped files do. It looks at the header and the table
// alone; each section is checked before its first use. No file, whatever is in
// it, makes a query fail otherwise than by an error.
func Open(data []byte) (*Index, error) {
	x, err := open(data)
	if err != nil {
		return nil, fmt.Errorf("road index: %w", err)
	}
	return x, nil
}

func open(data []byte) (*Index, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errors.New("the file is little-endian and this machine is not")
	}
	if len(data) < headSize || string(data[:8]) != magic {
		return nil, errors.New("not a road index")
	}
	le := binary.LittleEndian
	field := func(i int) uint32 { return le.Uint32(data[8+4*i:]) }
	if v := field(0); v < oldest || v > version {
		return nil, fmt.Errorf("version %d of the format; this program reads versions %d to %d: build the index anew", v, oldest, version)
	}
	if field(1) != order {
		return nil, errors.New("written on a machine with another order of bytes")
	}
	nodes, edges, sections := field(2), field(3), field(4)
	if nodes >= Never || edges > math.MaxInt32 || sections > maxSections {
		return nil, fmt.Errorf("damaged: %d nodes, %d edges, %d sections", nodes, edges, sections)
	}
	texts := [3]uint32{field(5), field(6), field(7)}
	end := headSize + entrySize*int(sections)
	for _, n := range texts {
		if n > maxText {
			return nil, fmt.Errorf("damaged: a text of %d bytes", n)
		}
		end += int(n)
	}
	if len(data) < end {
		return nil, fmt.Errorf("cut off: %d bytes, and the header has %d", len(data), end)
	}
	head := bytes.Clone(data[:end])
	le.PutUint32(head[48:], 0)
	if crc(head) != le.Uint32(data[48:]) || le.Uint32(data[52:]) != 0 {
		return nil, errors.New("damaged: the sum of the header is wrong")
	}
	if size := le.Uint64(head[40:]); uint64(len(data)) != size {
		return nil, fmt.Errorf("%d bytes where %d were written: cut off?", len(data), size)
	}
	x := &Index{n: int(nodes), edges: int(edges), sections: map[string]*section{}, sum: fmt.Sprintf("%08x", le.Uint32(data[48:]))}
	at := headSize + entrySize*int(sections)
	for i, t := range []*string{&x.source.Origin, &x.source.Profile, &x.source.Stamp} {
		*t = string(head[at : at+int(texts[i])])
		at += int(texts[i])
	}
	for i := range int(sections) {
		entry := head[headSize+entrySize*i:][:entrySize]
		name := string(bytes.TrimRight(entry[:nameSize], "\x00"))
		from, size := le.Uint64(entry[24:]), le.Uint64(entry[32:])
		s := &section{name: name, size: le.Uint32(entry[40:]), sum: le.Uint32(entry[44:])}
		switch {
		case from%align != 0 || from < uint64(end) || from > uint64(len(data)) || size > uint64(len(data))-from:
			return nil, fmt.Errorf("section %q: bytes %d to %d of %d", name, from, from+size, len(data))
		case s.size == 0 || size%uint64(s.size) != 0:
			return nil, fmt.Errorf("section %q: %d bytes in elements of %d", name, size, s.size)
		case x.sections[name] != nil:
			return nil, fmt.Errorf("section %q twice", name)
		}
		s.data = data[from : from+size : from+size]
		x.sections[name] = s
		x.names = append(x.names, name)
	}
	return x, nil
}
