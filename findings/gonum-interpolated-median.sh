#!/usr/bin/env bash
# Package:  gonum.org/v1/gonum v0.17.0 (Go module).
# Source:   the Go documentation of gonum/stat.Quantile: LinInterp "returns the linearly interpolated value"; Hyndman and
#           Fan, Sample quantiles in statistical packages (1996), whose type 4 it is.
# Guess:    the interpolated median of 10 and 20 is 15, as in R, NumPy and spreadsheets (type 7), and it does not change when
#           a value stands twice with half the weight.
# Seen:     10; of 10, 20, 30, 40 it is 20 (not 25). Every share up to 1/n gives the lowest value. With 10, 20 as two
#           halves each it is still 10, while the upper quartile changes from 15 to 20.
# Matters:  medians and quartiles of travel time come out up to half a step too good, most where there are few places; and
#           splitting a place into two halves of its people moves the quartile.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
go mod init probe 2>/dev/null; go get gonum.org/v1/gonum@v0.17.0 2>/dev/null || exit 2
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"gonum.org/v1/gonum/stat"
)

func main() {
	quantile := func(p float64, x, w []float64) float64 { return stat.Quantile(p, stat.LinInterp, x, w) }
	two, four := []float64{10, 20}, []float64{10, 20, 30, 40}
	halves, half := []float64{10, 10, 20, 20}, []float64{.5, .5, .5, .5}
	got := fmt.Sprint(quantile(.5, two, nil), quantile(.5, four, nil), quantile(.5, halves, half), quantile(.75, two, nil), quantile(.75, halves, half))
	fmt.Println("median of 10, 20; median of 10, 20, 30, 40; median of two halves each; upper quartile of 10, 20; of two halves each:")
	fmt.Println(got)
	if got != "10 20 10 15 20" {
		os.Exit(1)
	}
}
GO
go mod tidy 2>/dev/null || exit 2
go build -o probe . || exit 2
./probe
