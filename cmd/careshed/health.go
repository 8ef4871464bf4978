package main

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthCommand checks whether a server is running: for containers that
// hold nothing but this binary.
func healthCommand(e *env) *cobra.Command {
	var addr string
	var secured bool
	c := &cobra.Command{
		Use: "health", Short: "Check whether a server is running", Args: exactly(0, "no argument"),
		RunE: func(c *cobra.Command, _ []string) error {
			scheme, client := "http://", &http.Client{Timeout: 4 * time.Second}
			if secured { // the name of the certificate is not that of this machine to itself
				scheme, client.Transport = "https://", &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			}
			req, err := http.NewRequestWithContext(c.Context(), http.MethodGet, scheme+addr+"/healthz", nil)
			if err != nil {
				return usageError{fmt.Errorf("--addr %q: %w", addr, err)}
			}
			resp, err := client.Do(req)
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
	c.Flags().BoolVar(&secured, "tls", false, "the server answers over TLS; its certificate is not looked at")
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "where the service listens")
	return c
}
