package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"careshed/access/study"
	"careshed/data"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// parting is how work is parted among machines: in one way at most.
type parting struct {
	shard     string   // i/n: a part of it alone
	merge     []string // folders in which parts were made
	on, store string   // the database of a fleet, and where files are kept
}

// flags are those of a command whose work is so called, such as runs.
func (p *parting) flags(c *cobra.Command, work string) {
	c.Flags().StringVar(&p.shard, "shard", "", "make one part alone, such as 3/8: the third of eight")
	c.Flags().StringSliceVar(&p.merge, "merge", nil, "take the "+work+" from these folders, in which parts were made")
	c.Flags().StringVar(&p.on, "on", "", "have the workers of this PostgreSQL database make the "+work+": postgres://USER@HOST/DATABASE")
	c.Flags().StringVar(&p.store, "store", "", "with --on, where files and results are kept: file:DIR, a folder that all workers see, or s3://BUCKET/PREFIX")
}

// ways is how many ways of parting are asked for.
func (p *parting) ways() (n int) {
	for _, given := range []bool{p.shard != "", len(p.merge) > 0, p.on != ""} {
		if given {
			n++
		}
	}
	return n
}

func (p *parting) check() error {
	switch {
	case p.ways() > 1:
		return usageError{errors.New("--shard, --merge and --on are three ways to part the work; accepted: one of them")}
	case (p.on == "") != (p.store == ""):
		return usageError{errors.New("--on and --store go together: the database hands out the work, the store has its files")}
	}
	_, err := partOf(p.shard)
	return err
}

// portion is one of several equal parts of a batch, counted from 1; the zero value is all
// of it.
type portion struct{ this, of int }

// partOf reads i/n.
func partOf(text string) (portion, error) {
	if text == "" {
		return portion{}, nil
	}
	i, n, ok := strings.Cut(text, "/")
	p := portion{}
	var err1, err2 error
	p.this, err1 = strconv.Atoi(i)
	p.of, err2 = strconv.Atoi(n)
	if !ok || err1 != nil || err2 != nil || p.this < 1 || p.of < p.this {
		return p, usageError{fmt.Errorf("--shard %q; accepted: which of how many parts, from 1/4 to 4/4 for example", text)}
	}
	return p, nil
}

// taken are what is in a part of all: every nth, so that the points of one study, which
// take as long as each other, are spread over all parts.
func taken[T any](p portion, all []T) []T {
	if p.of == 0 {
		return all
	}
	var out []T
	for k := p.this - 1; k < len(all); k += p.of {
		out = append(out, all[k])
	}
	return out
}

// merge brings together what parts of a batch made in folders of their own. What is
// missing, or was made of other files or by another version, is named.
func (e *env) merge(ctx context.Context, tasks []task, b batchAsk, parts []string) error {
	if _, err := batchFolder(tasks, b.dir, b.config); err != nil {
		return err
	}
	var missing []string
	for _, t := range tasks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.there(t, b.config) {
			continue
		}
		k := slices.IndexFunc(parts, func(dir string) bool {
			there := t
			there.dir = within(dir, relative(b.dir, t.dir))
			return e.fresh(there, b.config)
		})
		if k < 0 {
			missing = append(missing, t.name())
			continue
		}
		from := within(parts[k], relative(b.dir, t.dir))
		if err := e.adopt(t, b.config, func(put putFile) error { return filesIn(from, put) }); err != nil {
			return err
		}
		fmt.Fprintf(e.log, "%s: from %s\n", t.name(), parts[k])
	}
	if len(missing) > 0 {
		shown := missing[:min(len(missing), 5)]
		return inputError{fmt.Errorf("%d of %d runs are in none of the folders, whole and made by this version of the same study and files: %s%s",
			len(missing), len(tasks), strings.Join(shown, ", "), map[bool]string{true: " …"}[len(missing) > len(shown)])}
	}
	return gather(tasks, make([]error, len(tasks)), b.dir, b.config)
}

// relative is a path below a folder, as it is there.
func relative(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	return rel
}

// putFile takes a file of a result, and its SHA-256 if it is known; "" has it taken.
type putFile func(name, sum string, r io.Reader) error

// filesIn hands on the files of a result in a folder.
func filesIn(dir string, put putFile) error {
	for _, name := range sortedKeys(outputsOf(dir)) {
		r, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if err := errors.Join(put(name, "", r), r.Close()); err != nil {
			return err
		}
	}
	return nil
}

// adopt puts a result that was made elsewhere into its folder, as if it had been made
// here: the same files, whole or not at all.
func (e *env) adopt(t task, config string, files func(putFile) error) error {
	if _, err := data.Mend(t.dir, resultKind, outputsOf(t.dir)); err != nil {
		return err
	}
	folder, err := resultFolder(t.dir, t.spec, t.formats, inputsOf(t.path, t.spec, config))
	if err != nil {
		return err
	}
	defer folder.Close()
	var beside errgroup.Group // each waits for the disk
	beside.SetLimit(4)
	err = files(func(name, sum string, r io.Reader) error {
		write := folder.Write
		if sum != "" {
			write = func(name string, from func(io.Writer) error) error { return folder.Fill(name, sum, from) }
		}
		small := buffers.Get().(*bytes.Buffer)
		if _, err := io.CopyN(small, r, 4<<20); err == nil {
			return write(name, func(w io.Writer) error { _, err := io.Copy(w, io.MultiReader(small, r)); return err })
		} else if err != io.EOF {
			return err
		}
		beside.Go(func() error {
			defer buffers.Put(small)
			return write(name, func(w io.Writer) error { _, err := small.WriteTo(w); return err })
		})
		return nil
	})
	if err := errors.Join(err, beside.Wait()); err != nil {
		return err
	}
	if err := folder.Commit("summary.json", manifestName); err != nil {
		return err
	}
	if m := manifestOf(t.dir); m == nil || !madeOf(m, t) || slices.ContainsFunc(m.Outputs, func(f study.File) bool { return folder.Sum(f.Name) != f.SHA256 }) {
		return fmt.Errorf("%s: what was made elsewhere is not what its manifest says", t.dir)
	}
	return nil
}
