// Command careshed measures how fairly people can reach specialised care, and
// where the next site would help most.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"careshed/access/study/spec"
	"careshed/data"
	"careshed/geo"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is set when a release is built.
var version = "dev"

// Exit codes, as the help documents them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInput       = 3
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	ctx, end := listen(ctx, os.Stderr)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	end()
	stop()
	os.Exit(code)
}

// usageError is a wrong call: flags, arguments, commands.
type usageError struct{ error }

// run is the program: it writes results to out and everything else to log.
func run(ctx context.Context, args []string, in io.Reader, out, log io.Writer) int {
	root := command(in, out, log)
	root.SetArgs(args)
	endProfile := profiled(root)
	err := root.ExecuteContext(ctx)
	if failed := endProfile(); err == nil {
		err = failed
	}
	if err == nil {
		return exitDone
	}
	var use usageError
	var spec *spec.SpecError
	var input *data.InputError
	var unknown *data.UnknownLayerError
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(log, "careshed: interrupted; nothing was left half written")
		return exitInterrupted
	case errors.As(err, &use), strings.HasPrefix(err.Error(), "unknown command"), strings.HasPrefix(err.Error(), "unknown help topic"):
		fmt.Fprintf(log, "careshed: %v\n", err)
		if !strings.Contains(err.Error(), "\n") {
			fmt.Fprintln(log, "try: careshed --help")
		}
		return exitUsage
	case errors.As(err, &spec), errors.As(err, &input), errors.As(err, &unknown), errors.Is(err, errInput):
		fmt.Fprintf(log, "careshed: %v\n", err)
		return exitInput
	}
	fmt.Fprintf(log, "careshed: %v\n", err)
	return exitFailed
}

// errInput marks errors that the user's input explains.
var errInput = errors.New("input")

// inputError keeps the text of an error and marks it as one of input.
type inputError struct{ error }

func (e inputError) Is(target error) bool { return target == errInput }
func (e inputError) Unwrap() error        { return e.error }

func command(in io.Reader, out, log io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "careshed",
		Short: "Who can reach a center, and where would the next one help most?",
		Long: `careshed measures how fairly people can reach CAR-T cell therapy or any other
specialised care, and where the next site would help most.

A study is a document (YAML or JSON) that names layers, travel and measures.
One command carries it out:

  careshed run study.yaml -o result

Exit codes: 0 done, 1 failed, 2 wrong call, 3 the study or its data were not
accepted, 130 interrupted.`,
		Example: `  careshed run study.yaml                      the headlines
  careshed run study.yaml -o result            layers, tables, summary, manifest
  careshed rank study.yaml --pick 3            where next
  careshed batch a.yaml b.yaml -o results      many studies, one table
  careshed data validate centers.geojson       is this file fit for use?`,
		SilenceErrors: true, SilenceUsage: true,
		SuggestionsMinimumDistance: 3,
	}
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(log)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		path := strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), "careshed"), " ")
		if path != "" {
			path += ": "
		}
		return usageError{fmt.Errorf("%s%w%s", path, err, nearFlag(c, err))}
	})
	e := &env{out: out, log: log}
	root.AddCommand(serveCommand(e), runCommand(e), rankCommand(e), mapCommand(e), reportCommand(e), batchCommand(e), workerCommand(e), dataCommand(e), schemaCommand(e), refitCommand(e), evidenceCommand(e), reproduceCommand(e), versionCommand(e), healthCommand(e), keysCommand(e), stateCommand(e), roadsCommand(e), travelCommand(e))
	return root
}

// nearFlag suggests the flag that an unknown one resembles.
func nearFlag(c *cobra.Command, err error) string {
	_, word, ok := strings.Cut(err.Error(), "unknown flag: --")
	if !ok {
		return ""
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := geo.Like(word, known); near != "" {
		return fmt.Sprintf("; did you mean --%s?", near)
	}
	return ""
}

// exactly and atLeast are cobra's checks of arguments with our exit code.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%s takes %s; found %d arguments (try: %s --help)", c.CommandPath(), what, len(args), c.CommandPath())}
		}
		return nil
	}
}

func upTo(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usageError{fmt.Errorf("%s takes %s; found %d arguments (try: %s --help)", c.CommandPath(), what, len(args), c.CommandPath())}
		}
		return nil
	}
}

func atLeast(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return usageError{fmt.Errorf("%s takes %s (try: %s --help)", c.CommandPath(), what, c.CommandPath())}
		}
		return nil
	}
}
