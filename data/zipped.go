package data

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

const acceptZIP = "a ZIP archive with one shapefile (.shp, .dbf, .prj and perhaps .cpg of one name), or with one file in a format that is read"

// readZIP reads what a ZIP archive holds: a shapefile, or else the one file in a format that
// is read. Of several, the source names one as its table.
func readZIP(ctx context.Context, r io.Reader, t *table) error {
	in, err := at(ctx, r, t.name, t.lim.Bytes)
	if err != nil {
		return err
	}
	all, err := t.unzip(ctx, in, "ZIP archive", acceptZIP)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all.z.File, func(f *zip.File) bool { return strings.EqualFold(path.Ext(f.Name), ".shp") && !hidden(f) }) {
		all.accept = acceptShapefile
		return t.shapefile(ctx, all)
	}
	f, err := t.member(all)
	if err != nil {
		return err
	}
	if f.Flags&1 != 0 {
		return all.fault(plain(f.Name) + " has a password")
	}
	t.note("The ZIP archive holds " + plain(f.Name) + ", which was read.")
	content, err := all.open(f)
	if err != nil {
		return err
	}
	defer content.Close()
	return t.readAs(ctx, content, readAs(f.Name))
}

// offers notes the tables among which one was chosen; those of a file in an archive are not,
// where a file itself was.
func (t *table) offers(tables []string) {
	if t.about.Origin.Tables == nil {
		t.about.Origin.Tables = tables
	}
}

// hidden reports whether a member is what the Finder of macOS adds, or a folder.
func hidden(f *zip.File) bool {
	return strings.HasPrefix(path.Base(f.Name), ".") || strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasSuffix(f.Name, "/")
}

// member is the file of an archive that is to be read. A text counts where there is nothing
// else: it is likelier to be the one that says what the others are.
func (t *table) member(all *archive) (*zip.File, error) {
	var found, texts []*zip.File
	for _, f := range all.z.File {
		switch format := readAs(f.Name); {
		case hidden(f) || format == "" || format == Shapefile:
		case strings.EqualFold(path.Ext(f.Name), ".txt"):
			texts = append(texts, f)
		default:
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		found = texts
	}
	var names []string
	var chosen *zip.File
	for _, f := range found {
		names = append(names, f.Name)
		if f.Name == t.source.Table {
			chosen = f
		}
	}
	switch {
	case chosen != nil:
		t.source.Table = "" // what is within has tables of its own
		t.offers(names)
		return chosen, nil
	case len(found) == 0:
		return nil, all.fault("holds no file that can be read")
	case len(found) == 1:
		return found[0], nil
	}
	if t.source.Table != "" {
		return nil, &InputError{File: t.name, Field: "table", Value: t.source.Table, Problem: "not there" + meant(t.source.Table, names),
			Accept: list(names), Tables: names}
	}
	return nil, &InputError{File: t.name, Problem: fmt.Sprintf("holds %d files", len(found)),
		Accept: "the name of one of them as table: " + list(names), Tables: names}
}
