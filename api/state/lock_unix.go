//go:build unix

package state

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// locked holds a file that says that a server runs, until it is closed or the program
// ends, however it ends.
func locked(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrRuns
		}
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
