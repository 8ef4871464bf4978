package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/keys"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// Config is what a server needs. World and Rows must be given.
type Config struct {
	// World makes the world that a spec is carried out in. Every file that the
	// spec names is one of Files by then.
	World func(context.Context, spec.Spec) (study.World, error)
	// Rows prepares to write rows of a layer as "csv" or "geojson", whose positions are
	// in degrees if nothing else writes them.
	Rows func(l *geo.Layer, format string, position Position) (Rows, error)
	// Write writes layers as one file in a format of Enclosures; in one that does not
	// hold a whole result there is one layer.
	Write func(w io.Writer, layers []*geo.Layer, format string) error
	// Enclosures are these formats, in the order in which they are offered.
	Enclosures []Enclosure

	// Decode reads a layer that a request sends; nil: none are taken. An error is
	// told to the sender.
	Decode func(context.Context, Upload) (*geo.Layer, error)
	Key    string // who gives it may send layers; "": nobody may
	Page   string // in place of Key, on a server that listens to this machine alone: the key that its own app is given

	Keys   func(secret string) (name string, role keys.Role) // who has a key beside Key; nil: nobody
	Closed bool                                              // nothing is told to whoever gives no key
	Audit  func(Audited)                                     // is told what is changed, run and refused; nil: nobody is

	Layers    []Layer           // the collections that are always there
	Files     []string          // files that the layers of a spec may name, by the same text
	Studies   map[string]string // specs that a spec may extend, by the name that base gives
	Countries []Country         // with a baseline study each
	Roads     []string          // indices of roads that World knows, by name

	URL     string         // of the landing page, as clients see it; "" goes by the request's Host
	Origins []string       // of web pages that may change what is here and give the key; none: none may
	Proxies []netip.Prefix // whose X-Forwarded-Proto, -Host and -Prefix count; URL stands over them
	Version string         // of the program
	Digest  string         // of the layers and files of its own: results of other ones are not taken for theirs
	State   string         // the file in which jobs and results outlive the program, or the database of several; "": none do
	Log     *slog.Logger   // nil: nothing is logged
	Limits  Limits
}

// Layer is a layer of the world that is served as a collection.
type Layer struct{ Name, Title, Description, Licence, Attribution string }

// Country is a country with a baseline study.
type Country struct{ Code, Name string }

// Position writes a position of longitude and latitude, as an array of two numbers.
type Position func(b []byte, p orb.Point) []byte

// Rows writes rows of one layer; it may be shared between goroutines.
type Rows interface {
	Head(b []byte) []byte            // what comes before the first row
	Append(b []byte, row int) []byte // one row
}

// Limits bound what requests may cost. A zero is the default.
type Limits struct {
	Body        int64         // bytes of a request; 1 MiB
	Run         time.Duration // of one study; 2 minutes
	Runs        int           // studies at once; 2
	Studies     int           // results that are kept; 32
	StudyBytes  int64         // of the results that are kept, as estimated; 512 MiB
	Requests    int           // carried out at once; 512, and twice as many may be sending a body
	ByAddress   int           // open at once of one address; 256
	Pace        time.Duration // in which PaceBytes of a body must come; 30 seconds
	PaceBytes   int64         // 256 KiB
	Page        int           // features on a page unless the request says; 100
	PageMost    int           // features on a page at most; 10,000
	PageBytes   int           // after which a page ends early; 4 MiB
	AnswerBytes int64         // of encoded answers that are kept; 32 MiB
	PagesBytes  int64         // of pages of features that are kept; 64 MiB
	TilesBytes  int64         // of vector tiles that are kept; 64 MiB
	Filter      time.Duration // that a filter may take; 10 seconds
	Write       time.Duration // for a client to take an answer; 1 minute
	JobRun      time.Duration // of a study that is a job; 1 hour
	Waiting     int           // jobs that may wait; 100
	Passing     time.Duration // that a study is kept which nobody asked to keep, after its last use; 24 hours
	KeptBytes   int64         // of results in the file of jobs; 4 GiB
	Feeds       int           // jobs watched at once; 64
	Maps        int           // maps drawn at once; 4
	Upload      int64         // bytes of a layer that is sent; 256 MiB
	LayerBytes  int64         // of layers that were sent and are kept in memory, as estimated; 512 MiB
	KeyLayers   int           // layers of one key; 200
	KeyBytes    int64         // of the layers of one key, with their versions; 4 GiB
	Cells       int           // values in a file that is made for a request; 10 million
	Memory      int64         // bytes that studies, layers that are sent, maps, sheets and files take together; 4 GiB
	Patience    time.Duration // that a request waits for memory; 10 seconds
}

func (l Limits) withDefaults() Limits {
	def(&l.Body, 1<<20)
	def(&l.Run, 2*time.Minute)
	def(&l.Runs, 2)
	def(&l.Studies, 32)
	def(&l.StudyBytes, 512<<20)
	def(&l.Requests, 512)
	def(&l.ByAddress, 256)
	def(&l.Pace, 30*time.Second)
	def(&l.PaceBytes, 256<<10)
	def(&l.Page, 100)
	def(&l.PageMost, 10_000)
	l.Page = min(l.Page, l.PageMost)
	def(&l.PageBytes, 4<<20)
	def(&l.AnswerBytes, 32<<20)
	def(&l.PagesBytes, 64<<20)
	def(&l.TilesBytes, 64<<20)
	def(&l.Filter, 10*time.Second)
	def(&l.Write, time.Minute)
	def(&l.JobRun, time.Hour)
	def(&l.Waiting, 100)
	def(&l.Passing, 24*time.Hour)
	def(&l.KeptBytes, 4<<30)
	def(&l.Feeds, 64)
	def(&l.Maps, 4)
	def(&l.Upload, 256<<20)
	def(&l.LayerBytes, 512<<20)
	def(&l.KeyLayers, 200)
	def(&l.KeyBytes, 4<<30)
	def(&l.Cells, 10_000_000)
	def(&l.Memory, 4<<30)
	def(&l.Patience, 10*time.Second)
	return l
}

func def[T ~int | ~int64](limit *T, value T) {
	if *limit == 0 {
		*limit = value
	}
}

func (c Config) check() error {
	switch {
	case c.World == nil:
		return fmt.Errorf("api: Config.World is missing")
	case c.Rows == nil:
		return fmt.Errorf("api: Config.Rows is missing")
	case c.Write == nil:
		return fmt.Errorf("api: Config.Write is missing")
	}
	seen := map[string]bool{}
	for _, l := range c.Layers {
		if l.Name == "" || seen[l.Name] {
			return fmt.Errorf("api: layer %q stands twice or has no name", l.Name)
		}
		seen[l.Name] = true
	}
	return nil
}
