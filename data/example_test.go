package data_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"careshed/data"
)

// A CSV file with coordinates becomes points; 01001 stays a text.
func Example() {
	csv := "fips,lon,lat,pop,share\n01001,-86.6,32.5,58805,1.0\n01003,-87.7,30.7,231767,\n"
	source := data.Source{ID: "fips", Columns: map[string]string{"population": "pop"}}
	l, err := data.Read(context.Background(), strings.NewReader(csv), "counties.csv", source, data.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := data.Write(os.Stdout, l, data.NDJSON); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"type":"Feature","id":"01001","geometry":{"type":"Point","coordinates":[-86.6,32.5]},"properties":{"fips":"01001","population":58805,"share":1.0}}
	// {"type":"Feature","id":"01003","geometry":{"type":"Point","coordinates":[-87.7,30.7]},"properties":{"fips":"01003","population":231767,"share":null}}
}
