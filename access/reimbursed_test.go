package access_test

import (
	"reflect"
	"strings"
	"testing"

	"careshed/access"
	"careshed/geo"
)

// Each indication once, with the earliest beginning; products apart only where something
// is said of one of them; what is missing in every list.
func TestPaidBy(t *testing.T) {
	excerpt := "read in an excerpt"
	got := access.PaidBy([]access.Reimbursement{
		{Product: "axi (Yescarta)", Indication: "LBCL", Line: "3L+", Answer: "yes", Since: "2020-05", Status: "derived"},
		{Product: "tisa (Kymriah)", Indication: "LBCL", Line: "3L+", Answer: "yes", Since: "2019", Status: excerpt},
		{Area: "North", Product: "axi (Yescarta)", Indication: "LBCL", Line: "3L+", Answer: "yes", By: "2021", Status: excerpt},
		{Product: "brexu (Tecartus)", Indication: "MCL", Line: "r/r", Answer: "yes", Status: excerpt},
		{Product: "brexu (Tecartus)", Indication: "MCL", Line: "any", Answer: "no", AsOf: "2023-09-14", Status: excerpt},
		{Product: "cilta (Carvykti)", Indication: "MM", Line: "4L+", Answer: "ended", Since: "2022-10", AsOf: "2023", Status: excerpt},
		{Product: "ide (Abecma)", Indication: "MM", Line: "4L+", Answer: "partly", AsOf: "2023", Status: excerpt},
		{Product: "axi (Yescarta, FKC876)", Indication: "FL", Answer: "recommended", AsOf: "2024", Status: excerpt},
		{Product: "any", Indication: "any", Line: "any", Answer: "no", AsOf: "2026-02", Status: excerpt},
		{Product: "cilta (Carvykti)", Indication: "MM", Answer: "not stated", Status: excerpt},
		{Product: "count", Indication: "12 US indications", Line: "any", Answer: "count", Said: "4 of 12", AsOf: "2024-01", Status: "not read"},
	})
	want := access.Paid{
		Yes: []access.PaidItem{{What: "LBCL 3L+", Since: "2019", Status: excerpt}, {What: "MCL", Status: excerpt, Differs: true},
			{Area: "North", What: "LBCL 3L+", By: "2021", Status: excerpt}},
		Partly:      []access.PaidItem{{What: "MM 4L+", Product: "Abecma", AsOf: "2023", Status: excerpt}},
		Recommended: []access.PaidItem{{What: "FL", Product: "Yescarta", AsOf: "2024", Status: excerpt}},
		Not:         []access.PaidItem{{What: "MM 4L+", Product: "Carvykti", AsOf: "2023", Status: excerpt}, {What: "any", AsOf: "2026-02", Status: excerpt}},
		Counted:     []access.PaidItem{{What: "4 of 12 US indications", AsOf: "2024-01", Status: "not read"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if access.PaidBy(nil).Known() {
		t.Error("something is known of nothing")
	}
}

func TestReimbursementsOfALayer(t *testing.T) {
	var columns []geo.Column
	for _, name := range []string{"country", "area", "product", "indication", "line", "said", "answer", "since", "by", "as_of", "source", "status"} {
		values := []string{name + " 1", name + " 2"}
		if name == "country" {
			values = []string{"IT", "FR"}
		}
		columns = append(columns, geo.Labels(geo.Field{Name: name}, values))
	}
	l, err := geo.NewTable(geo.About{Name: "indications"}, nil, columns...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := access.Reimbursements(l)
	of, err2 := access.Reimbursements(l, "FR")
	if err != nil || err2 != nil || len(all) != 2 || len(of) != 1 || of[0] != all[1] || of[0].Status != "status 2" || of[0].AsOf != "as_of 2" || of[0].Said != "said 2" {
		t.Errorf("%+v, %+v, %v, %v", all, of, err, err2)
	}
	short, err := geo.NewTable(geo.About{Name: "indications"}, nil, columns[:8]...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := access.Reimbursements(short); err == nil || !strings.Contains(err.Error(), `"by"`) {
		t.Errorf("a field is missing: %v", err)
	}
}
