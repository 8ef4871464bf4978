package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// temporaryName begins the names of the folders in which layers that are sent are read;
// the number of the process follows.
const temporaryName = "careshed-upload-"

// temporary makes a folder that only this user may look into. Whoever makes it removes
// it; those of a program that was killed are removed by the next: see swept.
func temporary() (string, error) {
	return os.MkdirTemp("", fmt.Sprintf("%s%d-", temporaryName, os.Getpid()))
}

// swept removes the folders that programs left behind which do not run any more, and
// says how many they were. A folder of our own number is one of before: nothing was
// sent to us yet.
func swept(dir string) (n int) {
	found, err := filepath.Glob(filepath.Join(dir, temporaryName+"*"))
	if err != nil {
		return 0
	}
	for _, path := range found {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), temporaryName), "-")
		pid, err := strconv.Atoi(number)
		info, missing := os.Lstat(path)
		if err != nil || missing != nil || !info.IsDir() || pid != os.Getpid() && runs(pid) {
			continue
		}
		if os.RemoveAll(path) == nil { // else it is somebody else's
			n++
		}
	}
	return n
}
