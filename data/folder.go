package data

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Folder is a folder that files of one kind are written into, all of them or
// none. A list in it, KIND.sha256 in the form of sha256sum, says which files
// are ours: what is not in the list, or has changed since, is never replaced or
// removed, and neither is an input.
//
// Nothing is made before the first Write. Write may be called from several
// goroutines.
type Folder struct {
	dir    string
	list   string              // the name of the list
	ours   map[string][]string // sums by name; two where a run was stopped as it moved its files in
	keep   []string            // of these, by name: see Keep
	inputs []os.FileInfo
	disk   disk

	mu    sync.Mutex
	stage string
	names []string          // written, in the order of Write
	sums  map[string]string // of these
}

// OpenFolder prepares to write files of a kind, such as careshed-run, into a
// folder that may exist. Inputs are files that stay as they are whatever the
// list says; what of them does not exist is passed over.
func OpenFolder(dir, kind string, inputs ...string) (*Folder, error) {
	f := &Folder{dir: dir, list: kind + listEnding, sums: map[string]string{}, disk: osDisk{}}
	for _, path := range inputs {
		if info, err := os.Stat(path); err == nil {
			f.inputs = append(f.inputs, info)
		}
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, fmt.Errorf("write %s: %w", dir, bare(err))
	case !info.IsDir():
		return nil, &InputError{File: dir, Problem: "is a file", Accept: "a folder, or a new name"}
	}
	return f, f.readList()
}

// readList reads which files are ours. A file of the list's name that is none
// is somebody else's.
func (f *Folder) readList() error {
	path := filepath.Join(f.dir, f.list)
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, bare(err))
	}
	strange := &InputError{File: path, Problem: "is not a list of files that careshed wrote", Accept: "another folder, or the file under another name"}
	if !info.Mode().IsRegular() {
		return strange
	}
	in, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, bare(err))
	}
	defer in.Close()
	f.ours = map[string][]string{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if raw, err := hex.DecodeString(sum); !ok || err != nil || len(raw) != sha256.Size || !filepath.IsLocal(filepath.FromSlash(name)) {
			return strange
		}
		f.ours[name] = append(f.ours[name], sum)
	}
	if lines.Err() != nil || len(f.ours) == 0 {
		return strange
	}
	return nil
}

// Check refuses names, with strokes between folders, that stand in the folder
// and are not ours to replace: so a run can fail before it has computed.
func (f *Folder) Check(names ...string) error {
	var strange []string
	for _, name := range names {
		if err := f.throughFolders(name); err != nil {
			return err
		}
		path := filepath.Join(f.dir, filepath.FromSlash(name))
		info, err := os.Lstat(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", path, bare(err))
		}
		if f.isInput(info) {
			return &InputError{File: path, Problem: "is read by the study and would be replaced by a result of the same name", Accept: "another folder"}
		}
		ours, err := f.isOurs(name, info)
		if err != nil {
			return err
		}
		if !ours {
			strange = append(strange, name)
		}
	}
	if len(strange) == 0 {
		return nil
	}
	slices.Sort(strange)
	return &InputError{File: f.dir, Problem: fmt.Sprintf("has %s already, which careshed did not write, or which changed since: %s", counted(len(strange), "file"), list(strange)),
		Accept: "another folder, or these files under other names"}
}

// throughFolders refuses a name whose folder is a link or a file.
func (f *Folder) throughFolders(name string) error {
	for at := name; ; {
		if at = pathDir(at); at == "" {
			return nil
		}
		path := filepath.Join(f.dir, filepath.FromSlash(at))
		info, err := os.Lstat(path)
		if err == nil && !info.IsDir() {
			return &InputError{File: path, Problem: "is a link or a file where a folder of results is to be", Accept: "another folder"}
		}
	}
}

func pathDir(name string) string {
	k := strings.LastIndexByte(name, '/')
	return name[:max(k, 0)]
}

func (f *Folder) isInput(info os.FileInfo) bool {
	return slices.ContainsFunc(f.inputs, func(in os.FileInfo) bool { return os.SameFile(in, info) })
}

// isOurs reports whether a file is as we wrote it.
func (f *Folder) isOurs(name string, info os.FileInfo) (bool, error) {
	sums := f.ours[name]
	if len(sums) == 0 || !info.Mode().IsRegular() || f.isInput(info) {
		return false, nil
	}
	sum, err := fileSum(filepath.Join(f.dir, filepath.FromSlash(name)))
	return slices.Contains(sums, sum), err
}

func fileSum(path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, bare(err))
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", fmt.Errorf("read %s: %w", path, bare(err))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Whole reports whether every file of the list is there as we wrote it, and
// there is a list.
func (f *Folder) Whole() bool {
	for name := range f.ours {
		info, err := os.Lstat(filepath.Join(f.dir, filepath.FromSlash(name)))
		if err != nil {
			return false
		}
		if ours, err := f.isOurs(name, info); err != nil || !ours {
			return false
		}
	}
	return len(f.ours) > 0
}

