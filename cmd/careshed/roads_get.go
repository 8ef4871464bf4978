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
	"slices"
	"strings"
	"time"

	"careshed/access/study"
	"careshed/geo"

	"github.com/spf13/cobra"
)

// defaultMirror has an extract of every country and of many of their parts.
const defaultMirror = "https://download.geofabrik.de"

func roadsGet(e *env) *cobra.Command {
	var m mirror
	var dir, profile string
	var gigabytes float64
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
			if !(gigabytes >= 0 && gigabytes < 1e6) {
				return usageError{fmt.Errorf("--most %v; accepted: gigabytes, 0 or more", gigabytes)}
			}
			m.most = int64(gigabytes * 1e9)
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
			out := outFile{path: strings.TrimSuffix(file, ".osm.pbf") + ".roads", overwrite: overwrite}
			if only {
				fmt.Fprintf(e.out, "  to build its index: careshed roads build %s -o %s\n", file, out.path)
				return nil
			}
			return e.buildRoads(c.Context(), building{path: file, profile: profile, quiet: quiet, partial: partial}, out)
		},
	}
	c.Flags().StringVar(&m.base, "mirror", defaultMirror, "where extracts are: http://… or https://…")
	c.Flags().StringVar(&dir, "dir", ".", "the folder to keep extracts and indices in")
	c.Flags().Float64Var(&gigabytes, "most", 10, "no more than so many GB; 0 for any number")
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
	most   int64         // bytes of an extract; 0: any number
	pause  time.Duration // before a second try; 0: a second
	report func(done, of int64)
}

// remote is a file of a mirror: where it is, how large (-1 if the mirror does not say),
// and by what one tells it from another under its name: a strong ETag, else when it was
// changed; "" if the mirror says neither.
type remote struct {
	address string
	size    int64
	sign    string
}

