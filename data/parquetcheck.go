package data

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// parquet-go makes room for what headers announce before it has seen it. The
// checks here walk through the headers first, so that no count and no size of
// a hostile file is believed.

const (
	parquetFooter = 16 << 20  // bytes of the footer, at most
	parquetItems  = 200e3     // items of all its lists
	parquetPage   = 256 << 20 // bytes of one page, unpacked
	acceptParquet = "GeoParquet or Parquet, not encrypted"
)

// thriftWalk goes past the fields of Thrift's compact protocol, which must fit
// into the bytes.
type thriftWalk struct {
	b     []byte
	i     int
	items int // that lists may still hold
	bad   bool
}

func (w *thriftWalk) uvarint() uint64 {
	v, n := binary.Uvarint(w.b[min(w.i, len(w.b)):])
	if n <= 0 {
		w.bad = true
		return 0
	}
	w.i += n
	return v
}

func (w *thriftWalk) byte() byte {
	if w.i >= len(w.b) {
		w.bad = true
		return 0
	}
	w.i++
	return w.b[w.i-1]
}

// fields goes past a struct.
func (w *thriftWalk) fields(depth int) {
	if depth > 16 {
		w.bad = true
	}
	for !w.bad {
		head := w.byte()
		if head == 0 {
			return
		}
		if head>>4 == 0 {
			w.uvarint() // the number of the field
		}
		w.value(head&15, depth, false)
	}
}

// value goes past a value of a type of the compact protocol.
func (w *thriftWalk) value(kind byte, depth int, inList bool) {
	switch kind {
	case 1, 2: // a truth value is its type, but in a list a byte
		if inList {
			w.byte()
		}
	case 3:
		w.byte()
	case 4, 5, 6:
		w.uvarint()
	case 7:
		w.i += 8
	case 8:
		n := w.uvarint()
		if n > uint64(len(w.b)-min(w.i, len(w.b))) {
			w.bad = true
			return
		}
		w.i += int(n)
	case 9, 10:
		head := w.byte()
		n := uint64(head >> 4)
		if n == 15 {
			n = w.uvarint()
		}
		if n > uint64(len(w.b)-min(w.i, len(w.b))) || n > uint64(w.items) {
			w.bad = true
			return
		}
		w.items -= int(n)
		for range n {
			if w.value(head&15, depth+1, true); w.bad {
				return
			}
		}
	case 12:
		w.fields(depth + 1)
	default: // maps and UUIDs stand in no header
		w.bad = true
	}
	if w.i > len(w.b) {
		w.bad = true
	}
}

// checkFooter walks through the footer before parquet-go decodes it.
func (t *table) checkFooter(r random) error {
	var end [8]byte
	if r.size < 12 {
		return t.notParquet("is too short")
	}
	if _, err := r.ReadAt(end[:], r.size-8); err != nil && err != io.EOF {
		return fileFault(t.name, err)
	}
	size := int64(binary.LittleEndian.Uint32(end[:]))
	switch {
	case string(end[4:]) != "PAR1":
		return t.notParquet("does not end as Parquet does")
	case size > r.size-12:
		return t.notParquet("has a footer longer than the file")
	case size > parquetFooter:
		return t.notParquet(fmt.Sprintf("has a footer of more than %d bytes", parquetFooter))
	}
	footer := make([]byte, size)
	if _, err := r.ReadAt(footer, r.size-8-size); err != nil {
		return fileFault(t.name, err)
	}
	w := thriftWalk{b: footer, items: parquetItems}
	if w.fields(0); w.bad {
		return t.notParquet("has a damaged footer")
	}
	return nil
}

func (t *table) notParquet(problem string) error {
	return &InputError{File: t.name, Problem: problem, Accept: acceptParquet}
}

