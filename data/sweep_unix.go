//go:build unix

package data

import (
	"errors"
	"syscall"
)

// runs reports whether there is a process of a number.
func runs(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
