/* SPDX-License-Identifier: GPL-2.0-only */
/* For the tests of the parsers: the recorded consoles, and judging them. */
#ifndef RUNNER_FIXTURE_H
#define RUNNER_FIXTURE_H

#include "unit.h"

#include "splats.h"
#include "text.h"
#include "verdict.h"

/* The folder tests/: MM_TESTS, or the present one's. */
const char *tests_folder(void);

/* Reads tests/PATH, which may hold any bytes; fails the test if it cannot. */
void read_fixture(struct text *content, const char *path);

/* The patterns of tests/runner/splats.conf; a cmocka group setup. */
extern struct splats fixture_splats;
int load_splats(void **state);
int free_splats(void **state);

/* Judges a console that is in memory, fed in pieces of @piece bytes. */
void judge(struct verdict *verdict, const char *suite, const char *data,
	   size_t length, size_t piece);

/* The case @name, or NULL. */
const struct test_case *find_case(const struct case_list *cases,
				  const char *name);

#endif
