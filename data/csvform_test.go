package data

import (
	"strings"
	"testing"
)

// Forms of CSV that programs write, and that say one thing only.
func TestFormsOfCSV(t *testing.T) {
	for _, c := range []struct{ name, input, want, note string }{
		{"rows of separators alone", "name,pop,x\nA,5,1\n,,\n\"\", ,\nB,6,2\n,,\n", "name=A,B pop=5,6 x=1,2", "3 rows of nothing but separators left out."},
		{"two coordinates may both be none", "lon,lat\n,\n1.5,-2\n", " rows 2", ""},
		{"a separator behind each line", "name;pop;\nA;5;\nB;6;\n", "name=A,B pop=5,6", ""},
		{"several behind each line", "name,pop,,\nA,5,,\n", "name=A pop=5", ""},
		{"white space in a column without a name", ",b\n\"\n\",1\n\" \",2\n", "b=1,2", ""},
		{"a column named by a line's end", "\"\n\",b\n\"\n\",1\n,2\n", "b=1,2", ""},
		{"a column without a name and a value", "name,pop,\nA,5,\nB,6,7\n", "error: a.csv: line 1: column 3 has no name, and holds 7 in feature 2; accepted: a name for every column", ""},
		{"R", "\"\",\"name\",\"pop\"\n\"1\",\"A\",5\n\"2\",\"B\",6\n", "name=A,B pop=5,6", "The first column, which has no name, only numbers the rows and was left out."},
		{"pandas", ",name,pop\n0,A,5\n1,B,6\n", "name=A,B pop=5,6", "only numbers the rows"},
		{"names of rows", ",pop\nA,5\nB,6\n", `error: a.csv: line 1: column 1 has no name, and holds "A" in feature 1; accepted: a name for every column (pandas: index_label`, ""},
		{"rows that were chosen", ",name\n3,A\n7,B\n", "error: a.csv: line 1: column 1 has no name, and holds 3 in feature 1", ""},
		{"codes as formulas", "code,n\n\"=\"\"01001\"\"\",5\n=\"01002\",6\n", "code=01001,01002 n=5,6", ""},
		{"an empty formula", "code,n\n=\"\",5\n", "error: a.csv: line 2: the row has a quote inside a cell", ""},
		{"codes as formulas in quotes", "code,n\n\"=\"\"01001\"\"\",5\n\"=\"\"1002\"\"\",6\n", "code=01001,1002 n=5,6", ""},
		{"a formula that is more", "code,n\n\"=\"\"a\"\"&\"\"b\"\"\",5\n", `code=="a"&"b" n=5`, ""},
		{"Eurostat", "freq,sex,geo\\TIME_PERIOD\t2021 \t2022 \nA,T,DE2\t: \t100 p\nA,T,DE21\t60 \t: z\nA,T,DE22\t40 b\t120.5 \n",
			"freq=A,A,A sex=T,T,T geo=DE2,DE21,DE22 2021=,60,40 2022=100,,120.5", "Flags behind the values of Eurostat's table"},
		{"Eurostat without flags", "freq,geo\\TIME_PERIOD\t2021 \nA,DE2\t5 \n", "freq=A geo=DE2 2021=5", ""},
		{"another sign in Eurostat's table", "freq,geo\\TIME_PERIOD\t2021 \nA,DE2\t5 km\nA,DE3\t6 \n", "freq=A,A geo=DE2,DE3 2021=5 km,6", ""},
		{"tabs without such a cell", "a,b\tc\n1,2\t3\n", "a=1 b\tc=2\t3", ""},
		{"the first row of each group", "land,code2,pop\nBayern,a,5\n,b,6\n,c,7\nHessen,d,5\n,e,8\n", "land=Bayern,,,Hessen, code2=a,b,c,d,e pop=5,6,7,5,8",
			"The column land has a value in 2 of 5 rows, as where only the first row of a group has it (Bayern, Hessen)"},
		{"remarks", "pop,code2,remark\n5,a,new\n6,b,\n7,c,\n5,d,old\n8,e,\n", "pop=5,6,7,5,8 code2=a,b,c,d,e remark=new,,,old,", ""},
		{"a first column with some gaps", "land,code2,pop\nBayern,a,5\nHessen,b,6\n,c,7\nBerlin,d,5\n", "land=Bayern,Hessen,,Berlin code2=a,b,c,d pop=5,6,7,5", ""},
	} {
		l, err := layerOf(t, "a.csv", c.input, Source{})
		if err != nil {
			if got := "error: " + err.Error(); !strings.HasPrefix(got, c.want) {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
			continue
		}
		got := ""
		for _, col := range l.Columns() {
			got += " " + col.Name + "="
			for i := range l.Len() {
				got += strings.TrimSpace(string(" ,"[min(i, 1)])) + col.Text(i)
			}
		}
		if l.Len() == 2 && len(l.Columns()) == 0 {
			got = "  rows 2"
		}
		if strings.TrimPrefix(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if notes := strings.Join(l.Notes, " "); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
			t.Errorf("%s: notes %q, want %q", c.name, notes, c.note)
		}
	}
}

// A coordinate of exactly 0 beside one that is none is doubted where all others are far from it.
func TestHalfNowhere(t *testing.T) {
	for input, want := range map[string]string{
		"lon,lat\n9,46\n0,47\n11,48\n":     "1 feature lies at longitude 0 exactly, and all others more than 5 degrees from it (feature 2): is that longitude missing?",
		"lon,lat\n9,46\n10,0\n11,48\n":     "1 feature lies at latitude 0 exactly",
		"lon,lat\n-1,51\n0,51.5\n-2,52\n":  "",
		"lon,lat\n0,51\n0,51.5\n-6.5,52\n": "",
	} {
		l, err := layerOf(t, "a.csv", input, Source{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(l.Notes, " "); !strings.HasPrefix(got, want) || want == "" && got != "" || (want != "") != (len(l.Doubts) == 1) {
			t.Errorf("%q: %q", input, got)
		}
	}
}

// Numbers that a spreadsheet has cut are doubted; those that R writes so are whole.
func TestCutNumbers(t *testing.T) {
	for input, want := range map[string]string{
		"code,pop\na,1.49E+06\nb,3.5E+05\nc,12\n": "2 values of pop in the scientific form of spreadsheets, such as 1.49E+06",
		"code,pop\na,1e+05\nb,12\n":               "",
		"code,pop\na,1.5E+01\nb,1.234567E+06\n":   "",
		"code,rate\na,1.5E-03\nb,1.234567E-06\n":  "",
		"code,word\na,1.49E+06\nb,none\n":         "",
	} {
		l, err := layerOf(t, "a.csv", input, Source{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(l.Notes, " "); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q", input, got)
		}
	}
}
