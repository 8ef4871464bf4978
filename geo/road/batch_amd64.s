#include "textflag.h"

// func sweepEights(out, into *Eight, arcs *arc, count int)
//
// For each of count nodes: the least of Never and, over its arcs up to the one
// whose head is marked as the last, of the times of the head and the arc, in
// eight lanes at once.
TEXT ·sweepEights(SB), NOSPLIT, $0-32
	MOVQ out+0(FP), DI
	MOVQ into+8(FP), BX
	MOVQ arcs+16(FP), SI
	MOVQ count+24(FP), CX
	TESTQ CX, CX
	JLE  done
	MOVL $0x7fffffff, DX
	MOVQ DX, X2
	VPBROADCASTD X2, Y2

node:
	VMOVDQA Y2, Y0

arc:
	MOVL (SI), R8
	VPBROADCASTD 4(SI), Y1
	MOVL R8, R9
	ANDL DX, R9
	SHLQ $5, R9
	ADDQ $8, SI
	VPADDD (DI)(R9*1), Y1, Y1
	VPMINUD Y1, Y0, Y0
	TESTL R8, R8
	JNS  arc
	VMOVDQU Y0, (BX)
	ADDQ $32, BX
	DECQ CX
	JNZ  node

done:
	VZEROUPPER
	RET
