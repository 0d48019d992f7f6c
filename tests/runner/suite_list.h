/* SPDX-License-Identifier: GPL-2.0-only */
/* Says which suites and tests there are. */
#ifndef RUNNER_SUITE_LIST_H
#define RUNNER_SUITE_LIST_H

#include "suites.h"
#include "text.h"

/**
 * list_suites() - print suites on standard output
 * @suites: all
 * @globs: only the suites of these names, and then their tests, too; or NULL
 * @folder: tests/, where their sources are
 */
void list_suites(const struct suites *suites, const char *globs,
		 const char *folder);

/* Adds the names in the tables of tests of @source, a cmocka program, one a line. */
void list_tests(const char *source, struct text *tests);

/* The same of those that @source, a script, runs by run_tests or select_tests */
void list_script_tests(const char *source, struct text *tests);

/* The same of what in @source, a file of the guest, says that it is in @suite. */
void list_guest_tests(const char *source, const char *suite,
		      struct text *tests);

/*
 * The same of those for which macros of @headers stand, whose names end with what
 * the macro is given
 */
void list_macro_tests(const char *source, const char *headers,
		      const char *suite, struct text *tests);

#endif
