package main

import (
	"cmp"
	"context"
	"crypto/md5" // what mirrors publish: it tells a broken download, not a forged one
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"careshed/access/study"

	"github.com/spf13/cobra"
)

// defaultMirror has an extract of every country and of many of their parts.
const defaultMirror = "https://download.geofabrik.de"

func roadsGet(e *env) *cobra.Command {
	var m mirror
	var dir, profile string
	var only, quiet, partial, overwrite bool
	c := &cobra.Command{
		Use: "get REGION", Short: "Fetch an OpenStreetMap extract from a mirror and build its index",
		Long: `Fetch the latest extract of a region, such as europe/portugal, from a mirror that is
laid out as Geofabrik's is (REGION-latest.osm.pbf, with .md5 beside it), and build
its index. The file keeps its date in its name (europe-portugal-260501.osm.pbf), so
that a study can say what it rests on; one that is there already is not fetched
again, and one that broke off goes on where it did. It counts only once its check
sum is that of the mirror.`,
		Example: `  careshed roads get europe/portugal --dir roads
  careshed roads get europe/monaco --mirror https://mirror.example.org/osm --only`,
		Args: exactly(1, "a region"),
		RunE: func(c *cobra.Command, args []string) error {
			bar := newBar(e.log, quiet)
			defer bar.end()
			m.report = func(done, of int64) {
				bar.report(study.Progress{Stage: "fetch", Done: int(done >> 10), Total: int(of >> 10)})
			}
			file, fresh, err := m.get(c.Context(), args[0], dir)
			bar.end()
			if err != nil {
				if c.Context().Err() != nil {
					return c.Context().Err()
				}
				return inputError{fmt.Errorf("%s: %w", args[0], err)}
			}
			what := "is there already, with the mirror's check sum"
			if fresh {
				what = "fetched, with the mirror's check sum"
			}
			fmt.Fprintf(e.out, "%s: %s\n", file, what)
			if only {
				return nil
			}
			out := outFile{path: strings.TrimSuffix(file, ".osm.pbf") + ".roads", overwrite: overwrite}
			return e.buildRoads(c.Context(), file, "", "", profile, out, quiet, partial)
		},
	}
	c.Flags().StringVar(&m.base, "mirror", defaultMirror, "where extracts are: http://… or https://…")
	c.Flags().StringVar(&dir, "dir", ".", "the folder to keep extracts and indices in")
	c.Flags().BoolVar(&only, "only", false, "fetch, and build nothing")
	c.Flags().StringVar(&profile, "profile", "", "as of roads build")
	c.Flags().BoolVar(&partial, "partial", false, "as of roads build")
	c.Flags().BoolVar(&overwrite, "overwrite", false, "replace the index if it is there")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress bar")
	return c
}

// mirror is where extracts are.
type mirror struct {
	base   string
	pause  time.Duration // before a second try; 0: a second
	report func(done, of int64)
}

// getTries is how often a download that breaks off goes on.
const getTries = 6

