package study

import (
	"careshed/access/study/finding"
	"careshed/access/study/ground"
)

// What whoever runs a study brings and is told stands in package ground, and what a
// result is made of in package finding; everything here is built on both.
type (
	World     = ground.World
	Layers    = ground.Layers
	List      = ground.List
	File      = ground.File
	Progress  = ground.Progress
	Num       = ground.Num
	SiteCount = ground.SiteCount
	Note      = ground.Note
	Notes     = ground.Notes
	Subject   = ground.Subject
	Reach     = ground.Reach
	Way       = ground.Way
	Budget    = ground.Budget
	Share     = ground.Share
	NoMemory  = ground.NoMemory

	Column          = finding.Column
	Result          = finding.Result
	Summary         = finding.Summary
	Manifest        = finding.Manifest
	Missing         = finding.Missing
	Stats           = finding.Stats
	TravelSummary   = finding.TravelSummary
	TransferSummary = finding.TransferSummary
	CountSummary    = finding.CountSummary
	DensityCountry  = finding.DensityCountry
	GapsSummary     = finding.GapsSummary
	ScenarioSummary = finding.ScenarioSummary
	SitingSummary   = finding.SitingSummary
	IndexSummary    = finding.IndexSummary
	Gain            = finding.Gain
	GainUnder       = finding.GainUnder
)

// LeftOut is [finding.LeftOut].
const LeftOut = finding.LeftOut

// ColumnOf is what is known of a column of a result.
func ColumnOf(name string) (Column, bool) { return finding.ColumnOf(name) }

// Columns are all layers and tables that results may have, with their columns.
func Columns() []finding.Table { return finding.Columns() }

// What columns are about, as far as maps part them, and which way they are better.
const (
	AboutCenters  = ground.AboutCenters
	AboutWays     = ground.AboutWays
	AboutPatients = ground.AboutPatients
	LessIsBetter  = finding.Less
	Words         = finding.Words
)

// Unreachable says why a study can tell nothing of a point; ErrWhichCountry that
// nothing tells whose centers are meant.
type Unreachable = ground.Unreachable

const ErrWhichCountry = ground.ErrWhichCountry

// CoastReach is how far off a region's generalised border a place may lie and still
// belong to it.
const CoastReach = ground.CoastReach

// Searching begins the name of the stage in which sites are searched.
const Searching = ground.Searching

// NewBudget is [ground.NewBudget], Bytes [ground.Bytes].
func NewBudget(most int64) *Budget { return ground.NewBudget(most) }
func Bytes(n int64) string         { return ground.Bytes(n) }

// NewNote is [ground.NewNote].
func NewNote(key string, args map[string]any) Note { return ground.NewNote(key, args) }
