#!/usr/bin/env bash
# Package:  github.com/xuri/excelize/v2 v2.11.1 (Go module).
# Source:   the package's Go documentation (File.GetRows, Options.RawCellValue); ECMA-376 part 1, 18.8.30 (number formats).
# Guess:    reading a cell gives its number.
# Seen:     GetRows, GetCellValue and Rows give the text that the cell's format shows. 0.0546 in a column shown as whole
#           percents is "5%", and 12.6 minutes shown without decimals are "13". Options{RawCellValue: true} gives
#           the numbers. (The number itself is whole in the file.)
# Matters:  ministries format their tables. Rates, prices and minutes are rounded to what somebody found good to look
#           at, and a rate of 0.4 % is 0 when it is shown as a whole percent.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
go mod init probe 2>/dev/null; go get github.com/xuri/excelize/v2@v2.11.1 2>/dev/null || exit 2
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/xuri/excelize/v2"
)

func main() {
	f := excelize.NewFile()
	check(f.SetSheetRow("Sheet1", "A1", &[]any{0.0546, 0.004, 12.6}))
	percent, err := f.NewStyle(&excelize.Style{NumFmt: 9}) // 0%
	check(err)
	whole, err := f.NewStyle(&excelize.Style{NumFmt: 1}) // 0
	check(err)
	check(f.SetCellStyle("Sheet1", "A1", "B1", percent))
	check(f.SetCellStyle("Sheet1", "C1", "C1", whole))
	file, err := f.WriteToBuffer()
	check(err)
	f, err = excelize.OpenReader(file)
	check(err)
	shown, err := f.GetRows("Sheet1")
	check(err)
	raw, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	check(err)
	fmt.Printf("the file holds %q; GetRows gives %q\n", raw[0], shown[0])
	if fmt.Sprint(shown[0]) != "[5% 0% 13]" || fmt.Sprint(raw[0]) != "[0.0546 0.004 12.6]" {
		os.Exit(1)
	}
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
}
GO
go mod tidy 2>/dev/null || exit 2
go build -o probe . || exit 2
./probe
