package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study"
	"careshed/access/study/spec"
)

// sections are what every page of docs/methods has.
var sections = []string{"## Formula", "## Boundaries", "## Sources", "## Example"}

// The examples of docs/methods are run: a block whose fence names a file
// ("yaml study.yaml") is that file, a console block is what a reader would type
// beside these files and what must come out. -update renews what comes out.
func TestMethods(t *testing.T) {
	pages, err := filepath.Glob("../../docs/methods/*.md")
	if err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile("../../docs/methods/README.md")
	if err != nil {
		t.Fatal(err)
	}
	named, shown := map[string]bool{}, map[string]bool{}
	left := len(pages) - 1 // all but README.md
	for _, path := range pages {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+\.md)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", filepath.Base(path), m[1])
			}
		}
		if filepath.Base(path) == "README.md" {
			continue
		}
		if !strings.Contains(string(index), "]("+filepath.Base(path)+")") {
			if *update {
				indexed(t, filepath.Dir(path), filepath.Base(path), string(text))
			} else {
				t.Errorf("README.md does not link to %s; -update puts it into the table", filepath.Base(path))
			}
		}
		if path, err = filepath.Abs(path); err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".md"), func(t *testing.T) {
			t.Chdir(t.TempDir())
			p := &methodPage{t: t, path: path, lines: strings.Split(string(text), "\n")}
			p.run()
			left--
			for _, w := range p.words() {
				named[w] = true
			}
			for _, w := range p.computes() {
				shown[w] = true
			}
		})
	}
	if left > 0 {
		return // a page failed, or -run chose one of them
	}
	for what, names := range map[string][]string{"measure": study.MeasureNames(), "index": spec.IndexNames()} {
		for _, n := range names {
			if !named[n] || !shown[n] {
				t.Errorf("%s %s is on no page of docs/methods: a page names it in backticks and has an example that computes it", what, n)
			}
		}
	}
	var options []string
	for i, d := 0, reflect.TypeFor[spec.DecaySpec](); i < d.NumField(); i++ {
		options = append(options, d.Field(i).Tag.Get("yaml"))
	}
	for _, x := range access.Families {
		options = append(options, string(x))
	}
	for _, x := range access.Forms {
		options = append(options, string(x))
	}
	for _, x := range access.Beyonds {
		options = append(options, string(x))
	}
	for _, n := range append(options, spec.Goals()...) {
		if !named[n] {
			t.Errorf("%s is on no page of docs/methods in backticks", n)
		}
	}
}

// indexed puts a page into the table of the index: its first line that begins
// with a name in backticks says what it answers.
func indexed(t *testing.T, dir, page, text string) {
	t.Helper()
	m := regexp.MustCompile("(?m)^`([^`]+)`: (.+)$").FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%s: no line says `NAME`: what it answers", page)
	}
	readme := filepath.Join(dir, "README.md")
	b, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	end := strings.LastIndex(string(b), "\n| [") + 1
	end += strings.Index(string(b[end:]), "\n") + 1
	row := fmt.Sprintf("| [%s](%s) | `%s` | %s |\n", page, page, m[1], m[2])
	if err := os.WriteFile(readme, []byte(string(b[:end])+row+string(b[end:])), 0o666); err != nil {
		t.Fatal(err)
	}
}

// methodPage is a page whose example is run in the current folder.
type methodPage struct {
	t     *testing.T
	path  string
	lines []string
	prose []string // what stands outside the fences
	ran   int
}

func (p *methodPage) words() (w []string) {
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Join(p.prose, "\n"), -1) {
		w = append(w, m[1])
	}
	return w
}

// computes are the measures and indices of the studies on the page.
func (p *methodPage) computes() (names []string) {
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range files {
		s, err := readSpec(f)
		if err != nil {
			continue // a page may show what is refused
		}
		for _, m := range s.Measures {
			names = append(names, m.Name)
		}
		for _, q := range s.Inequality {
			names = append(names, q.Name)
		}
	}
	return names
}

