package main

import (
	"io"

	"careshed/data"

	"github.com/spf13/cobra"
)

// outFile is the one file that a command writes with -o, standard output if it
// is not named.
type outFile struct {
	path      string
	overwrite bool
}

func (o *outFile) flags(c *cobra.Command, what string) {
	c.Flags().StringVarP(&o.path, "output", "o", "", what+"; standard output if left out")
	c.Flags().BoolVar(&o.overwrite, "overwrite", false, "replace the file of -o if it is there")
}

// check refuses in advance what write would refuse: a file that is there, unless
// it is to be replaced, and one that the command reads.
func (o *outFile) check(inputs ...string) error {
	if o.path == "" {
		return nil
	}
	_, err := data.Creatable(o.path, o.overwrite, inputs)
	return err
}

// write writes the file, or to out if none is named.
func (o *outFile) write(out io.Writer, write func(io.Writer) error, inputs ...string) error {
	if o.path == "" {
		return write(out)
	}
	return data.CreateFile(o.path, o.overwrite, inputs, write)
}
