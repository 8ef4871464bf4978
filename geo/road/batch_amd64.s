#include "textflag.h"

// func sweepEights(out, into *Eight, arcs *arc, end uintptr, count int) (left int)
//
// For each of count nodes: the least of Never and, over its arcs up to the one
// whose head is marked as the last, of the times of the head and the arc, in
// eight lanes at once. It stops at an arc that lies beyond end, having read it, or leads beyond its
// node, and says how many nodes are left.
TEXT ·sweepEights(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DI
	MOVQ into+8(FP), BX
	SUBQ DI, BX             // where the node lies in out
	MOVQ arcs+16(FP), SI
	MOVQ end+24(FP), R10
	SUBQ R10, SI            // up to 0
	MOVQ count+32(FP), CX
	TESTQ CX, CX
	JLE  done
	MOVL $0x7fffffff, DX
	MOVQ DX, X2
	VPBROADCASTD X2, Y2

node:
	VMOVDQA Y2, Y0

arc:
	MOVL (R10)(SI*1), R8
	VPBROADCASTD 4(R10)(SI*1), Y1
	MOVL R8, R9
	ANDL DX, R9
	SHLQ $5, R9
	CMPQ R9, BX
	JHI  done
	VPADDD (DI)(R9*1), Y1, Y1
	VPMINUD Y1, Y0, Y0
	ADDQ $8, SI
	JGT  done
	TESTL R8, R8
	JNS  arc
	VMOVDQU Y0, (DI)(BX*1)
	ADDQ $32, BX
	DECQ CX
	JNZ  node

done:
	MOVQ CX, left+40(FP)
	VZEROUPPER
	RET
