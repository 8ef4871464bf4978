package blob

import (
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// packers and unpackers are those of before, whose memory is used again.
var (
	packers = sync.Pool{New: func() any {
		return must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)))
	}}
	unpackers = sync.Pool{New: func() any { return must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))) }}
)

func must[T any](z T, err error) T {
	if err != nil {
		panic(err) // of these options none is wrong
	}
	return z
}

// Pack compresses what write writes, by zstd: the same bytes become the same.
func Pack(out io.Writer, write func(io.Writer) error) error {
	z := packers.Get().(*zstd.Encoder)
	defer packers.Put(z)
	z.Reset(out)
	err := write(z)
	if end := z.Close(); err == nil {
		err = end
	}
	return err
}

// Unpack has read read what Pack has compressed.
func Unpack(in io.Reader, read func(io.Reader) error) error {
	z := unpackers.Get().(*zstd.Decoder)
	defer unpackers.Put(z)
	if err := z.Reset(in); err != nil {
		return err
	}
	return read(z)
}
