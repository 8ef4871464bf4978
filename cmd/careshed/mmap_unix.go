//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// mapFile gives the bytes of a file without reading them all: pages come as they
// are used, and leave memory when it is short. They stay mapped as long as the
// program runs. The file may be renamed, removed, and replaced by another that is
// renamed over it; whether it was written to is what changed tells.
func mapFile(path string) (b []byte, changed func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() > 0 && int64(int(info.Size())) == info.Size() {
		b, err = syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	}
	if err != nil || b == nil {
		f.Close()
		return nil, nil, err
	}
	return b, func() error {
		now, err := f.Stat()
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", filepath.Base(path), plainPath(err))
		case now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime()):
			return fmt.Errorf("%s was written to while it is in use (%d bytes of %s, before %d of %s): write another file and rename it over this one, and start the program again",
				filepath.Base(path), now.Size(), now.ModTime().UTC().Format(time.RFC3339), info.Size(), info.ModTime().UTC().Format(time.RFC3339))
		}
		return nil
	}, nil
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
