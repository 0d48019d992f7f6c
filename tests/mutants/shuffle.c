// SPDX-License-Identifier: GPL-2.0-only
/* The order in which mutants are tried: random, but the same for the same seed */
#include <errno.h>
#include <error.h>
#include <stdlib.h>

#include "mutate.h"

/* splitmix64, by Sebastiano Vigna: any seed will do */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* From 0 to @bound - 1; for bounds this small no bias is left to see. */
static size_t below(uint64_t *state, size_t bound)
{
	return next(state) % bound;
}

static void swap(struct mutant *a, struct mutant *b)
{
	struct mutant c = *a;

	*a = *b;
	*b = c;
}

static bool same_place(const struct mutant *a, const struct mutant *b)
{
	return a->file == b->file && a->place == b->place;
}

static int by_place(const void *left, const void *right)
{
	const struct mutant *a = left;
	const struct mutant *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return 0;
}

/* A mutant, and the how many-th of its place it is */
struct turn {
	struct mutant mutant;
	size_t round;
	uint64_t order;
};

static int by_turn(const void *left, const void *right)
{
	const struct turn *a = left;
	const struct turn *b = right;

	if (a->round != b->round)
		return a->round < b->round ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return 0;
}

void mutants_shuffle(struct mutants *mutants, uint64_t seed)
{
	struct turn *turns = calloc(mutants->count + 1, sizeof(*turns));
	uint64_t state = seed;
	size_t first;
	size_t end;
	size_t i;

	if (!turns)
		error(2, ENOMEM, "mutate");
	/* those of one place become neighbours, in their order; qsort() may swap equals */
	for (i = 1; i < mutants->count; i++) {
		for (end = i; end && by_place(&mutants->list[end - 1],
					      &mutants->list[end]) > 0;
		     end--)
			swap(&mutants->list[end - 1], &mutants->list[end]);
	}
	for (first = 0; first < mutants->count; first = end) {
		struct mutant *place = &mutants->list[first];

		for (end = first; end < mutants->count &&
				  same_place(place, &mutants->list[end]);)
			end++;
		for (i = end - first; i > 1; i--)
			swap(&place[i - 1], &place[below(&state, i)]);
		for (i = first; i < end; i++)
			turns[i] = (struct turn){ .mutant = mutants->list[i],
						  .round = i - first,
						  .order = next(&state) };
	}
	qsort(turns, mutants->count, sizeof(*turns), by_turn);
	for (i = 0; i < mutants->count; i++)
		mutants->list[i] = turns[i].mutant;
	free(turns);
}