// Sum is the SHA-256 of a file that Write has written, "" of others.
func (f *Folder) Sum(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sums[name]
}

// Kept is the SHA-256 of a file that an earlier time has written, as the list has it; ""
// of others, and of one that was being replaced when a run was stopped.
func (f *Folder) Kept(name string) string {
	if sums := f.ours[name]; len(sums) == 1 {
		return sums[0]
	}
	return ""
}

// listEnding ends the names of lists.
const listEnding = ".sha256"

// stagePrefix begins the names of the folders in which files wait to be moved in.
const stagePrefix = ".careshed-"

// Mend prepares a folder of ours of which files may be damaged: OpenFolder and what
// follows would take those for somebody else's. What is in the list, or known with its
// sum to the caller, and is not as it was written, gets a name that ends in .changed, and
// so does a list that is none. It returns the names as they were.
func Mend(dir, kind string, known map[string]string) (aside []string, err error) {
	f, err := OpenFolder(dir, kind)
	var strange *InputError
	if errors.As(err, &strange) && len(known) > 0 && strange.File == filepath.Join(dir, kind+listEnding) {
		if err := putAside(strange.File); err != nil {
			return nil, err
		}
		aside, f.ours = []string{f.list}, nil
	} else if err != nil {
		return nil, err
	}
	complete := maps.Clone(f.ours)
	if complete == nil {
		complete = map[string][]string{}
	}
	for name, sum := range known {
		if filepath.IsLocal(filepath.FromSlash(name)) && len(complete[name]) == 0 {
			complete[name] = []string{sum}
		}
	}
	if len(complete) > len(f.ours) {
		f.ours = complete
		if err := f.writeList(complete); err != nil {
			return aside, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.ours)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || f.throughFolders(name) != nil {
			continue
		}
		if ours, err := f.isOurs(name, info); err != nil || ours {
			continue
		}
		if err := putAside(path); err != nil {
			return aside, err
		}
		aside = append(aside, name)
	}
	return aside, nil
}

// putAside gives a file a name that nothing has.
func putAside(path string) error {
	for n := 1; ; n++ {
		to := path + ".changed"
		if n > 1 {
			to = fmt.Sprintf("%s-%d", to, n)
		}
		if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
			return os.Rename(path, to)
		} else if err != nil {
			return err
		}
	}
}

// Write writes a file beside the folder's and brings it to the disk; Commit moves it in.
func (f *Folder) Write(name string, write func(io.Writer) error) error {
	sum := sha256.New()
	return f.fill(name, func(w io.Writer) error { return write(&summing{to: w, hash: sum}) }, func() string { return hex.EncodeToString(sum.Sum(nil)) })
}

// Fill is Write of a file whose SHA-256 the caller knows, and answers for before Commit.
func (f *Folder) Fill(name, sum string, write func(io.Writer) error) error {
	return f.fill(name, write, func() string { return sum })
}

func (f *Folder) fill(name string, write func(io.Writer) error, sum func() string) error {
	stage, err := f.staged(name)
	if err != nil {
		return err
	}
	if err := fillFile(f.disk, filepath.Join(stage, filepath.FromSlash(name)), write, false); err != nil {
		return fmt.Errorf("write %s: %w", name, bare(err))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sums[name] = sum()
	return nil
}

// staged is the folder beside, with room for a name; the order of the calls is
// that in which the files are moved in.
func (f *Folder) staged(name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stage == "" {
		if err := os.MkdirAll(f.dir, 0o755); err != nil {
			return "", fmt.Errorf("write %s: %w", f.dir, bare(err))
		}
		Sweep(f.dir, stagePrefix)
		stage, err := TempFolder(f.dir, stagePrefix)
		if err != nil {
			return "", fmt.Errorf("write %s: %w", f.dir, bare(err))
		}
		f.stage = stage
	}
	f.names = append(f.names, name)
	if in := pathDir(name); in != "" {
		if err := os.MkdirAll(filepath.Join(f.stage, filepath.FromSlash(in)), 0o755); err != nil {
			return "", fmt.Errorf("write %s: %w", name, bare(err))
		}
	}
	return f.stage, nil
}

// summing takes the sum of what is written through it.
type summing struct {
	to   io.Writer
	hash hash.Hash
}

func (s *summing) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	s.hash.Write(p[:n])
	return n, err
}

// Keep has Commit leave files of an earlier time as they are, and in the list: so a folder
// may be filled file by file.
func (f *Folder) Keep(names ...string) { f.keep = append(f.keep, names...) }

