package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/cobra"
)

// profiled gives root the flag --pprof: a folder for what a command spent, to
// send with a report of a slow or large run. The files hold names of functions
// and no data. end, called when the command has ended however it did, writes
// what is left of them.
func profiled(root *cobra.Command) (end func() error) {
	var folder string
	root.PersistentFlags().StringVar(&folder, "pprof", "", "new folder for profiles of time and memory, to send with a report of a slow run")
	started := func() error { return nil }
	root.PersistentPreRunE = func(*cobra.Command, []string) (err error) {
		if folder != "" {
			started, err = startProfile(folder)
		}
		return err
	}
	return func() error { return started() }
}

// startProfile writes cpu.pprof and heap.pprof (go tool pprof) and trace.out (go
// tool trace) into folder.
func startProfile(folder string) (end func() error, err error) {
	end = func() error { return nil }
	if err := os.Mkdir(folder, 0o755); errors.Is(err, fs.ErrExist) {
		return end, usageError{fmt.Errorf("--pprof: %s is there already; accepted: the name of a new folder", folder)}
	} else if err != nil {
		return end, inputError{fmt.Errorf("--pprof: %w", err)}
	}
	var files []*os.File
	for _, name := range []string{"cpu.pprof", "trace.out", "heap.pprof"} {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			return end, err
		}
		files = append(files, f)
	}
	if err := errors.Join(pprof.StartCPUProfile(files[0]), trace.Start(files[1])); err != nil {
		return end, err
	}
	return func() error {
		pprof.StopCPUProfile()
		trace.Stop()
		err := pprof.Lookup("heap").WriteTo(files[2], 0)
		for _, f := range files {
			err = errors.Join(err, f.Close())
		}
		return err
	}, nil
}
