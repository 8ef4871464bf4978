package data

import (
	"io"
	"os"
)

// disk is what files are written with, so that tests can let any step of it fail.
type disk interface {
	create(path string, mode os.FileMode) (outFile, error) // a new file
	rename(from, to string) error
	remove(path string) error
	sync(dir string) error // the names in a folder
}

// outFile is a file that is being written.
type outFile interface {
	io.WriteCloser
	Sync() error
}

// osDisk is that of the system.
type osDisk struct{}

func (osDisk) create(path string, mode os.FileMode) (outFile, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

func (osDisk) rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) remove(path string) error { return os.Remove(path) }

// sync brings renames to the disk. Systems that do not sync folders say so by an
// error, which is none of ours: the files themselves are there.
func (osDisk) sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	_ = f.Sync()
	return f.Close()
}
