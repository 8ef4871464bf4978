package data

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
)

// What an archive may hold: so many members, and in those that are a line or two, such as
// the .prj of a shapefile, so many bytes.
const (
	mostMembers = 10_000
	smallMember = 64 << 10
)

// archive is a ZIP file whose members are unpacked within the limit of bytes for all of
// them, counted as they come and not as the archive announces them.
type archive struct {
	ctx    context.Context
	t      *table
	z      *zip.Reader
	accept string
	left   int64
}

// unzip looks at what an archive holds.
func (t *table) unzip(ctx context.Context, in random, what, accept string) (*archive, error) {
	a := &archive{ctx: ctx, t: t, accept: accept, left: t.lim.Bytes}
	var err error
	if a.z, err = zip.NewReader(in, in.size); err != nil {
		head := make([]byte, min(in.size, 64))
		in.ReadAt(head, 0)
		if other := otherBytes(t.name, head, accept); other != nil && !bytes.HasPrefix(head, []byte("PK")) {
			return nil, other
		}
		return nil, a.fault("is no " + what + ": " + oneLine(err.Error()))
	}
	if len(a.z.File) > mostMembers {
		return nil, a.fault(fmt.Sprintf("holds %d files; at most %d are looked at", len(a.z.File), mostMembers))
	}
	return a, nil
}

func (a *archive) fault(problem string) error {
	return &InputError{File: a.t.name, Problem: problem, Accept: a.accept}
}

// open is the content of a member, which takes no more than all may.
func (a *archive) open(f *zip.File) (io.ReadCloser, error) {
	in, err := f.Open()
	if err != nil {
		return nil, a.fault(fmt.Sprintf("%s cannot be unpacked: %s", plain(f.Name), oneLine(err.Error())))
	}
	most := a.t.lim.Bytes
	return struct {
		io.Reader
		io.Closer
	}{&stream{ctx: a.ctx, name: a.t.name, from: in, left: a.left, most: most}, in}, nil
}

// all is the whole of a member. One that is a line or two is refused when it is long.
func (a *archive) all(f *zip.File) ([]byte, error) {
	in, err := a.open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	ext, most := strings.ToLower(path.Ext(f.Name)), a.left
	small := ext == ".prj" || ext == ".cpg" || ext == ".cst"
	if small {
		most = min(most, smallMember)
	}
	b, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case int64(len(b)) > most && small:
		return nil, a.fault(fmt.Sprintf("%s holds more than %d bytes, and is a line or two in a shapefile", plain(f.Name), most))
	case err != nil:
		if known, ok := err.(*InputError); ok && strings.HasPrefix(known.Problem, "holds more than") {
			return nil, err
		}
		return nil, a.fault(fmt.Sprintf("%s cannot be unpacked: %s", plain(f.Name), oneLine(err.Error())))
	}
	a.left -= int64(len(b))
	return b, nil
}
