package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"careshed/api"
	"careshed/api/keys"
	"careshed/data"

	"github.com/spf13/cobra"
)

func keysCommand(e *env) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use: "keys", Short: "Who may ask a server for what",
		Long: `Keys of a server (careshed serve --keys FILE), each with a name and a role:

  read    look at what everybody may see
  run     send studies too, and end them
  write   send layers too, and take them away
  admin   see what others sent too, and what is private

A key is told once, when it is made; the file holds its SHA-256. A server notices
within a second that the file has changed. CARESHED_KEY goes on as the key of an
admin.`,
		Example: `  careshed keys create ministry --role write --keys keys.json
  careshed keys list --keys keys.json
  careshed keys revoke ministry --keys keys.json`,
		Args: exactly(0, "a command: create, list or revoke"),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&path, "keys", "keys.json", "the file of the keys")
	var role string
	create := &cobra.Command{
		Use: "create NAME", Short: "Make a key and tell it once", Args: exactly(1, "a name"),
		RunE: func(_ *cobra.Command, args []string) error {
			of, err := keys.RoleOf(role)
			if err != nil {
				return usageError{err}
			}
			secret := ""
			if err := changeKeys(path, func(r *keys.Ring) (err error) {
				secret, err = r.Create(args[0], of, time.Now())
				return err
			}); err != nil {
				return err
			}
			_, err = fmt.Fprintln(e.out, secret)
			return err
		},
	}
	create.Flags().StringVar(&role, "role", "read", "what it may: read, run, write or admin")
	revoke := &cobra.Command{
		Use: "revoke NAME", Short: "End a key", Args: exactly(1, "a name"),
		RunE: func(_ *cobra.Command, args []string) error {
			return changeKeys(path, func(r *keys.Ring) error { return r.Revoke(args[0], time.Now()) })
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "The keys there are, without what opens", Args: exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			r, err := readKeys(path)
			if err != nil {
				return err
			}
			for _, k := range r.Keys {
				state := "in use"
				if k.Revoked != nil {
					state = "revoked " + k.Revoked.Format(time.RFC3339)
				}
				if _, err := fmt.Fprintf(e.out, "%s\t%s\tmade %s\t%s\n", k.Name, k.Role, k.Created.Format(time.RFC3339), state); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.AddCommand(create, list, revoke)
	return c
}

// readKeys reads a file of keys.
func readKeys(path string) (keys.Ring, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return keys.Ring{}, inputError{fmt.Errorf("--keys %s: %w", path, plainPath(err))}
	}
	r, err := keys.Parse(text)
	if err != nil {
		return r, inputError{fmt.Errorf("--keys %s: %w", path, err)}
	}
	return r, nil
}

// changeKeys writes a file of keys anew, which nobody else may read.
func changeKeys(path string, change func(*keys.Ring) error) error {
	var r keys.Ring
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if r, err = readKeys(path); err != nil {
			return err
		}
	}
	if err := change(&r); err != nil {
		return inputError{fmt.Errorf("--keys %s: %w", path, err)}
	}
	text, err := r.Text()
	if err != nil {
		return err
	}
	if err := data.WriteFile(path, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

// keyFile is the keys of a file, read again when it changes. While it cannot be read the
// keys of before go on: a file that is being replaced locks nobody out.
type keyFile struct {
	path string
	log  *slog.Logger

	mu     sync.Mutex
	ring   keys.Ring
	looked time.Time
	seen   os.FileInfo
}

func openKeys(path string, log *slog.Logger) (*keyFile, error) {
	r, err := readKeys(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, inputError{fmt.Errorf("--keys %s: %w", path, plainPath(err))}
	}
	return &keyFile{path: path, log: log, ring: r, looked: time.Now(), seen: info}, nil
}

// find is whose key a secret is.
func (k *keyFile) find(secret string) (string, keys.Role) {
	k.mu.Lock()
	if time.Since(k.looked) > time.Second {
		k.look()
	}
	ring := k.ring
	k.mu.Unlock()
	return ring.Find(secret)
}

// look reads the file again if it changed.
func (k *keyFile) look() {
	k.looked = time.Now()
	info, err := os.Stat(k.path)
	if err == nil && os.SameFile(info, k.seen) && info.ModTime().Equal(k.seen.ModTime()) && info.Size() == k.seen.Size() {
		return
	}
	var r keys.Ring
	if err == nil {
		r, err = readKeys(k.path)
	}
	if err != nil {
		k.log.Error("the keys cannot be read; those of before go on", "error", err.Error())
		return
	}
	k.ring, k.seen = r, info
	k.log.Info("the keys were read again", "n", len(r.Keys))
}

// auditLog writes lines of JSON into a file, which is renamed to FILE.1 when it is large,
// FILE.1 to FILE.2 and so on.
type auditLog struct {
	path string
	most int64 // bytes of a file
	keep int   // files of before
	log  *slog.Logger

	mu   sync.Mutex
	file *os.File
	size int64
}

func openAudit(path string, log *slog.Logger) (*auditLog, error) {
	a := &auditLog{path: path, most: 64 << 20, keep: 10, log: log}
	if err := a.open(); err != nil {
		return nil, usageError{fmt.Errorf("--audit %s: %w", path, plainPath(err))}
	}
	return a, nil
}

func (a *auditLog) open() error {
	f, err := os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	a.file, a.size = f, info.Size()
	return nil
}

// write appends a line. One that cannot be written is in the server's own log instead.
func (a *auditLog) write(line api.Audited) {
	text, err := json.Marshal(line)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil && a.size > 0 && a.size+int64(len(text)) >= a.most {
		err = a.turn()
	}
	if err == nil {
		var n int
		n, err = a.file.Write(append(text, '\n'))
		a.size += int64(n)
	}
	if err != nil {
		a.log.Error("the audit log cannot be written", "error", err.Error(), "line", string(text))
	}
}

// turn begins a new file.
func (a *auditLog) turn() error {
	for n := a.keep - 1; n >= 1; n-- {
		if err := os.Rename(fmt.Sprintf("%s.%d", a.path, n), fmt.Sprintf("%s.%d", a.path, n+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(a.path, a.path+".1"); err != nil {
		return err
	}
	if err := a.file.Close(); err != nil {
		return err
	}
	return a.open()
}
