// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes for the parsers of libmmlimit; fuzz.c makes them. */
#include "unit.h"

#include "fuzz.h"

static void any_size_breaks_nothing(void **state)
{
	(void)state;
	fuzz(&fuzz_size);
}

static void any_duration_breaks_nothing(void **state)
{
	(void)state;
	fuzz(&fuzz_duration);
}

static void any_list_breaks_nothing(void **state)
{
	(void)state;
	fuzz(&fuzz_list);
}

static void any_kills_break_nothing(void **state)
{
	(void)state;
	fuzz(&fuzz_kills);
}

static void any_configuration_breaks_nothing(void **state)
{
	(void)state;
	fuzz(&fuzz_conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_size_breaks_nothing),
		cmocka_unit_test(any_duration_breaks_nothing),
		cmocka_unit_test(any_list_breaks_nothing),
		cmocka_unit_test(any_kills_break_nothing),
		cmocka_unit_test(any_configuration_breaks_nothing),
	};

	return RUN_GROUP(tests);
}