func remoteOf(head *http.Response) remote {
	r := remote{head.Request.URL.String(), head.ContentLength, head.Header.Get("Last-Modified")}
	if tag := head.Header.Get("ETag"); strings.HasPrefix(tag, `"`) { // W/… may be of other bytes
		r.sign = tag
	}
	return r
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

// errSum is of a file with another check sum.
var errSum = errors.New("the check sum is")

// get is the latest extract of a region in dir; fresh says that it was fetched. One
// whose check sum is wrong is fetched once more, from the start: what was there before,
// or what the mirror had a moment ago, may be of another day.
func (m *mirror) get(ctx context.Context, region, dir string) (file string, fresh bool, err error) {
	for again := false; ; again = true {
		if file, fresh, err = m.latest(ctx, region, dir); again || !errors.Is(err, errSum) {
			return file, fresh, err
		}
	}
}

// latest is get, once.
func (m *mirror) latest(ctx context.Context, region, dir string) (file string, fresh bool, err error) {
	base := strings.TrimRight(m.base, "/")
	if !regions.MatchString(region) {
		return "", false, fmt.Errorf("no name of a region; accepted: small letters, digits and -, parts joined by /, such as europe/portugal")
	}
	if !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://") {
		return "", false, fmt.Errorf("--mirror %s; accepted: http://… or https://…", m.base)
	}
	address := base + "/" + region + "-latest.osm.pbf"
	head, err := m.ask(ctx, http.MethodHead, address, nil)
	if errors.Is(err, errGone) {
		return "", false, m.near(ctx, base, region, err)
	}
	if err != nil {
		return "", false, err
	}
	head.Body.Close()
	from := remoteOf(head)
	final := from.address // latest leads to a file with its date
	if m.most > 0 && from.size > m.most {
		return "", false, m.tooLarge(from.size)
	}
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
	if err := m.samePart(part, from); err != nil {
		return "", false, err
	}
	if err := m.fetch(ctx, from, part); err != nil {
		return "", false, err
	}
	have, err := sumOf(part)
	if err == nil && have != sum {
		err = fmt.Errorf("%s: %w: %s, the mirror's %s", final, errSum, have, sum)
		os.Remove(part)
	}
	if err != nil {
		return "", false, err
	}
	os.Remove(part + signEnding)
	return file, true, os.Rename(part, file)
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
func (m *mirror) fetch(ctx context.Context, from remote, file string) error {
	address, size := from.address, from.size
	pause := cmp.Or(m.pause, time.Second)
	for try := 1; ; try++ {
		done, err := m.goOn(ctx, from, file)
		switch {
		case err == nil && (size < 0 || done >= size):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errGone) || errors.Is(err, errLarge) || errors.Is(err, os.ErrPermission) || try == getTries:
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
func (m *mirror) goOn(ctx context.Context, from remote, file string) (done int64, err error) {
	size := from.size
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
		if from.sign != "" { // of another file now: all of it
			header["If-Range"] = from.sign
		}
	}
	resp, err := m.ask(ctx, http.MethodGet, from.address, header)
	if err != nil {
		return done, err
	}
	defer resp.Body.Close()
	at, _, _ := strings.Cut(strings.TrimPrefix(resp.Header.Get("Content-Range"), "bytes "), "-")
	if resp.StatusCode == http.StatusPartialContent && at != fmt.Sprint(done) {
		return done, fmt.Errorf("%s: asked for bytes from %d on, found those from %q", from.address, done, at)
	}
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
	} else if m.most > 0 { // the mirror does not say how large it is
		body = io.LimitReader(body, m.most+1-done)
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
	if m.most > 0 && done > m.most {
		err = m.tooLarge(done)
	}
	return done, err
}

// errLarge is of an extract that is larger than asked for.
var errLarge = errors.New("larger than --most allows")

func (m *mirror) tooLarge(size int64) error {
	return fmt.Errorf("%w: %s; accepted: up to %s, a smaller region, or a larger --most", errLarge, study.Bytes(size), study.Bytes(m.most))
}

// signEnding is of the file that says of which file of the mirror a part is.
const signEnding = ".sign"

// samePart removes a part that is of another file than the mirror has now. Without a
// sign nothing tells, but the check sum in the end.
func (m *mirror) samePart(part string, from remote) error {
	was, err := os.ReadFile(part + signEnding)
	if err == nil && len(was) > 0 && from.sign != "" && string(was) != from.sign {
		if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
			return plainPath(err)
		}
	}
	if err := os.WriteFile(part+signEnding, []byte(from.sign), 0o644); err != nil {
		return plainPath(err)
	}
	return nil
}

// linked are the addresses of extracts in the page of a folder.
var linked = regexp.MustCompile(`href="(?:[^"]*/)?([a-z0-9-]+)-latest\.osm\.pbf"`)

// near says of a region that the mirror does not have what is near it, as far as the
// page of its folder names it.
func (m *mirror) near(ctx context.Context, base, region string, gone error) error {
	folder, name := path.Split(region)
	address := base + "/" + strings.TrimSuffix(folder, "/") + ".html" // as Geofabrik's
	if folder == "" {
		address = base + "/"
	}
	resp, err := m.ask(ctx, http.MethodGet, address, nil)
	if err != nil {
		return gone
	}
	defer resp.Body.Close()
	const most = 1 << 20
	page, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return gone
	}
	var known []string
	for _, found := range linked.FindAllStringSubmatch(string(page), -1) {
		known = append(known, found[1])
	}
	slices.Sort(known)
	known = slices.Compact(known)
	switch like := geo.Like(name, known); {
	case len(known) == 0:
		return gone
	case like != "":
		return fmt.Errorf("%w; did you mean %s?", gone, folder+like)
	}
	const some = 12
	more := ""
	if n := len(known) - some; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("%w; there are, in %s: %s%s", gone, address, strings.Join(known[:min(len(known), some)], ", "), more)
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
