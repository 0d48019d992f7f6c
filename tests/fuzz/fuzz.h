/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fuzz targets: any bytes for a parser, and what has to hold whatever they are.
 * fuzz() feeds them mutated seeds, libfuzzer.c what libFuzzer finds.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct fuzz_target - a parser to be fuzzed
 * @run: aborts if something does not hold
 * @seeds: what it should read without complaint, up to NULL
 * @tokens: what may be put in, up to NULL
 */
struct fuzz_target {
	void (*run)(const char *data, size_t size);
	const char *const *seeds;
	const char *const *tokens;
};

extern const struct fuzz_target fuzz_size;
extern const struct fuzz_target fuzz_duration;
extern const struct fuzz_target fuzz_list;
extern const struct fuzz_target fuzz_kills;
extern const struct fuzz_target fuzz_conf;
extern const struct fuzz_target fuzz_proc;

/* fuzz - run a target on its mutated seeds */
void fuzz(const struct fuzz_target *target);

/* What has to hold */
static inline void must(int holds)
{
	if (!holds)
		abort();
}

/* A string of its own for a parser of strings: nothing behind it is readable. */
static inline char *string_of(const char *data, size_t size)
{
	char *text = malloc(size + 1);

	must(!!text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
