package data

import (
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// MatrixRow is the way from a place to a site, with the columns that a matrix has as CSV.
type MatrixRow struct {
	Place      string  `parquet:"place,dict"`
	Site       string  `parquet:"site,dict"`
	Minutes    float64 `parquet:"minutes"`
	Kilometres float64 `parquet:"kilometres"`
}

// MatrixWriter writes a matrix as Parquet, row by row: in memory is one row group, some
// 60 MB, however many rows there are. The same rows give the same bytes.
type MatrixWriter struct {
	p *parquet.GenericWriter[MatrixRow]
}

// matrixGroup is how many rows a row group of a matrix holds: the words of its columns
// are written once in each.
const matrixGroup = 1 << 20

// matrixOf is the entry of the metadata that says what the rows were made of.
const matrixOf = "careshed.matrix"

// NewMatrixWriter begins a file; of says what its rows are made of. Close ends it.
func NewMatrixWriter(w io.Writer, of string) *MatrixWriter {
	return &MatrixWriter{parquet.NewGenericWriter[MatrixRow](w, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy("careshed", "1", ""),
		parquet.MaxRowsPerRowGroup(matrixGroup), parquet.PageBufferSize(1<<20), parquet.KeyValueMetadata(matrixOf, of),
		parquet.SkipPageBounds("place"))} // every page of a large matrix has all places
}

// Write adds rows.
func (m *MatrixWriter) Write(rows []MatrixRow) error {
	_, err := m.p.Write(rows)
	return err
}

// Close writes what is left, and the end of the file.
func (m *MatrixWriter) Close() error { return m.p.Close() }

// MatrixFile is what the end of a file of a matrix says: of what its rows were made, and
// how many there are.
func MatrixFile(path string) (of string, rows int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	p, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return "", 0, fmt.Errorf("read %s: %w", path, err)
	}
	of, _ = p.Lookup(matrixOf)
	return of, p.NumRows(), nil
}
