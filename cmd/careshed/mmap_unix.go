//go:build unix

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// mapFile gives the bytes of a file without reading them all: pages come as they
// are used, and leave memory when it is short. They stay mapped as long as the
// program runs.
func mapFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 || int64(int(info.Size())) != info.Size() {
		return nil, err
	}
	return syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
}

// peakMemory is the most memory that the program has had, as words for a summary.
func peakMemory() string {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return ""
	}
	peak := float64(u.Maxrss) * 1024
	if runtime.GOOS == "darwin" {
		peak = float64(u.Maxrss) // bytes there
	}
	return fmt.Sprintf(", at most %.0f MB of memory", peak/1e6)
}
