package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthCommand checks whether a server is running: for containers that
// hold nothing but this binary.
func healthCommand(e *env) *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use: "health", Short: "Check whether a server is running", Args: exactly(0, "no argument"),
		RunE: func(c *cobra.Command, _ []string) error {
			req, err := http.NewRequestWithContext(c.Context(), http.MethodGet, "http://"+addr+"/healthz", nil)
			if err != nil {
				return usageError{fmt.Errorf("--addr %q: %w", addr, err)}
			}
			resp, err := (&http.Client{Timeout: 4 * time.Second}).Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answers %s", req.URL, resp.Status)
			}
			_, err = fmt.Fprintf(e.out, "%s lives\n", addr)
			return err
		},
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "where the service listens")
	return c
}
