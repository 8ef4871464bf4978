package postgres

import (
	"strings"
	"testing"
)

// No address tells its password, whatever is wrong with it.
func TestPasswordsAreNotTold(t *testing.T) {
	for _, address := range []string{"postgres://me:s3cret@db:port/x", "postgres://me:s3cret@127.0.0.1:1/x", "postgres://me:s3cret@h/x?sslmode=perhaps",
		"mysql://me:s3cret@db/x", "postgres://me:s3cret%zz@db/x", "jobs.sqlite"} {
		if name := Name(address); strings.Contains(name, "s3cret") || strings.Contains(name, "me") {
			t.Errorf("%s is told as %s", address, name)
		}
		pool, err := Open(t.Context(), address, nil)
		if err == nil {
			err = pool.Ping(t.Context())
			if err == nil {
				t.Errorf("%s: there is a database", address)
			}
			err = Plainly(err)
			pool.Close()
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// What is an address, and what a file.
func TestIs(t *testing.T) {
	for text, want := range map[string]bool{"postgres://h/d": true, "postgresql://h/d": true, "postgres": false, "jobs.sqlite": false, "postgres/jobs.sqlite": false, "mysql://h/d": false} {
		if Is(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
