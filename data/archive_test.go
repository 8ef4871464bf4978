package data

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
)

// archiveOf is an archive of members in order, of which several may have one name.
func archiveOf(t *testing.T, all ...[2]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range all {
		h := &zip.FileHeader{Name: m[0], Method: zip.Deflate}
		if m[1] == "" {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(m[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is unpacked is counted, in each member and in all: harmless texts under small
// limits stand for large ones.
func TestArchivesAreUnpackedWithinLimits(t *testing.T) {
	shp, prj := shpOf(shpPoint(1, 2)), prjWGS84
	long := strings.Repeat(" ", smallMember+1)
	many := make([][2]string, mostMembers+1)
	for i := range many {
		many[i][0] = fmt.Sprint(i)
	}
	kml := "<kml>" + strings.Repeat("<!-- nothing -->", 1000) + "</kml>"
	small := Limits{Bytes: 4000}
	for name, c := range map[string]struct {
		file, input string
		lim         Limits
		want        string
	}{
		"a long .prj":        {"a.zip", archiveOf(t, [2]string{"a.shp", shp}, [2]string{"a.prj", long}), Limits{}, "a.prj holds more than 65536 bytes, and is a line or two"},
		"a long .cpg":        {"a.zip", archiveOf(t, [2]string{"a.shp", shp}, [2]string{"a.prj", prj}, [2]string{"a.cpg", long}), Limits{}, "a.cpg holds more than 65536 bytes"},
		"a .cpg twice":       {"a.zip", archiveOf(t, [2]string{"a.shp", shp}, [2]string{"a.cpg", "UTF-8"}, [2]string{"a.cpg", "UTF-8"}), Limits{}, "holds a.cpg twice"},
		"a .dbf twice":       {"a.zip", archiveOf(t, [2]string{"a.shp", shp}, [2]string{"a.dbf", ""}, [2]string{"A.DBF", ""}), Limits{}, "holds A.DBF twice"},
		"a large .dbf":       {"a.zip", archiveOf(t, [2]string{"a.shp", shp}, [2]string{"a.dbf", strings.Repeat(" ", 5000)}), small, "holds more than 4000 bytes after decompression"},
		"all of them large":  {"a.zip", archiveOf(t, [2]string{"a.shp", shp}, [2]string{"a.prj", prj + strings.Repeat(" ", 2000)}, [2]string{"a.dbf", strings.Repeat(" ", 2500)}), small, "holds more than 4000 bytes after decompression"},
		"many members":       {"a.zip", archiveOf(t, many...), Limits{}, "holds 10001 files; at most 10000 are looked at"},
		"a large KMZ":        {"a.kmz", archiveOf(t, [2]string{"doc.kml", kml}), small, "holds more than 4000 bytes after decompression"},
		"a KMZ of many":      {"a.kmz", archiveOf(t, many...), Limits{}, "holds 10001 files"},
		"a large workbook":   {"a.xlsx", archiveOf(t, [2]string{"xl/workbook.xml", kml}), small, "holds more than 4000 bytes after decompression"},
		"a workbook of many": {"a.xlsx", archiveOf(t, many...), Limits{}, "holds 10001 files"},
	} {
		_, err := Read(context.Background(), strings.NewReader(c.input), c.file, Source{}, c.lim)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
