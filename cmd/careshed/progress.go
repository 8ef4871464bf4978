package main

import (
	"io"
	"os"
	"time"

	"careshed/access/study"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows how far a run has come, on a terminal; elsewhere it is silent.
type bar struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	stage string
}

func newBar(w io.Writer, quiet bool) *bar {
	f, ok := w.(*os.File)
	if quiet || !ok || !term.IsTerminal(int(f.Fd())) {
		w = nil
	}
	return &bar{w: w}
}

func (b *bar) report(p study.Progress) {
	if b.w == nil {
		return
	}
	if p.Stage != b.stage || b.bar == nil {
		b.clear()
		b.stage = p.Stage
		total := p.Total
		if total == 0 {
			total = -1
		}
		b.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(p.Stage),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30),
			progressbar.OptionSetSpinnerChangeInterval(0)) // it draws when told to, and never after it was cleared
	}
	if p.Total > 0 && b.bar.GetMax() != p.Total {
		b.bar.ChangeMax(p.Total)
	}
	// An error of the terminal is no reason to stop a study.
	_ = b.bar.Set(p.Done)
}

func (b *bar) clear() {
	if b.bar != nil {
		_ = b.bar.Exit()
		_ = b.bar.Clear()
		b.bar = nil
	}
}

func (b *bar) end() { b.clear() }
