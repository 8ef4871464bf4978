package main

import (
	"fmt"
	"runtime"

	"careshed/access/study"

	"github.com/spf13/cobra"
)

func versionCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactly(0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(e.out, "careshed %s (%s, %s/%s), study grammar 1\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func schemaCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of studies", Args: exactly(0, "no argument"),
		Long: "Print the JSON Schema of studies, for editors that complete and check YAML.",
		RunE: func(*cobra.Command, []string) error {
			_, err := e.out.Write(study.Schema())
			return err
		},
	}
}
