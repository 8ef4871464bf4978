package data

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// stamped is a name for what this program writes for the time being, beginning with
// prefix and with its number in it, so that another can tell whether it was left behind.
func stamped(prefix string) string { return fmt.Sprintf("%s%d-", prefix, os.Getpid()) }

// TempFolder makes a folder in dir, that of the system if dir is empty, which only this
// user may look into. Whoever makes it removes it; if the program is killed first, the
// next [Sweep] does.
func TempFolder(dir, prefix string) (string, error) { return os.MkdirTemp(dir, stamped(prefix)) }

// Sweep removes the files and folders in dir, made with prefix, of programs that do not
// run any more, and says how many they were. What has our own number is of an earlier
// program: call it before anything is made.
func Sweep(dir, prefix string) (n int) {
	return sweep(dir, prefix, func(pid int) bool { return pid != os.Getpid() && runs(pid) })
}

func sweep(dir, prefix string, alive func(pid int) bool) (n int) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, f := range found {
		rest, ours := strings.CutPrefix(f.Name(), prefix)
		number, random, stamped := strings.Cut(rest, "-")
		pid, err := strconv.Atoi(number)
		if !ours || !stamped || strings.Contains(random, ".") || err != nil || pid <= 0 || alive(pid) || !f.IsDir() && !f.Type().IsRegular() {
			continue
		}
		if os.RemoveAll(filepath.Join(dir, f.Name())) == nil { // else it is somebody else's
			n++
		}
	}
	return n
}