// checkPages walks through the pages of a column in one row group: their sizes,
// counts, and what they unpack to. A nested column may have several values a row.
func (t *table) checkPages(r random, c *format.ColumnMetaData, rows int64, nested bool) error {
	fault := func(problem string) error {
		return &InputError{File: t.name, Field: plain(lastOf(c.PathInSchema)), Problem: problem, Accept: acceptParquet}
	}
	from := c.DataPageOffset
	if c.DictionaryPageOffset > 0 && c.DictionaryPageOffset < from {
		from = c.DictionaryPageOffset
	}
	to := from + c.TotalCompressedSize
	if from < 4 || c.TotalCompressedSize < 0 || to > r.size || to < from || c.NumValues != rows && !nested || c.NumValues < rows || c.NumValues > int64(t.lim.Cells) {
		return fault("has pages outside the file, or not one value a row")
	}
	left := c.NumValues
	head := make([]byte, 0, 1<<12)
	var protocol thrift.CompactProtocol
	for from < to && left > 0 {
		head = head[:min(int64(cap(head)), to-from)]
		if _, err := r.ReadAt(head, from); err != nil && err != io.EOF {
			return fileFault(t.name, err)
		}
		w := thriftWalk{b: head, items: 100}
		if w.fields(0); w.bad {
			if cap(head) < 1<<24 && int64(cap(head)) < to-from { // statistics may be long
				head = make([]byte, 0, 16*cap(head))
				continue
			}
			return fault("has a damaged page header")
		}
		var h format.PageHeader
		if err := thrift.Unmarshal(&protocol, head[:w.i], &h); err != nil {
			return fault("has a damaged page header")
		}
		from += int64(w.i)
		packed, size := int64(h.CompressedPageSize), int64(h.UncompressedPageSize)
		if packed < 0 || packed > to-from || size < 0 || size > parquetPage {
			return fault("has a page of an impossible size")
		}
		values := int64(0)
		levels := int64(0) // bytes in front that are never packed
		switch {
		case h.DictionaryPageHeader.Valid:
			if n := int64(h.DictionaryPageHeader.V.NumValues); n < 0 || n > max(size*8, 1) {
				return fault("has a dictionary of an impossible size")
			}
		case h.DataPageHeader.Valid:
			values = int64(h.DataPageHeader.V.NumValues)
		case h.DataPageHeaderV2.Valid:
			v := h.DataPageHeaderV2.V
			values = int64(v.NumValues)
			levels = int64(v.RepetitionLevelsByteLength) + int64(v.DefinitionLevelsByteLength)
			if v.RepetitionLevelsByteLength < 0 || v.DefinitionLevelsByteLength < 0 || levels > packed || levels > size || v.NumNulls < 0 || int64(v.NumNulls) > values {
				return fault("has a page of an impossible size")
			}
		}
		if values < 0 || values > left {
			return fault("has more values than rows")
		}
		left -= values
		if c.Codec == format.Uncompressed && packed != size {
			return fault("has a page of an impossible size")
		}
		if err := unpacksTo(r, c.Codec, from+levels, packed-levels, size-levels); err != nil {
			return fault(err.Error())
		}
		if c.Codec == format.Lz4Raw && size > levels && !t.patches.less(from-int64(w.i), head[:w.i]) {
			return fault("has a page header of another form than is read with lz4_raw")
		}
		from += packed
	}
	if left != 0 {
		return fault("has fewer values than rows")
	}
	return nil
}

// patched is a file with a few bytes changed on the way.
type patched struct {
	io.ReaderAt
	at    []int64 // rising
	bytes [][]byte
}

