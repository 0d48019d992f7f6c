// SPDX-License-Identifier: GPL-2.0-only
/* The classic formula, by its values. */
#include "unit.h"

#include <limits.h>

#include "oomrank.h"

struct line {
	struct oomrank_facts facts;
	unsigned long points;
};

static void expect(const struct line *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned long points = oomrank_points(&table[i].facts);

		if (points != table[i].points)
			fail_msg("line %zu: expected %lu, got %lu", i,
				 table[i].points, points);
	}
}

#define EXPECT_TABLE(table) expect(table, ARRAY_SIZE(table))

static void young_and_idle_processes_have_a_point_a_page(void **state)
{
	static const struct line table[] = {
		{ { .total_vm = 0 }, 0 },
		{ { .total_vm = 1 }, 1 },
		{ { .total_vm = 25600 }, 25600 },
		{ { .total_vm = ULONG_MAX }, ULONG_MAX },
	};

	(void)state;
	EXPECT_TABLE(table);
}

/* In units of 8 s; a divisor of 0 is 1, as one of less than 4 units is. */
static void cpu_time_divides_by_its_root(void **state)
{
	static const struct line table[] = {
		{ { .total_vm = 1000, .cpu_s = 7 }, 1000 },
		{ { .total_vm = 1000, .cpu_s = 8 }, 1000 },
		{ { .total_vm = 1000, .cpu_s = 31 }, 1000 },
		{ { .total_vm = 1000, .cpu_s = 32 }, 500 },
		{ { .total_vm = 1000, .cpu_s = 71 }, 500 },
		{ { .total_vm = 1000, .cpu_s = 72 }, 333 },
		{ { .total_vm = 1000, .cpu_s = 800 }, 100 },
		{ { .total_vm = 1000, .cpu_s = 8000000 }, 1 },
		{ { .total_vm = 1000, .cpu_s = ULONG_MAX }, 0 },
	};

	(void)state;
	EXPECT_TABLE(table);
}

/* In units of 1024 s */
static void run_time_divides_by_the_root_of_its_root(void **state)
{
	static const struct line table[] = {
		{ { .total_vm = 1000, .run_s = 1023 }, 1000 },
		{ { .total_vm = 1000, .run_s = 1024 }, 1000 },
		{ { .total_vm = 1000, .run_s = 16 * 1024 - 1 }, 1000 },
		{ { .total_vm = 1000, .run_s = 16 * 1024 }, 500 },
		{ { .total_vm = 1000, .run_s = 81 * 1024 - 1 }, 500 },
		{ { .total_vm = 1000, .run_s = 81 * 1024 }, 333 },
		/* ten months */
		{ { .total_vm = 1000, .run_s = 10000 * 1024 }, 100 },
	};

	(void)state;
	EXPECT_TABLE(table);
}

static void niced_processes_count_double(void **state)
{
	static const struct line table[] = {
		{ { .total_vm = 1000, .niced = true }, 2000 },
		{ { .total_vm = ULONG_MAX / 2, .niced = true }, ULONG_MAX - 1 },
		{ { .total_vm = ULONG_MAX / 2 + 1, .niced = true }, ULONG_MAX },
	};

	(void)state;
	EXPECT_TABLE(table);
}

static void root_and_raw_io_are_spared_twice(void **state)
{
	static const struct line table[] = {
		{ { .total_vm = 1000, .root = true }, 250 },
		{ { .total_vm = 1000, .raw_io = true }, 250 },
		{ { .total_vm = 1000, .root = true, .raw_io = true }, 62 },
		{ { .total_vm = 1000, .niced = true, .root = true }, 500 },
		{ { .total_vm = 15, .root = true, .raw_io = true }, 0 },
		{ { .total_vm = 16, .root = true, .raw_io = true }, 1 },
	};

	(void)state;
	EXPECT_TABLE(table);
}

/* 1001 / 2 / 2 is 250, not 250.25; 999 / 2 is 499, doubled 998, not 999. */
static void each_step_rounds_down(void **state)
{
	static const struct line table[] = {
		{ { .total_vm = 1001, .cpu_s = 32, .run_s = 16384 }, 250 },
		{ { .total_vm = 999, .cpu_s = 32, .niced = true }, 998 },
		{ { .total_vm = 999,
		    .cpu_s = 800,
		    .niced = true,
		    .root = true,
		    .raw_io = true },
		  12 },
	};

	(void)state;
	EXPECT_TABLE(table);
}

/* The divisor of one page less than a square's is one less. */
static void roots_are_exact(void **state)
{
	(void)state;
	for (unsigned long root = 2; root < 2000; root++) {
		struct oomrank_facts facts = {
			.total_vm = root * (root - 1) * 10,
			.cpu_s = root * root * 8,
		};

		assert_int_equal(oomrank_points(&facts), (root - 1) * 10);
		facts.cpu_s--;
		assert_int_equal(oomrank_points(&facts), root * 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(young_and_idle_processes_have_a_point_a_page),
		cmocka_unit_test(cpu_time_divides_by_its_root),
		cmocka_unit_test(run_time_divides_by_the_root_of_its_root),
		cmocka_unit_test(niced_processes_count_double),
		cmocka_unit_test(root_and_raw_io_are_spared_twice),
		cmocka_unit_test(each_step_rounds_down),
		cmocka_unit_test(roots_are_exact),
	};

	return RUN_GROUP(tests);
}
