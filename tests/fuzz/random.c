// SPDX-License-Identifier: GPL-2.0-only
/* What mutated inputs are made with: the same in every run, unless FUZZ_SEED is set. */
#include "random.h"

#include <stdlib.h>

static uint64_t state;

static unsigned long from_environment(const char *name, unsigned long other)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 10) : other;
}

unsigned long random_begin(unsigned long rounds)
{
	state = from_environment("FUZZ_SEED", 1);
	return from_environment("FUZZ_ROUNDS", rounds);
}

uint32_t random_number(uint32_t below)
{
	/* xorshift64 */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}
