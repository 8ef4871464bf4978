package travel

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic, a bug of ours, as an error: in a goroutine of its own it would
// end the program, and with it the work of everybody else.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.Value, e.Stack) }

// Unwrap is the error that it panicked with, if it was one.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Caught is what do answers, a *PanicError if it panics.
func Caught[T any](do func() (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{p, debug.Stack()}
		}
	}()
	return do()
}
