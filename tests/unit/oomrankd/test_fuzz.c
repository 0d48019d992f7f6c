// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes for the parsers of oomrankd; fuzz.c makes them. */
#include "unit.h"

#include "fuzz.h"

static void any_file_of_a_process_breaks_nothing(void **state)
{
	(void)state;
	fuzz(&fuzz_proc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_file_of_a_process_breaks_nothing),
	};

	return RUN_GROUP(tests);
}