var (
	regions = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$`)
	dated   = regexp.MustCompile(`-(\d{6})\.osm\.pbf$`)
	sums    = regexp.MustCompile(`^[0-9a-f]{32}\b`)
)

// errGone is what a mirror does not have.
var errGone = errors.New("the mirror has no such file")

// get is the latest extract of a region in dir; fresh says that it was fetched.
func (m *mirror) get(ctx context.Context, region, dir string) (file string, fresh bool, err error) {
	base := strings.TrimRight(m.base, "/")
	if !regions.MatchString(region) {
		return "", false, fmt.Errorf("no name of a region; accepted: small letters, digits and -, parts joined by /, such as europe/portugal")
	}
	if !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://") {
		return "", false, fmt.Errorf("--mirror %s; accepted: http://… or https://…", m.base)
	}
	address := base + "/" + region + "-latest.osm.pbf"
	head, err := m.ask(ctx, http.MethodHead, address, nil)
	if err != nil {
		return "", false, err
	}
	head.Body.Close()
	final := head.Request.URL.String() // latest leads to a file with its date
	date, err := dateOf(final, head.Header.Get("Last-Modified"))
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", final, err)
	}
	sum, err := m.sum(ctx, final, address)
	if err != nil {
		return "", false, err
	}
	file = filepath.Join(dir, strings.ReplaceAll(region, "/", "-")+"-"+date+".osm.pbf")
	if have, err := sumOf(file); err == nil && have == sum {
		return file, false, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", false, plainPath(err)
	}
	part := file + ".part"
	for again := false; ; again = true {
		if err := m.fetch(ctx, final, part, head.ContentLength); err != nil {
			return "", false, err
		}
		have, err := sumOf(part)
		if err == nil && have == sum {
			return file, true, os.Rename(part, file)
		}
		if err == nil {
			err = fmt.Errorf("%s: the check sum is %s, the mirror's %s", final, have, sum)
		}
		// What was there before may be of another day: once more, from the start.
		if e := os.Remove(part); e != nil || again {
			return "", false, err
		}
	}
}

// dateOf is the date of an extract, from its name or from the mirror, as yymmdd.
func dateOf(address, modified string) (string, error) {
	if found := dated.FindStringSubmatch(path.Base(address)); found != nil {
		return found[1], nil
	}
	t, err := http.ParseTime(modified)
	if err != nil {
		return "", errors.New("the mirror says no date, neither in the name nor as Last-Modified")
	}
	return t.UTC().Format("060102"), nil
}

// sum is the check sum that the mirror gives for the file, or for the latest.
func (m *mirror) sum(ctx context.Context, final, latest string) (string, error) {
	var err error
	for _, address := range []string{final + ".md5", latest + ".md5"} {
		var resp *http.Response
		if resp, err = m.ask(ctx, http.MethodGet, address, nil); err != nil {
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		resp.Body.Close()
		if s := sums.FindString(strings.ToLower(strings.TrimSpace(string(text)))); s != "" {
			return s, nil
		}
		err = fmt.Errorf("%s: found no check sum", address)
	}
	return "", err
}

// ask sends a request; an answer that is neither whole nor a part is an error.
func (m *mirror) ask(ctx context.Context, method, address string, header map[string]string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		return resp, nil
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s: %w", address, errGone)
	}
	return nil, fmt.Errorf("%s: status %d", address, resp.StatusCode)
}

// fetch brings a file to its full size, from where it is; one that breaks off goes on
// a few times.
func (m *mirror) fetch(ctx context.Context, address, file string, size int64) error {
	pause := cmp.Or(m.pause, time.Second)
	for try := 1; ; try++ {
		done, err := m.goOn(ctx, address, file, size)
		switch {
		case err == nil && (size < 0 || done >= size):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errGone) || errors.Is(err, os.ErrPermission) || try == getTries:
			return fmt.Errorf("%s: broke off after %d of %d bytes, which are kept: %w", address, done, size, cmp.Or(err, io.ErrUnexpectedEOF))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause *= 2
	}
}

// goOn appends to a file what it lacks, and gives how much it has.
func (m *mirror) goOn(ctx context.Context, address, file string, size int64) (done int64, err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return 0, plainPath(err)
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if done, err = f.Seek(0, io.SeekEnd); err != nil {
		return done, err
	}
	if size >= 0 && done >= size { // all of it, or more: the check sum tells
		return done, nil
	}
	header := map[string]string{}
	if done > 0 {
		header["Range"] = fmt.Sprintf("bytes=%d-", done)
	}
	resp, err := m.ask(ctx, http.MethodGet, address, header)
	if err != nil {
		return done, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK && done > 0 { // the mirror begins anew
		if err := f.Truncate(0); err != nil {
			return done, err
		}
		if done, err = f.Seek(0, io.SeekStart); err != nil {
			return done, err
		}
	}
	body := io.Reader(resp.Body)
	if size >= 0 {
		body = io.LimitReader(body, size-done)
	}
	for err == nil {
		var n int64
		n, err = io.CopyN(f, body, 1<<20)
		if done += n; m.report != nil {
			m.report(done, max(size, done))
		}
	}
	if err == io.EOF {
		err = nil
	}
	return done, err
}

func sumOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", plainPath(err)
	}
	defer f.Close()
	h := md5.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
