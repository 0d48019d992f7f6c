// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutated fixtures: the same ones in every run, unless FUZZ_SEED is set;
 * FUZZ_ROUNDS says how many for each fixture.
 */
#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console_fuzz.h"
#include "random.h"

#define ROUNDS 500

/* Drops, doubles, cuts, or swaps lines; or changes a byte. */
static void mutate(struct text *text)
{
	static const char *const tokens[] = {
		"\n",
		"\r\n",
		" ",
		"[    0.500000] ",
		"ok 1 ",
		"not ok 2 ",
		"1..3\n",
		"KTAP version 1\n",
		"# SKIP",
		"# TIMEOUT",
		"\0",
		"# run a timeout=1\n",
		"mm_limit-check: end prj2 status=0\n",
		"WARNING: ",
		"------------[ cut here ]------------\n",
		"# expect-splat ((((a*)*)*)*)b\n",
		"    ",
		"99999999999",
	};
	const char *token =
		tokens[random_number(sizeof(tokens) / sizeof(*tokens))];
	struct text other = { 0 };
	size_t from = random_number(text->length + 1);
	size_t to = from + random_number(80);

	if (to > text->length)
		to = text->length;
	text_add(&other, text->data, from);
	switch (random_number(4)) {
	case 0:
		break;
	case 1:
		text_add(&other, text->data + from, to - from);
		to = from;
		break;
	case 2:
		text_add(&other, token, *token ? strlen(token) : 1);
		break;
	default:
		if (to > from)
			text->data[from] = random_number(256);
		to = from;
		break;
	}
	text_add(&other, text->data + to, text->length - to);
	text_free(text);
	*text = other;
}

static void fuzz(const char *name, unsigned long rounds)
{
	struct text original = { 0 };
	char path[300];

	snprintf(path, sizeof(path), "runner/fixtures/%s", name);
	read_fixture(&original, path);
	while (rounds--) {
		unsigned int mutations = random_number(8);
		struct text text = { 0 };

		text_add(&text, original.data, original.length);
		while (mutations--)
			mutate(&text);
		LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.length);
		text_free(&text);
	}
	text_free(&original);
}

static int console_files(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".console");
}

static void mutated_consoles_break_nothing(void **state)
{
	unsigned long rounds = random_begin(ROUNDS);
	struct dirent **names;
	char path[300];
	int count;
	int i;

	(void)state;
	snprintf(path, sizeof(path), "%s/runner/fixtures", tests_folder());
	count = scandir(path, &names, console_files, alphasort);
	assert_true(count > 0);
	for (i = 0; i < count; i++) {
		fuzz(names[i]->d_name, rounds);
		free(names[i]);
	}
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutated_consoles_break_nothing),
	};

	return RUN_GROUP(tests);
}