func (p *methodPage) run() {
	var out []string
	fence, files := "", map[string]bool{}
	for n := 0; n < len(p.lines); n++ {
		line := p.lines[n]
		out = append(out, line)
		if !strings.HasPrefix(line, "```") {
			p.prose = append(p.prose, line)
			continue
		}
		from := n + 1
		for n++; n < len(p.lines) && p.lines[n] != "```"; n++ {
		}
		if n == len(p.lines) {
			p.t.Fatalf("%s:%d: a fence is not closed", filepath.Base(p.path), from)
		}
		body := p.lines[from:n]
		fence = strings.TrimPrefix(line, "```")
		switch info := strings.Fields(fence); {
		case len(info) == 2:
			if files[info[1]] || info[1] != filepath.Base(info[1]) {
				p.t.Fatalf("%s:%d: file %q stands twice or is in a folder", filepath.Base(p.path), from, info[1])
			}
			files[info[1]] = true
			if err := os.WriteFile(info[1], []byte(strings.Join(body, "\n")+"\n"), 0o666); err != nil {
				p.t.Fatal(err)
			}
		case fence == "console":
			body = p.console(from, body)
		}
		out = append(append(out, body...), "```")
	}
	if p.ran == 0 {
		p.t.Errorf("%s has no example: no console block runs careshed", filepath.Base(p.path))
	}
	for _, s := range sections {
		if !slices.ContainsFunc(p.prose, func(l string) bool { return l == s }) {
			p.t.Errorf("%s has no section %q", filepath.Base(p.path), s)
		}
	}
	if *update && !p.t.Failed() {
		if err := os.WriteFile(p.path, []byte(strings.Join(out, "\n")), 0o666); err != nil {
			p.t.Fatal(err)
		}
	}
}

// console runs the commands of a block and gives it back with what came out.
func (p *methodPage) console(at int, body []string) (out []string) {
	for n := 0; n < len(body); {
		command, ok := strings.CutPrefix(body[n], "$ ")
		if !ok {
			p.t.Fatalf("%s:%d: a console block begins with a command: $ careshed …", filepath.Base(p.path), at+n+1)
		}
		first := n + 1
		for n++; n < len(body) && !strings.HasPrefix(body[n], "$ "); n++ {
		}
		want := body[first:n]
		got, err := shell(p.t, command)
		if err != nil && !(len(want) > 0 && strings.HasPrefix(want[0], "careshed: ")) {
			p.t.Fatalf("%s:%d: %s: %v", filepath.Base(p.path), at+first, command, err)
		}
		p.ran++
		if k := differs(got, want); k >= 0 && !*update {
			p.t.Errorf("%s:%d: %s\ngot  %s\nwant %s", filepath.Base(p.path), at+first+k+1, command, lineAt(got, k), lineAt(want, k))
		}
		out = append(append(out, "$ "+command), got...)
	}
	return out
}

// differs is the first line in which two texts differ, -1 for none.
func differs(a, b []string) int {
	for k := range max(len(a), len(b)) {
		if k >= len(a) || k >= len(b) || a[k] != b[k] {
			return k
		}
	}
	return -1
}

func lineAt(lines []string, k int) string {
	if k < len(lines) {
		return lines[k]
	}
	return "(nothing more)"
}

// shell runs careshed in this process and what stands behind pipes: cut -d, -f
// and grep -E, as far as the pages use them.
func shell(t *testing.T, command string) ([]string, error) {
	var stages [][]string
	for _, s := range regexp.MustCompile(`'[^']*'|\||[^\s|]+`).FindAllString(command, -1) {
		if len(stages) == 0 || s == "|" {
			stages = append(stages, nil)
		}
		if s != "|" {
			last := len(stages) - 1
			stages[last] = append(stages[last], strings.Trim(s, "'"))
		}
	}
	if stages[0][0] != "careshed" {
		return nil, fmt.Errorf("a command is careshed, found %s", stages[0][0])
	}
	code, printed, log := call(t, stages[0][1:]...)
	var err error
	if code != 0 {
		err = fmt.Errorf("exit %d: %s", code, log)
	}
	lines := strings.Split(strings.TrimSuffix(log+printed, "\n"), "\n")
	for _, s := range stages[1:] {
		switch {
		case len(s) == 3 && s[0] == "cut" && s[1] == "-d," && strings.HasPrefix(s[2], "-f"):
			for i, l := range lines {
				lines[i] = cut(t, l, s[2][2:])
			}
		case len(s) == 3 && s[0] == "grep" && s[1] == "-E":
			keep := regexp.MustCompile(s[2])
			lines = slices.DeleteFunc(lines, func(l string) bool { return !keep.MatchString(l) })
		default:
			return nil, fmt.Errorf("%q is not known here; accepted: cut -d, -fLIST and grep -E 'PATTERN'", strings.Join(s, " "))
		}
	}
	return lines, err
}

// cut is the fields of a list such as 1,3-5 of a line.
func cut(t *testing.T, line, list string) string {
	fields := strings.Split(line, ",")
	keep := make([]bool, len(fields))
	for _, part := range strings.Split(list, ",") {
		low, high, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(low)
		to := from
		if isRange && err == nil {
			to, err = strconv.Atoi(high)
		}
		if err != nil {
			t.Fatalf("cut -f%s: %v", list, err)
		}
		for k := from; k <= to && k <= len(fields); k++ {
			keep[k-1] = true
		}
	}
	var out []string
	for k, f := range fields {
		if keep[k] {
			out = append(out, f)
		}
	}
	return strings.Join(out, ",")
}
