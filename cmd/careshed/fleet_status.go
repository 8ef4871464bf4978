package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"time"

	"careshed/api/fleet"

	"github.com/spf13/cobra"
)

func batchStatusCommand(e *env) *cobra.Command {
	var on, format string
	var watch bool
	c := &cobra.Command{
		Use: "status", Short: "What the workers of a fleet do",
		Long: `What the workers of a fleet do: how many shards (runs of batches, parts of matrices)
wait, run, are done or failed, how fast they are made and how long the rest takes at
that rate; and of each worker what it does, what it has done and when it was last
heard of. Who is silent for half a minute counts as dead.

A worker that was started with --metrics ADDR shows the same as a page, and as
figures for Prometheus.`,
		Example: `  careshed batch status --on postgres://me@db/fleet
  careshed batch status --on postgres://me@db/fleet --watch
  careshed batch status --on postgres://me@db/fleet --format html > fleet.html`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if on == "" {
				return usageError{errors.New("status needs a database: --on postgres://USER@HOST/DATABASE")}
			}
			if err := oneOf("--format", format, "text", "json", "html"); err != nil {
				return err
			}
			if watch && format != "text" {
				return usageError{errors.New("--watch tells people, as text; accepted: no --format beside it")}
			}
			f, err := fleet.Open(c.Context(), on, version, fleet.Options{})
			if err != nil {
				return err
			}
			defer f.Close()
			return e.status(c.Context(), f, format, watch)
		},
	}
	c.Flags().StringVar(&on, "on", "", "the PostgreSQL database of the fleet: postgres://USER@HOST/DATABASE")
	c.Flags().StringVar(&format, "format", "text", "text, json, or html: a page")
	c.Flags().BoolVar(&watch, "watch", false, "again every two seconds, until it is interrupted or all is done")
	return c
}

// status tells once, or again and again.
func (e *env) status(ctx context.Context, f *fleet.Fleet, format string, watch bool) error {
	for {
		o, err := f.Overview(ctx)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := statusAs[format](&text, o); err != nil {
			return err
		}
		if _, err := e.out.Write(text.Bytes()); err != nil || !watch || o.Open() == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
			fmt.Fprintln(e.out)
		}
	}
}

// statusAs are the forms in which the state of a fleet is told.
var statusAs = map[string]func(io.Writer, fleet.Overview) error{"text": statusText, "json": statusJSON, "html": statusPage}

func statusText(w io.Writer, o fleet.Overview) error {
	for _, s := range []fleet.Status{fleet.Waiting, fleet.Running, fleet.Done, fleet.Failed} {
		fmt.Fprintf(w, "%-8s %d\n", s, o.Shards[s])
	}
	fmt.Fprintf(w, "begun again: %d; done in the last minute: %d%s\n", o.Retries, o.LastMin, leftOf(o))
	for _, m := range o.Workers {
		_, err := fmt.Fprintf(w, "worker %s, version %s: %d of %d at work, %d done, there for %s, last heard of %s ago\n",
			m.Name, m.Version, m.Running, m.Jobs, m.Done, m.Since.Round(time.Second), m.Silent.Round(time.Second))
		if err != nil {
			return err
		}
	}
	return nil
}

// leftOf says how long the rest takes, if that can be said.
func leftOf(o fleet.Overview) string {
	if o.Open() == 0 || o.Left() == 0 {
		return ""
	}
	return fmt.Sprintf("; at this rate the rest takes %s", o.Left())
}

func statusJSON(w io.Writer, o fleet.Overview) error {
	var left *float64
	if o.LastMin > 0 {
		seconds := o.Left().Seconds()
		left = &seconds
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		fleet.Overview
		Left *float64 `json:"seconds_left,omitempty"` // at the rate of the last minute; nil if none was done
	}{o, left})
}

//go:embed fleet_page.html
var fleetPage string

// fleetTemplate is the page for people.
var fleetTemplate = template.Must(template.New("fleet").Funcs(template.FuncMap{
	"round": func(d time.Duration) string { return d.Round(time.Second).String() },
	"left":  leftOf,
	"n":     func(o fleet.Overview, status fleet.Status) int { return o.Shards[status] },
	"lost":  func(w fleet.Worker) bool { return w.Lost(30 * time.Second) },
}).Parse(fleetPage))

func statusPage(w io.Writer, o fleet.Overview) error { return fleetTemplate.Execute(w, o) }