// less makes the header of a page, which stands at a place of the file, announce
// a byte less than the page unpacks to. parquet-go v0.32.0 otherwise takes the
// buffer that it has made, which is empty, for what lz4 has unpacked into one of
// its own; what is longer than announced it takes from there.
func (p *patched) less(at int64, header []byte) bool {
	w := thriftWalk{b: header}
	if w.byte() != 0x15 { // the kind of page: the first field, a whole number
		return false
	}
	w.uvarint()
	if w.byte() != 0x15 { // its size: the second
		return false
	}
	from := w.i
	size := w.uvarint() // zigzag
	if w.bad || size&1 == 1 || size < 2 {
		return false
	}
	shorter := binary.AppendUvarint(nil, size-2)
	for len(shorter) < w.i-from { // as many bytes as before
		shorter[len(shorter)-1] |= 0x80
		shorter = append(shorter, 0)
	}
	at += int64(from)
	k, known := slices.BinarySearch(p.at, at)
	if !known {
		p.at, p.bytes = slices.Insert(p.at, k, at), slices.Insert(p.bytes, k, shorter)
	}
	return true
}

func (p *patched) ReadAt(b []byte, from int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, from)
	k, _ := slices.BinarySearch(p.at, from-16)
	for ; k < len(p.at) && p.at[k] < from+int64(n); k++ {
		for i, c := range p.bytes[k] {
			if at := p.at[k] + int64(i) - from; at >= 0 && at < int64(n) {
				b[at] = c
			}
		}
	}
	return n, err
}

func lastOf(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}

var errUnpacks = errors.New("has a page that does not unpack to its size")

// unpacksTo looks whether a page unpacks to size bytes and not more.
func unpacksTo(r random, codec format.CompressionCodec, from, packed, size int64) error {
	if packed == 0 {
		return nil
	}
	in := io.NewSectionReader(r, from, packed)
	var out io.Reader
	switch codec {
	case format.Uncompressed:
		return nil
	case format.Snappy:
		var b [binary.MaxVarintLen64]byte
		n, _ := in.Read(b[:])
		if v, k := binary.Uvarint(b[:n]); k <= 0 || v != uint64(size) {
			return errUnpacks
		}
		return nil
	case format.Gzip:
		z, err := gzip.NewReader(in)
		if err != nil {
			return errUnpacks
		}
		out = z
	case format.Zstd:
		if n, ok := zstdSize(in, packed); ok {
			if n != uint64(size) {
				return errUnpacks
			}
			return nil
		}
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(parquetPage), zstd.WithDecoderLowmem(true))
		if err != nil {
			return errUnpacks
		}
		defer z.Close()
		out = z
	case format.Brotli:
		out = brotli.NewReader(in)
	case format.Lz4Raw:
		b, all := make([]byte, packed), make([]byte, size)
		if _, err := io.ReadFull(in, b); err != nil {
			return errUnpacks
		}
		if n, err := lz4.UncompressBlock(b, all); err != nil || int64(n) != size {
			return errUnpacks
		}
		return nil
	default:
		return fmt.Errorf("is packed with %v, which is not read; accepted codecs: none, snappy, gzip, zstd, brotli, lz4_raw", codec)
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(out, size+1)); err != nil || n != size {
		return errUnpacks
	}
	return nil
}

// zstdSize is the size that a frame of zstd says it unpacks to, which whoever unpacks it holds
// it to; ok only if the bytes are one frame, and it says so.
func zstdSize(in io.ReaderAt, packed int64) (size uint64, ok bool) {
	var b [zstd.HeaderMaxSize]byte
	n, _ := in.ReadAt(b[:], 0)
	var h zstd.Header
	if err := h.Decode(b[:n]); err != nil || !h.HasFCS || h.Skippable || h.WindowSize > parquetPage {
		return 0, false
	}
	end := int64(h.HeaderSize)
	for last := false; !last; {
		if n, _ := in.ReadAt(b[:3], end); n < 3 {
			return 0, false
		}
		block := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
		last = block&1 == 1
		switch block >> 1 & 3 {
		case 1: // one byte, repeated
			end += 3 + 1
		case 3:
			return 0, false
		default:
			end += 3 + block>>3
		}
	}
	if h.HasCheckSum {
		end += 4
	}
	return h.FrameContentSize, end == packed
}
