package road

// sweepRows is plain for rows of four or eight words, of nodes whose arcs lie below
// most; last is -1 where the half is not sound any more.
//
//go:noescape
func sweepRows(rows *word, words int, arcs *arc, lengths, first *uint32, from, to, most int) (last int, odd bool)
