package road

// sweepRows is sweepPlain for rows of four or eight words.
//
//go:noescape
func sweepRows(rows *word, words int, arcs *arc, lengths, first *uint32, from, to int) (last int, odd bool)
