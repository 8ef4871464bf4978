// Package state carries out work in its turn and keeps what became of it, in a
// SQLite file or in a PostgreSQL database that servers share: jobs wait in a queue
// (River), run a few at a time, report how far they are, can be dismissed, and leave a
// result or a problem. What was finished outlives the program. What ran when it was
// stopped is marked so in a file; of a database another server takes it up.
//
// A job is found by what is asked, so that the same question is asked once.
package state

import (
	"errors"
	"time"
)

// Status is how far a job is, in the words of OGC API Processes.
type Status string

const (
	Accepted   Status = "accepted" // it waits for its turn
	Running    Status = "running"
	Successful Status = "successful"
	Failed     Status = "failed"
	Dismissed  Status = "dismissed"
)

// Done reports whether nothing further happens to the job.
func (s Status) Done() bool { return s == Successful || s == Failed || s == Dismissed }

// Job is a piece of work and what became of it.
type Job struct {
	ID, Process, Title string
	Owner              string // the name of the key it was sent with, where it is that key's own
	Input              []byte // none in a list
	Private, Passing   bool   // told to the holder of the key alone; in no list, and gone after a while
	Status             Status
	Stage              string // what it is at, in words
	Done, Total        int    // of the stage; 0 if it has no measure
	Problem            []byte // why it failed, as the worker put it
	Created            time.Time
	Started, Finished  time.Time // zero: not yet
	Bytes              int64     // of the result
}

// Share is how much of the stage is done, from 0 to 1.
func (j Job) Share() float64 {
	switch {
	case j.Status == Successful:
		return 1
	case j.Total <= 0:
		return 0
	}
	return min(1, float64(j.Done)/float64(j.Total))
}

var (
	// ErrFull says that as many jobs wait as may.
	ErrFull = errors.New("as many jobs wait as may")
	// ErrNone says that there is no such job.
	ErrNone = errors.New("no such job")
	// ErrLocked says that another program has the file locked, or that others were in the
	// way of a change for too long.
	ErrLocked = errors.New("locked by another program, or by others who write")
	// ErrRuns says that another server has the file open.
	ErrRuns = errors.New("another server uses it; accepted: a file of its own for each server")
)

// Interrupted is the problem of a job that ran when the program was stopped.
const Interrupted = "the server was stopped while this ran; send it again"
