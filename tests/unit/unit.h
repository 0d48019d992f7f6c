/* SPDX-License-Identifier: GPL-2.0-only */
/* For all unit tests of the host: cmocka, and which tests are to run. */
#ifndef UNIT_H
#define UNIT_H

/* cmocka.h needs these before it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* Runs a group; MM_TEST selects tests of it, as it does in guests. */
#define RUN_GROUP(tests) RUN_GROUP_IN(tests, NULL, NULL)

/* The same with what sets the group up, and what comes after it */
#define RUN_GROUP_IN(tests, setup, teardown) \
	(select_tests(getenv("MM_TEST")),    \
	 cmocka_run_group_tests(tests, setup, teardown))

static inline void select_tests(const char *glob)
{
	if (glob && *glob)
		cmocka_set_test_filter(glob);
}

#endif
