// SPDX-License-Identifier: GPL-2.0-only
/* The order of candidates, and what becomes of it. */
#define _GNU_SOURCE 1
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ranking.h"
#include "table.h"

#define MANY 5000

static struct ranking ranking;

static void make(size_t room)
{
	assert_int_equal(ranking_make(&ranking, room), 0);
}

static void add(pid_t pid, unsigned long points)
{
	struct oomrank_process process = { .pid = pid, .points = points };

	ranking_add(&ranking, &process);
}

static void expect_written(const char *expected)
{
	size_t length;

	ranking_sort(&ranking);
	length = ranking_write(&ranking);
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(ranking.text, expected, length);
}

static void more_points_come_first(void **state)
{
	(void)state;
	make(10);
	add(5, 30);
	add(6, 10);
	add(7, 40);
	add(2147483647, 20);
	expect_written("7\n5\n2147483647\n6\n");
	ranking_free(&ranking);
}

static void
of_equal_points_the_larger_the_younger_the_later_comes_first(void **state)
{
	static const struct oomrank_process all[] = {
		{ .pid = 5, .points = 7, .facts = { 100, 0, 10, 0, 0, 0 } },
		{ .pid = 6, .points = 7, .facts = { 100, 0, 10, 0, 0, 0 } },
		{ .pid = 7, .points = 7, .facts = { 100, 0, 9, 0, 0, 0 } },
		{ .pid = 8, .points = 7, .facts = { 101, 0, 99, 0, 0, 0 } },
		{ .pid = 9, .points = 6, .facts = { 999, 0, 0, 0, 0, 0 } },
	};

	(void)state;
	make(5);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		ranking_add(&ranking, &all[i]);
	expect_written("8\n7\n6\n5\n9\n");
	ranking_free(&ranking);
}

static void no_candidates_are_a_blank_line(void **state)
{
	(void)state;
	make(1);
	expect_written("\n");
	add(5, 1);
	expect_written("5\n");
	ranking_clear(&ranking);
	expect_written("\n");
	ranking_free(&ranking);
}

/* In any order, the best of many are kept, by a plain count of who is better. */
static void the_first_of_many_are_kept(void **state)
{
	static const size_t rooms[] = { 1, 2, 3, 100, MANY - 1, MANY, MANY + 9 };
	static unsigned long points[MANY];
	unsigned int random = 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
		size_t kept = rooms[i] < MANY ? rooms[i] : MANY;

		make(rooms[i]);
		for (size_t p = 0; p < MANY; p++) {
			random = random * 1664525 + 1013904223;
			points[p] = random >> 20;
			add(p + 1, points[p]);
		}
		ranking_sort(&ranking);
		assert_int_equal(ranking.count, kept);
		for (size_t at = 0; at < kept; at++) {
			pid_t pid = ranking.list[at].pid;
			unsigned long mine = points[pid - 1];
			size_t better = 0;

			for (pid_t other = 1; other <= MANY; other++)
				better += points[other - 1] > mine ||
					  (points[other - 1] == mine &&
					   other > pid);
			assert_int_equal(better, at);
		}
		ranking_free(&ranking);
	}
}

static void table_shows_facts_and_no_control_characters(void **state)
{
	static const struct oomrank_process all[] = {
		{ .pid = 312,
		  .points = 25600,
		  .facts = { 25600, 3, 40 },
		  .name = "hog" },
		{ .pid = 9,
		  .points = 62,
		  .facts = { 1000, 0, 0, true, true, true },
		  .name = "\33[2J)\n(" },
	};
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	make(2);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		ranking_add(&ranking, &all[i]);
	ranking_sort(&ranking);
	table_print(&ranking, file);
	fclose(file);
	assert_string_equal(
		text,
		"RANK     PID  POINTS       VM  CPU_S   AGE_S  SPECIAL           NAME\n"
		"   1     312   25600   100MiB      3      40  -                 hog\n"
		"   2       9      62   3.9MiB      0       0  niced,root,rawio  ?[2J)?(\n");
	free(text);
	ranking_free(&ranking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_points_come_first),
		cmocka_unit_test(
			of_equal_points_the_larger_the_younger_the_later_comes_first),
		cmocka_unit_test(no_candidates_are_a_blank_line),
		cmocka_unit_test(the_first_of_many_are_kept),
		cmocka_unit_test(table_shows_facts_and_no_control_characters),
	};

	return RUN_GROUP(tests);
}
