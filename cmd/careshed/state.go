package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"careshed/access/study"
	"careshed/api/state"

	"github.com/spf13/cobra"
)

func stateCommand(e *env) *cobra.Command {
	c := &cobra.Command{
		Use: "state", Short: "Check, back up and prune the state file of a server",
		Long: `The state file of a server (careshed serve --state FILE): its jobs, results and the
layers that were sent. It can be checked and backed up while the server runs; to be
pruned it must be stopped.

In place of FILE stands postgres://USER@HOST/DATABASE where servers share a database:
it is checked and pruned while they run, and backed up by pg_dump.`,
		Example: `  careshed state check jobs.sqlite
  careshed state backup jobs.sqlite backup-2026-05-01.sqlite
  careshed state prune jobs.sqlite --older 90d --most 1GiB
  careshed state check postgres://me@db/careshed`,
		Args: exactly(0, "a command: check, backup or prune"),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	check := &cobra.Command{
		Use: "check FILE", Short: "Whether a state file is whole: pages, tables, references, sums of layers", Args: exactly(1, "a state file"),
		RunE: func(c *cobra.Command, args []string) error { return e.checkState(c, args[0]) },
	}
	backup := &cobra.Command{
		Use: "backup FILE COPY", Short: "Copy a state file as it is at this moment, also while a server uses it", Args: exactly(2, "a state file and a new name"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := state.Backup(c.Context(), args[0], args[1]); err != nil {
				return stateFault(err)
			}
			return e.checkState(c, args[1])
		},
	}
	var older, most string
	prune := &cobra.Command{
		Use: "prune FILE", Short: "Take away old jobs with their results, and make the file smaller", Args: exactly(1, "a state file"),
		RunE: func(c *cobra.Command, args []string) error {
			before, bytes, err := pruning(older, most)
			if err != nil {
				return err
			}
			n, err := state.Prune(c.Context(), args[0], before, bytes)
			if err != nil {
				return stateFault(err)
			}
			fmt.Fprintf(e.out, "%d jobs were taken away\n", n)
			return e.checkState(c, args[0])
		},
	}
	prune.Flags().StringVar(&older, "older", "", "jobs that ended so long ago go, such as 90d or 12h")
	prune.Flags().StringVar(&most, "most", "", "the oldest go until no more is kept of jobs, such as 1GiB")
	c.AddCommand(check, backup, prune)
	return c
}

// pruning reads what is to go: no time is before all of them, and less than no bytes is
// however many.
func pruning(older, most string) (before time.Time, bytes int64, err error) {
	bytes, before = -1, time.UnixMilli(0)
	if older != "" {
		text := older
		if days, is := strings.CutSuffix(older, "d"); is {
			if n, err := strconv.Atoi(days); err == nil && n >= 0 && n < 100_000 {
				text = strconv.Itoa(24*n) + "h"
			}
		}
		age, err := time.ParseDuration(text)
		if err != nil || age < 0 {
			return before, 0, usageError{fmt.Errorf("--older %q; accepted: a time such as 90d or 12h", older)}
		}
		before = time.Now().Add(-age)
	}
	if most != "" {
		if bytes, err = bytesOf(most); err != nil {
			return before, 0, usageError{fmt.Errorf("--most %q; accepted: bytes such as 1GiB or 500MiB", most)}
		}
	}
	return before, bytes, nil
}

// stateFault is an error of a file that the user named.
func stateFault(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return inputError{fmt.Errorf("%s: %w", p.Path, p.Err)}
	}
	return inputError{err}
}

func (e *env) checkState(c *cobra.Command, path string) error {
	h, err := state.Check(c.Context(), path)
	if err != nil {
		return stateFault(err)
	}
	path = state.Name(path)
	for _, fault := range h.Faults {
		fmt.Fprintf(e.out, "%s: %s\n", path, fault)
	}
	if len(h.Faults) > 0 {
		return inputError{fmt.Errorf("%s is damaged; accepted: a backup of it", path)}
	}
	jobs := 0
	for _, n := range h.Jobs {
		jobs += n
	}
	fmt.Fprintf(e.out, "%s is whole: %d jobs, %d results, %d layers with their versions, %s", path, jobs, h.Results, h.Layers, study.Bytes(h.Bytes))
	if !state.Shared(path) {
		fmt.Fprintf(e.out, ", of which %s are free", study.Bytes(h.Free))
	}
	_, err = fmt.Fprintln(e.out)
	return err
}
