package data

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// stream is the text of a file: decompressed, without a byte order mark,
// stopped at the limit of bytes and by its context.
type stream struct {
	ctx  context.Context
	name string
	from io.Reader
	left int64
	most int64
	size int64 // of the text, 0 if it is not known
	err  error // sticks
}

// unpack makes a stream of r, decompressed if its first bytes are those of gzip.
func unpack(ctx context.Context, r io.Reader, name string, most int64) (*stream, error) {
	head := bufio.NewReaderSize(r, 1<<16)
	s := &stream{ctx: ctx, name: name, from: head, left: most, most: most}
	if known, ok := r.(interface{ Size() int64 }); ok {
		s.size = known.Size()
	}
	b, err := head.Peek(2)
	if string(b) == "\x1f\x8b" {
		z, err := gzip.NewReader(head)
		if err != nil {
			return nil, fileFault(name, err)
		}
		head = bufio.NewReaderSize(z, 1<<16)
		s.from, s.size = head, 0
		_, err = head.Peek(1)
		if err != nil && err != io.EOF {
			return nil, fileFault(name, err)
		}
	} else if err != nil && err != io.EOF {
		return nil, fileFault(name, err)
	}
	return s, nil
}

// mark is the byte order mark of UTF-8, which some programs put in front of a text.
const mark = "\ufeff"

// open looks at the first bytes of r, which must be those of a text.
func open(ctx context.Context, r io.Reader, name string, most int64) (in *stream, first []byte, err error) {
	s, err := unpack(ctx, r, name, most)
	if err != nil {
		return nil, nil, err
	}
	head := s.from.(*bufio.Reader)
	b, _ := head.Peek(48)
	if err := otherBytes(name, b, "GeoJSON or CSV in UTF-8, plain or gzipped"); err != nil {
		return nil, nil, err
	}
	for bytes.HasPrefix(b, []byte(mark)) { // files put together may have several
		head.Discard(len(mark))
		b = b[len(mark):]
	}
	if len(b) == 0 {
		return nil, nil, &InputError{File: name, Problem: "is empty", Accept: "GeoJSON or CSV in UTF-8, plain or gzipped"}
	}
	return s, b, nil
}

// Read gives the next bytes. Its errors are ready for the user, but for io.EOF.
func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if err := s.ctx.Err(); err != nil {
		s.err = err
		return 0, err
	}
	if int64(len(p)) > s.left+1 {
		p = p[:s.left+1]
	}
	n, err := s.from.Read(p)
	s.left -= int64(n)
	if s.left < 0 {
		s.err = &InputError{File: s.name, Problem: fmt.Sprintf("holds more than %d bytes after decompression", s.most), Accept: "a smaller file, or a higher limit"}
		return 0, s.err
	}
	if err != nil {
		s.err = fileFault(s.name, err)
	}
	return n, s.err
}

// fileFault turns an error of the file or of gzip into one for the user. io.EOF
// and the error of a context stay what they are.
func fileFault(name string, err error) error {
	var known *InputError
	var where *fs.PathError
	var corrupt flate.CorruptInputError
	switch {
	case err == io.EOF, errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return &InputError{File: name, Problem: "damaged gzip data", Accept: "a whole gzip file", Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &InputError{File: name, Problem: "the file ends in the middle", Accept: "a whole file", Err: err}
	case errors.As(err, &where):
		return &InputError{File: name, Problem: where.Err.Error(), Err: err}
	}
	return &InputError{File: name, Problem: err.Error(), Err: err}
}
