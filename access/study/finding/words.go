package finding

import "careshed/access/study/ground"

// The words of package ground that results are written in.
type (
	Num       = ground.Num
	SiteCount = ground.SiteCount
	Note      = ground.Note
	Notes     = ground.Notes
	Progress  = ground.Progress
	File      = ground.File
)
