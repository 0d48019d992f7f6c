// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: the classic formula. */
#include "oomrank.h"

#define CPU_UNIT_S 8
#define RUN_UNIT_S 1024

/*
 * Finds, bit by bit, the largest number whose square is not above @x; but at
 * least 1.
 */
static unsigned long divisor(unsigned long x)
{
	unsigned long root = 0, bit;

	for (bit = 1UL << (sizeof(x) * 4 - 1); bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	return root ? root : 1;
}

unsigned long oomrank_points(const struct oomrank_facts *facts)
{
	unsigned long points = facts->total_vm;

	points /= divisor(facts->cpu_s / CPU_UNIT_S);
	points /= divisor(divisor(facts->run_s / RUN_UNIT_S));
	if (facts->niced && __builtin_mul_overflow(points, 2, &points))
		points = -1UL;
	if (facts->root)
		points /= 4;
	if (facts->raw_io)
		points /= 4;
	return points;
}
