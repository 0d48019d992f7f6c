/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that are the same everywhere for the same seed. */
#ifndef GUEST_RANDOM_H
#define GUEST_RANDOM_H

#include <stdint.h>

struct random {
	uint32_t state;
};

/* xorshift32 (Marsaglia, 2003); zero is its only fixed point. */
static inline uint32_t random_next(struct random *random)
{
	uint32_t x = random->state ? random->state : 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return random->state = x;
}

/* Neighbouring seeds should not begin alike. */
static inline struct random random_from(uint32_t seed)
{
	struct random random = { .state = seed * 2654435761u + 1 };

	for (int i = 0; i < 8; i++)
		random_next(&random);
	return random;
}

/* 0 .. @limit - 1 */
static inline uint32_t random_below(struct random *random, uint32_t limit)
{
	return random_next(random) % limit;
}

#endif /* GUEST_RANDOM_H */
