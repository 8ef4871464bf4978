package role_test

import (
	"fmt"

	"careshed/geo"
	"careshed/geo/role"
)

// A code for no value is none, with a doubt that names the rows; where a value
// must be, the error says where, what and what would do.
func ExampleRole_Read() {
	svi := geo.Numbers(geo.Field{Name: "svi"}, []float64{0.5, -999, 0.9})
	people := geo.Labels(geo.Field{Name: "pop"}, []string{"58805", "n/a", "16"})
	l, err := geo.NewTable(geo.About{Name: "counties"}, []string{"01001", "01003", "01005"}, svi, people)
	if err != nil {
		fmt.Println(err)
		return
	}
	rank, err := role.Rank.Read(l, "svi")
	fmt.Println(rank.Values, rank.Doubts[0].Rows, err)
	_, err = role.People.Read(l, "pop")
	fmt.Println(err)
	// Output:
	// [0.5 NaN 0.9] [1] <nil>
	// layer counties: feature 2 (id 01003): pop is "n/a", not a number; accepted: a finite number of 0 or more in every row; where no number is given, a study's where: {pop: {not: "n/a"}} leaves the row out
}
