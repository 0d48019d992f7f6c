// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes mutated seeds for a fuzz target: the same ones in every run, unless
 * FUZZ_SEED is set, and FUZZ_ROUNDS of each seed. Each input ends where
 * readable memory ends.
 */
#define _GNU_SOURCE
#include "unit.h"

#include <string.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "random.h"

#define ROUNDS 20000
#define MAX_INPUT 4096

struct input {
	char data[MAX_INPUT];
	size_t length;
};

/* Puts @length bytes at @where in the place of @old. */
static void replace(struct input *input, size_t where, size_t old,
		    const char *data, size_t length)
{
	if (input->length - old + length > MAX_INPUT)
		return;
	memmove(input->data + where + length, input->data + where + old,
		input->length - where - old);
	memcpy(input->data + where, data, length);
	input->length += length - old;
}

/* Drops or doubles a piece, puts a token in, or changes a byte. */
static void mutate(struct input *input, const char *const *tokens)
{
	size_t where = random_number(input->length + 1);
	size_t length = random_number(30), count = 0;
	char piece[30], byte = random_number(256);

	if (length > input->length - where)
		length = input->length - where;
	memcpy(piece, input->data + where, length);
	while (tokens[count])
		count++;
	tokens += random_number(count);
	switch (random_number(5)) {
	case 0:
		replace(input, where, length, "", 0);
		break;
	case 1:
		replace(input, where, 0, piece, length);
		break;
	case 2:
		replace(input, where, 0, *tokens, strlen(*tokens));
		break;
	case 3:
		replace(input, where, length, *tokens, strlen(*tokens));
		break;
	default:
		replace(input, where, !!length, &byte, 1);
		break;
	}
}

void fuzz(const struct fuzz_target *target)
{
	unsigned long rounds = random_begin(ROUNDS);
	char *end = mmap(NULL, 2 * MAX_INPUT, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(end != MAP_FAILED);
	end += MAX_INPUT;
	assert_int_equal(mprotect(end, MAX_INPUT, PROT_NONE), 0);
	for (size_t i = 0; target->seeds[i]; i++) {
		for (unsigned long round = 0; round < rounds; round++) {
			struct input input = { .length = strlen(
						       target->seeds[i]) };
			unsigned int mutations = random_number(6);

			memcpy(input.data, target->seeds[i], input.length);
			while (mutations--)
				mutate(&input, target->tokens);
			memcpy(end - input.length, input.data, input.length);
			target->run(end - input.length, input.length);
		}
	}
	munmap(end - MAX_INPUT, 2 * MAX_INPUT);
}
