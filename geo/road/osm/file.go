package osm

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

// The limits that the format itself sets on a block.
const (
	maxHeader = 64 << 10
	maxBlob   = 32 << 20
)

// deflation is more than the most that zlib can shrink anything by: a block
// that claims more is refused before anything is allocated for it.
const deflation = 1040

// header is what the first block says of the file.
type header struct {
	stamp time.Time // of the replication; zero if not given
}

// understood are the features without which a file cannot be read.
var understood = map[string]bool{"OsmSchema-V0.6": true, "DenseNodes": true, "LocationsOnWays": true}

func parseHeader(data []byte) (header, error) {
	var h header
	w := wire{data: data}
	for field, kind, ok := w.next(); ok; field, kind, ok = w.next() {
		switch field {
		case 4:
			if f := string(w.take(kind)); !w.bad && !understood[f] {
				return h, fmt.Errorf("the file needs %q, which is not understood; extracts with nodes, ways and relations of one moment are", f)
			}
		case 32:
			if s := int64(w.number(kind)); s > 0 && s < 1<<40 {
				h.stamp = time.Unix(s, 0).UTC()
			}
		default:
			w.skip(kind)
		}
	}
	return h, w.err()
}

// errStop ends a walk early without an error.
var errStop = errors.New("enough")

// walk reads the blocks of a file, decodes several at a time and hands the
// results to take, one by one and in the order of the file, with the bytes
// read so far. Errors name the byte at which the block starts.
func walk[T any](ctx context.Context, r io.Reader, head func(header) error, decode func(data []byte) (T, error), take func(block T, end int64) error) error {
	type result struct {
		block T
		err   error
		end   int64
	}
	ctx, cancel := context.WithCancel(ctx)
	queue := make(chan chan result, 2*runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer close(queue)
		first := true
		for at := int64(0); ; {
			kind, blob, size, err := readBlob(r)
			if err == io.EOF && !first {
				return
			}
			done := make(chan result, 1)
			select {
			case queue <- done:
			case <-ctx.Done():
				return
			}
			switch {
			case err == io.EOF:
				err = errors.New("the file is empty")
			case err == nil && first && kind != "OSMHeader":
				err = fmt.Errorf("the first block is %q, not OSMHeader: not an OpenStreetMap PBF", kind)
			}
			if err != nil {
				done <- result{err: fmt.Errorf("block at byte %d: %w", at, err)}
				return
			}
			start := at
			at += size
			end := at
			if first {
				first = false
				data, err := inflate(blob)
				var h header
				if err == nil {
					h, err = parseHeader(data)
				}
				if err == nil {
					err = head(h)
				}
				if err != nil {
					done <- result{err: fmt.Errorf("block at byte %d: header: %w", start, err)}
					return
				}
				close(done)
				continue
			}
			if kind != "OSMData" {
				close(done) // the format says: blocks of other kinds are passed over
				continue
			}
			wg.Add(1)
			go func() {
				defer wg.Done()
				data, err := inflate(blob)
				var block T
				if err == nil {
					block, err = decode(data)
				}
				if err != nil {
					err = fmt.Errorf("block at byte %d: %w", start, err)
				}
				done <- result{block, err, end}
			}()
		}
	}()
	var err error
	for done := range queue {
		res, some := <-done
		if !some {
			continue
		}
		if err = res.err; err == nil {
			if err = ctx.Err(); err == nil {
				err = take(res.block, res.end)
			}
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	cancel()
	for range queue {
	}
	wg.Wait()
	if err == errStop {
		return nil
	}
	return err
}

// readBlob reads the next block as it stands in the file; size is all that it
// takes there. The error is io.EOF only if the file ends before it.
func readBlob(r io.Reader) (kind string, blob []byte, size int64, err error) {
	var prefix [4]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		if err == io.EOF {
			return "", nil, 0, err
		}
		return "", nil, 0, fmt.Errorf("length: %w", err)
	}
	n := binary.BigEndian.Uint32(prefix[:])
	if n > maxHeader {
		return "", nil, 0, fmt.Errorf("a header of %d bytes, where %d are allowed: not an OpenStreetMap PBF", n, maxHeader)
	}
	head, err := readAll(r, int64(n))
	if err != nil {
		return "", nil, 0, fmt.Errorf("header: %w", err)
	}
	datasize := uint64(0)
	w := wire{data: head}
	for field, wt, ok := w.next(); ok; field, wt, ok = w.next() {
		switch field {
		case 1:
			kind = string(w.take(wt))
		case 3:
			datasize = w.number(wt)
		default:
			w.skip(wt)
		}
	}
	if w.bad {
		return "", nil, 0, fmt.Errorf("header: %w", errWire)
	}
	if datasize > maxBlob {
		return "", nil, 0, fmt.Errorf("%d bytes, where %d are allowed", datasize, maxBlob)
	}
	if blob, err = readAll(r, int64(datasize)); err != nil {
		return "", nil, 0, fmt.Errorf("data: %w", err)
	}
	return kind, blob, 4 + int64(n) + int64(datasize), nil
}

// readAll reads n bytes, and allocates no more than the file has.
func readAll(r io.Reader, n int64) ([]byte, error) {
	var buf bytes.Buffer
	if _, err := io.CopyN(&buf, r, n); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return buf.Bytes(), nil
}

// inflate is the content of a blob.
func inflate(blob []byte) ([]byte, error) {
	var packed []byte
	rawSize := uint64(0)
	zipped := false
	w := wire{data: blob}
	for field, kind, ok := w.next(); ok; field, kind, ok = w.next() {
		switch field {
		case 1:
			packed = w.take(kind)
		case 2:
			rawSize = w.number(kind)
		case 3:
			packed, zipped = w.take(kind), true
		case 4, 5, 6, 7:
			return nil, errors.New("compressed by something else than zlib: write it anew with zlib, as OpenStreetMap publishes it")
		default:
			w.skip(kind)
		}
	}
	if w.bad {
		return nil, errWire
	}
	if !zipped {
		return packed, nil
	}
	if rawSize > maxBlob || rawSize > deflation*uint64(len(packed)) {
		return nil, fmt.Errorf("%d bytes claim to unpack to %d", len(packed), rawSize)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	data := make([]byte, rawSize)
	if _, err := io.ReadFull(z, data); err != nil {
		return nil, fmt.Errorf("unpack %d bytes: %w", rawSize, err)
	}
	var more [1]byte
	if n, err := z.Read(more[:]); n > 0 || err != io.EOF {
		return nil, fmt.Errorf("more than the %d bytes announced: %w", rawSize, errWire)
	}
	return data, nil
}
