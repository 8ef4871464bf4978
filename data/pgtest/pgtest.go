// Package pgtest starts a PostgreSQL of its own for a test, on loopback.
package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Server is a PostgreSQL that ends with its test.
type Server struct {
	Address string // postgres://…, of a role that may do everything

	t        testing.TB
	dir, bin string
	port     int
	as       *syscall.SysProcAttr
}

// Start makes a database in a folder of its own and starts it. It needs Debian's
// package postgresql: without it the test is skipped, which it says.
func Start(t testing.TB) *Server {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		t.Skip("SKIPPED: no PostgreSQL here; install postgresql")
	}
	dir, err := os.MkdirTemp("", "careshed-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{t: t, dir: dir, bin: filepath.Dir(found[len(found)-1]), as: &syscall.SysProcAttr{}}
	s.asPostgres()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("s3cret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.run("initdb", "-D", filepath.Join(dir, "db"), "-U", "tester", "-A", "scram-sha-256", "--pwfile", filepath.Join(dir, "pw"), "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	s.port = 20000 + os.Getpid()%10000 // below those that connections are given
	for last := s.port + 20; ; s.port++ {
		err := s.start()
		if err == nil {
			break
		}
		if s.port == last { // each may be taken
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("%v\n%s", err, log)
		}
	}
	t.Cleanup(s.Kill)
	s.Address = fmt.Sprintf("postgres://tester:s3cret@127.0.0.1:%d/postgres", s.port)
	return s
}

// asPostgres runs it as another user where the test is root's: PostgreSQL refuses that.
func (s *Server) asPostgres() {
	if os.Getuid() != 0 {
		return
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		s.t.Skipf("SKIPPED: %v", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(s.dir, uid, gid); err != nil {
		s.t.Fatal(err)
	}
	s.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *Server) try(name string, args ...string) error {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir, c.SysProcAttr = s.dir, s.as
	out, err := c.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return err
}

func (s *Server) run(name string, args ...string) {
	s.t.Helper()
	if err := s.try(name, args...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) start() error {
	return s.try("pg_ctl", "-D", filepath.Join(s.dir, "db"), "-w", "-l", filepath.Join(s.dir, "log"), "-o", fmt.Sprintf("-p %d -h 127.0.0.1 -k %s -F", s.port, s.dir), "start")
}

// Restart starts it again after Kill, at the same address.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.start(); err != nil {
		s.t.Fatal(err)
	}
}

// Kill ends it at once, as the loss of power would, but for what is on the disk.
func (s *Server) Kill() {
	s.t.Helper()
	if err := s.try("pg_ctl", "-D", filepath.Join(s.dir, "db"), "-m", "immediate", "stop"); err != nil && !strings.Contains(err.Error(), "PID file") {
		s.t.Error(err)
	}
}
