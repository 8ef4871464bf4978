package osm

import (
	"fmt"
	"io"
	"unsafe"
)

// Scratch is a file for what an import has no need to hold in memory: it is written
// from front to end and then read. Whoever gives it away takes it back.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

// column is a growing list of numbers, or structs of numbers without gaps: in memory,
// or in a scratch file if there is one. After seal it grows no more.
type column[T any] struct {
	n    int
	kept []T // all, or where there is a file those that are not in it yet
	file Scratch
	err  error

	window []T // what was read of the file
	from   int // where the window begins
}

// mostKept is how many a column with a file holds at a time.
const mostKept = 1 << 14

// newColumn is an empty column in a file of scratch; nil: in memory.
func newColumn[T any](scratch func() (Scratch, error)) (*column[T], error) {
	c := &column[T]{}
	if scratch == nil {
		return c, nil
	}
	var err error
	if c.file, err = scratch(); err != nil {
		return nil, fmt.Errorf("scratch file: %w", err)
	}
	return c, nil
}

func (c *column[T]) add(v T) {
	c.kept = append(c.kept, v)
	if c.n++; c.file != nil && len(c.kept) >= mostKept {
		c.flush()
	}
}

func (c *column[T]) flush() {
	if _, err := c.file.Write(raw(c.kept)); err != nil && c.err == nil {
		c.err = fmt.Errorf("write scratch file: %w", err)
	}
	c.kept = c.kept[:0]
}

// seal ends the growth.
func (c *column[T]) seal() error {
	if c.file != nil {
		c.flush()
		c.kept = nil
	}
	return c.err
}

// slice is what stands from one place to another, until the next call; nil after an
// error, which err keeps. It reads on from where it was, and beside that what is asked for alone.
func (c *column[T]) slice(from, to int) []T {
	switch {
	case c.file == nil:
		return c.kept[from:to]
	case from == to:
		return nil
	case from >= c.from && to <= c.from+len(c.window):
		return c.window[from-c.from : to-c.from]
	case from < c.from || from > c.from+len(c.window)+mostKept || to-from > mostKept:
		return c.read(make([]T, to-from), from)
	}
	if c.window == nil {
		c.window = make([]T, 0, mostKept)
	}
	c.from, c.window = from, c.read(c.window[:min(mostKept, c.n-from)], from)
	return c.window[:min(to-from, len(c.window))]
}

func (c *column[T]) read(to []T, from int) []T {
	var one T
	if _, err := c.file.ReadAt(raw(to), int64(from)*int64(unsafe.Sizeof(one))); err != nil {
		if c.err == nil {
			c.err = fmt.Errorf("read scratch file: %w", err)
		}
		return nil
	}
	return to
}

// load is the whole column in memory, once it is sealed.
func (c *column[T]) load() ([]T, error) {
	if c.file == nil || c.err != nil || c.n == 0 {
		return c.kept, c.err
	}
	all := c.read(make([]T, c.n), 0)
	return all, c.err
}

// raw is the memory of some elements.
func raw[T any](v []T) []byte {
	var one T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(one)))
}
