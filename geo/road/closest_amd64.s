#include "textflag.h"

// func sweepRows(rows *uint64, words int, arcs *arc, lengths, first *uint32, from, to, most int) (last int, odd bool)
//
// Rows of four or eight words, of nodes from..to: the set of the last arc's head
// in the first word, and in the others the least of never and, over the arcs
// whose heads have that set too, of the costs of the head and the arc. It stops
// behind a node that has an arc to another set, and says so.
//
// It reads the heads of sixteen arcs more than those of the nodes, to fetch their
// rows ahead. Where a node has no arcs, or some beyond most, or one that leads beyond
// it, last is -1.
TEXT ·sweepRows(SB), NOSPLIT, $0-73
	MOVQ rows+0(FP), DI
	MOVQ arcs+16(FP), SI
	MOVQ lengths+24(FP), DX
	MOVQ first+32(FP), R13
	MOVQ from+40(FP), BX
	MOVQ to+48(FP), R12
	MOVQ $6, CX             // the logarithm of a row's bytes
	CMPQ words+8(FP), $8
	JEQ  start
	MOVQ $5, CX

start:
	MOVQ $0xffffffff00000000, AX // never, as rows have it
	VMOVQ AX, X4
	VPBROADCASTQ X4, Y4
	MOVL (R13)(BX*4), R9    // the arc
	MOVQ BX, AX
	SHLQ CX, AX             // where the row of the node lies
	XORL R15, R15           // 1 after an arc to another set

node:
	MOVL 4(R13)(BX*4), R14  // the end of the node's arcs
	CMPQ R14, most+56(FP)
	JGT  unsound
	CMPQ R9, R14
	JGE  unsound
	MOVL -8(SI)(R14*8), R10
	ANDL $0x7fffffff, R10
	SHLQ CX, R10
	CMPQ R10, AX
	JHI  unsound
	MOVQ (DI)(R10*1), R10   // the set
	VMOVQ R10, X3
	VMOVDQA Y4, Y0
	VMOVDQA Y4, Y6

arc:
	MOVL (SI)(R9*8), R11
	VMOVD 4(SI)(R9*8), X1
	VMOVD (DX)(R9*4), X2
	VPUNPCKLDQ X1, X2, X1
	VPBROADCASTQ X1, Y1     // the cost
	MOVL 128(SI)(R9*8), R8  // the head of an arc further on
	INCQ R9
	ANDL $0x7fffffff, R8
	ANDL $0x7fffffff, R11
	SHLQ CX, R8
	SHLQ CX, R11
	PREFETCHT0 (DI)(R8*1)
	CMPQ R11, AX
	JHI  unsound
	CMPQ R10, (DI)(R11*1)
	JNE  odd
	VPADDQ (DI)(R11*1), Y1, Y2
	VPCMPGTQ Y2, Y0, Y7
	VBLENDVPD Y7, Y2, Y0, Y0
	CMPQ CX, $6
	JNE  next
	VPADDQ 32(DI)(R11*1), Y1, Y2
	VPCMPGTQ Y2, Y6, Y7
	VBLENDVPD Y7, Y2, Y6, Y6

next:
	CMPQ R9, R14
	JLT  arc
	VPBLENDD $3, Y3, Y0, Y0
	VMOVDQU Y0, (DI)(AX*1)
	CMPQ CX, $6
	JNE  narrow
	VMOVDQU Y6, 32(DI)(AX*1)
	ADDQ $32, AX

narrow:
	ADDQ $32, AX
	INCQ BX
	TESTL R15, R15
	JNE  stop
	CMPQ BX, R12
	JLT  node

stop:
	MOVQ BX, last+64(FP)
	MOVB R15, odd+72(FP)
	VZEROUPPER
	RET

unsound:
	MOVQ $-1, BX
	JMP  stop

odd:
	MOVL $1, R15
	JMP  next
