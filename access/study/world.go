package study

import "careshed/access/study/ground"

// What whoever runs a study brings and is told, and what results are made of,
// stands in package ground, which everything here is built on.
type (
	World     = ground.World
	Layers    = ground.Layers
	File      = ground.File
	Progress  = ground.Progress
	Num       = ground.Num
	SiteCount = ground.SiteCount
	Note      = ground.Note
	Notes     = ground.Notes
	Subject   = ground.Subject
)

// Searching begins the name of the stage in which sites are searched.
const Searching = ground.Searching

// NewNote is [ground.NewNote].
func NewNote(key string, args map[string]any) Note { return ground.NewNote(key, args) }
