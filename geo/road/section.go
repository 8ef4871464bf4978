package road

import (
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"unsafe"
)

// section is a column of an index: elements of one size, in the memory of a
// file or of whoever built it.
type section struct {
	name  string
	size  uint32 // of an element, in bytes
	data  []byte
	sum   uint32 // what the file says that the CRC is
	built bool   // in memory, without a sum
	once  sync.Once
	err   error
}

// crc is the polynomial (Castagnoli 1993) that processors know.
func crc(data []byte) uint32 { return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) }

// add gives an index a section. Elements are structs of numbers without gaps.
func add[T any](x *Index, name string, column []T) {
	var one T
	size := int(unsafe.Sizeof(one))
	s := &section{name: name, size: uint32(size), built: true}
	if len(column) > 0 {
		s.data = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(column))), size*len(column))
	}
	x.sections[name] = s
	x.names = append(x.names, name)
}

// column is a section's elements, where they are. Before the first use the sum
// is checked, and sound looks at the elements unless it is nil: the error of
// that is the error of every use.
func column[T any](x *Index, name string, sound func([]T) error) ([]T, error) {
	s := x.sections[name]
	if s == nil {
		return nil, fmt.Errorf("road index: no section %q", name)
	}
	var one T
	size, align := unsafe.Sizeof(one), unsafe.Alignof(one)
	s.once.Do(func() {
		switch {
		case uintptr(s.size) != size:
			s.err = fmt.Errorf("elements of %d bytes, not %d", s.size, size)
		case uintptr(unsafe.Pointer(unsafe.SliceData(s.data)))%align != 0:
			s.err = errors.New("not aligned in memory")
		case !s.built && crc(s.data) != s.sum:
			s.err = errors.New("damaged: the sum is wrong")
		case sound != nil:
			s.err = sound(elements[T](s.data))
		}
		if s.err != nil {
			s.err = fmt.Errorf("road index: section %q: %w", name, s.err)
		}
	})
	if s.err != nil {
		return nil, s.err
	}
	return elements[T](s.data), nil
}

func elements[T any](data []byte) []T {
	var one T
	if len(data) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/int(unsafe.Sizeof(one)))
}
