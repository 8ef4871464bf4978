#!/usr/bin/env bash
# Package:  github.com/parquet-go/parquet-go v0.32.0 (Go module).
# Source:   the source of compress/lz4 (Codec.Decode) and of Column.decompress; Parquet format, Compression, LZ4_RAW.
# Guess:    a file that the package wrote with LZ4_RAW is read by the package as it was written, or with an error.
# Seen:     1,000 rows come back, without an error, and every number in them is 0. The unpacked page is put into a new
#           buffer wherever three times the packed bytes is more than the page holds, and that buffer is not used. With
#           Snappy the same rows come back right.
# Matters:  a column of people becomes a column of nobody, with the right number of rows and the right type.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
go mod init probe 2>/dev/null; go get github.com/parquet-go/parquet-go@v0.32.0 2>/dev/null || exit 2
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

type town struct {
	ID     int64   `parquet:"id"`
	People float64 `parquet:"people"`
}

func main() {
	towns := make([]town, 1000)
	for i := range towns {
		towns[i] = town{int64(100 + i), float64(500+i*7919%1009) / 4}
	}
	codec := map[string]compress.Codec{"snappy": &parquet.Snappy, "lz4_raw": &parquet.Lz4Raw}[os.Args[1]]
	var file bytes.Buffer
	if err := parquet.Write(&file, towns, parquet.Compression(codec)); err != nil {
		fmt.Println("not written:", err)
		os.Exit(1)
	}
	got, err := parquet.Read[town](bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || len(got) != len(towns) {
		fmt.Println("not read:", err)
		os.Exit(1)
	}
	zeros := 0
	for _, t := range got {
		if t.People == 0 {
			zeros++
		}
	}
	fmt.Printf("%s: %d rows read, no error, %d of them without people; row 7 is %v, it was %v\n", os.Args[1], len(got), zeros, got[7], towns[7])
	if want := map[string]int{"snappy": 0, "lz4_raw": 1000}[os.Args[1]]; zeros != want {
		os.Exit(1)
	}
}
GO
go mod tidy 2>/dev/null || exit 2
go build -o probe . || exit 2
# Each codec in a run of its own, so that neither sees the buffers of the other.
./probe snappy
./probe lz4_raw