// Commit moves the written files in, those that last names at the end, and
// removes those that an earlier time has left and this one has not. A list of
// both stands there while files move, so that whoever is stopped can begin
// again.
func (f *Folder) Commit(last ...string) error {
	slices.SortStableFunc(f.names, func(a, b string) int { return slices.Index(last, a) - slices.Index(last, b) })
	if err := f.Check(f.names...); err != nil {
		return err
	}
	both := map[string][]string{}
	for name, sums := range f.ours {
		both[name] = append(both[name], sums...)
	}
	for name, sum := range f.sums {
		if !slices.Contains(both[name], sum) {
			both[name] = append(both[name], sum)
		}
	}
	if err := f.writeList(both); err != nil {
		return err
	}
	if err := f.removeStale(); err != nil {
		return err
	}
	now, folders := map[string][]string{}, map[string]bool{}
	for _, name := range f.keep {
		if sums := f.ours[name]; len(sums) > 0 {
			now[name] = sums
		}
	}
	for _, name := range f.names {
		now[name] = []string{f.sums[name]}
		if in := pathDir(name); in != "" {
			if err := os.MkdirAll(filepath.Join(f.dir, filepath.FromSlash(in)), 0o755); err != nil {
				return fmt.Errorf("write %s: %w", f.dir, bare(err))
			}
		}
		if err := f.disk.rename(filepath.Join(f.stage, filepath.FromSlash(name)), filepath.Join(f.dir, filepath.FromSlash(name))); err != nil {
			return fmt.Errorf("write %s: %w", f.dir, bare(err))
		}
		folders[pathDir(name)] = true
	}
	for in := range folders {
		if err := f.disk.sync(filepath.Join(f.dir, filepath.FromSlash(in))); err != nil {
			return fmt.Errorf("write %s: %w", f.dir, bare(err))
		}
	}
	return f.writeList(now)
}

// removeStale removes our files of an earlier time that are not written now and
// are as we wrote them.
func (f *Folder) removeStale() error {
	for name := range f.ours {
		path := filepath.Join(f.dir, filepath.FromSlash(name))
		info, err := os.Lstat(path)
		if err != nil || f.sums[name] != "" || slices.Contains(f.keep, name) || f.throughFolders(name) != nil {
			continue
		}
		if ours, err := f.isOurs(name, info); err != nil || !ours {
			continue
		}
		if err := f.disk.remove(path); err != nil {
			return fmt.Errorf("remove %s: %w", path, bare(err))
		}
	}
	return nil
}

func (f *Folder) writeList(sums map[string][]string) error {
	return writeFile(f.disk, filepath.Join(f.dir, f.list), func(w io.Writer) error {
		for _, name := range slices.Sorted(maps.Keys(sums)) {
			for _, sum := range sums[name] {
				if _, err := fmt.Fprintf(w, "%s  %s\n", sum, name); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Tidy removes what programs that were stopped have left in a folder of files of a kind:
// folders in which files waited to be moved in, and lists that had no name yet. [Folder.Write]
// does the same; Tidy is for a folder that is whole and not written again. Call it before
// anything is made, as [Sweep].
func Tidy(dir, kind string) {
	Sweep(dir, stagePrefix)
	Sweep(dir, besides(kind+listEnding))
}

// Close removes what was not moved in.
func (f *Folder) Close() error {
	if f.stage == "" {
		return nil
	}
	return os.RemoveAll(f.stage)
}

// bare is the cause of an error about a path that the message names already.
func bare(err error) error {
	var p *os.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// CreateFile is [WriteFile] for a path at which nothing may stand. A device or
// a pipe is written to; anything else that is there is an error, and stays.
// With replace a file that is there is replaced, unless it is one of inputs.
func CreateFile(path string, replace bool, inputs []string, write func(io.Writer) error) error {
	info, err := Creatable(path, replace, inputs)
	if err != nil {
		return err
	}
	if info != nil && !info.Mode().IsRegular() && info.Mode()&os.ModeSymlink == 0 {
		out, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, bare(err))
		}
		if err := write(out); err != nil {
			out.Close()
			return err
		}
		return out.Close()
	}
	return WriteFile(path, write)
}

// Creatable says in advance what [CreateFile] would refuse, and what stands at
// the path, nil for nothing.
func Creatable(path string, replace bool, inputs []string) (os.FileInfo, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, bare(err))
	}
	target, err := os.Stat(path)
	switch {
	case err == nil && target.IsDir():
		return nil, &InputError{File: path, Problem: "is a folder", Accept: "the name of a file"}
	case err == nil && !target.Mode().IsRegular():
		return target, nil // a device or a pipe, perhaps behind a link
	}
	for _, in := range inputs {
		if other, e := os.Stat(in); e == nil && err == nil && os.SameFile(other, target) {
			return nil, &InputError{File: path, Problem: "is read by the command, and would be replaced by what it writes", Accept: "another name"}
		}
	}
	if !replace {
		return nil, &InputError{File: path, Problem: "is there already", Accept: "another name, or --overwrite to replace it"}
	}
	return info, nil
}
