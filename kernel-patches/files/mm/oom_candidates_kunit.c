// SPDX-License-Identifier: GPL-2.0-only
/*
 * Candidates for the OOM killer: tests of what reads a list of pids, and of how
 * long SIGTERM has.
 */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "oom_candidates.h"

#define MOST 8

struct numbers {
	unsigned int nr;
	pid_t pids[MOST];
};

static int note(pid_t nr, void *arg)
{
	struct numbers *numbers = arg;

	if (numbers->nr == MOST)
		return -ENOSPC;
	numbers->pids[numbers->nr++] = nr;
	return 0;
}

/* Read @text in two pieces, the first one @cut long. */
static int parse_cut(const char *text, size_t cut, struct numbers *numbers)
{
	struct oom_pid_parser parser = {};
	int ret;

	*numbers = (struct numbers){};
	ret = oom_parse_pids(&parser, text, cut, note, numbers);
	if (!ret)
		ret = oom_parse_pids(&parser, text + cut, strlen(text) - cut,
				     note, numbers);
	if (!ret)
		ret = oom_parse_end(&parser, note, numbers);
	return ret;
}

static void pids_stand_between_blanks_and_newlines(struct kunit *test)
{
	static const char * const texts[] = {
		"12 345 6", "12 345 6\n", "12\n345\n6\n", "  12\t345\n\n 6 ",
	};
	struct numbers numbers;
	size_t i, cut;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		for (cut = 0; cut <= strlen(texts[i]); cut++) {
			KUNIT_EXPECT_EQ(test, parse_cut(texts[i], cut, &numbers),
					0);
			KUNIT_EXPECT_EQ(test, numbers.nr, 3);
			KUNIT_EXPECT_EQ(test, numbers.pids[0], 12);
			KUNIT_EXPECT_EQ(test, numbers.pids[1], 345);
			KUNIT_EXPECT_EQ(test, numbers.pids[2], 6);
		}
	}
}

static void nothing_is_an_empty_list(struct kunit *test)
{
	static const char * const texts[] = { "", "\n", " ", " \t\n\n" };
	struct numbers numbers;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		KUNIT_EXPECT_EQ(test, parse_cut(texts[i], 0, &numbers), 0);
		KUNIT_EXPECT_EQ(test, numbers.nr, 0);
	}
}

static void what_is_no_pid_is_refused(struct kunit *test)
{
	static const char * const texts[] = {
		"0", "00", "01", "1 0", "1 02", "-1", "+1", "1-", "1,2", "x",
		"1x", "0x1", "1.0", "1;", "2147483648", "4294967297",
		"99999999999999999999", "1\r\n", "1\v", "1\f2", "\xff", "1 \xb2",
	};
	struct numbers numbers;
	size_t i, cut;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		for (cut = 0; cut <= strlen(texts[i]); cut++)
			KUNIT_EXPECT_EQ_MSG(test,
					    parse_cut(texts[i], cut, &numbers),
					    -EINVAL, "\"%s\"", texts[i]);
}

static void zero_bytes_are_refused(struct kunit *test)
{
	struct oom_pid_parser parser = {};
	struct numbers numbers = {};

	KUNIT_EXPECT_EQ(test, oom_parse_pids(&parser, "1\0002", 3, note,
					     &numbers), -EINVAL);
}

static void largest_number_is_read(struct kunit *test)
{
	struct numbers numbers;

	KUNIT_EXPECT_EQ(test, parse_cut("2147483647", 5, &numbers), 0);
	KUNIT_EXPECT_EQ(test, numbers.nr, 1);
	KUNIT_EXPECT_EQ(test, numbers.pids[0], INT_MAX);
}

static void error_of_the_taker_ends_it(struct kunit *test)
{
	struct numbers numbers;

	KUNIT_EXPECT_EQ(test, parse_cut("1 2 3 4 5 6 7 8", 0, &numbers), 0);
	KUNIT_EXPECT_EQ(test, parse_cut("1 2 3 4 5 6 7 8 9", 0, &numbers),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, parse_cut("1 2 3 4 5 6 7 8 9 x", 0, &numbers),
			-ENOSPC);
}

static void sigterm_has_its_time_and_no_more(struct kunit *test)
{
	const ktime_t deadline = ms_to_ktime(5000);

	KUNIT_EXPECT_EQ(test, oom_term_next_step(0, deadline), OOM_TERM_WAIT);
	KUNIT_EXPECT_EQ(test, oom_term_next_step(deadline - 1, deadline),
			OOM_TERM_WAIT);
	KUNIT_EXPECT_EQ(test, oom_term_next_step(deadline, deadline),
			OOM_TERM_KILL);
	KUNIT_EXPECT_EQ(test,
			oom_term_next_step(deadline + ms_to_ktime(59999),
					   deadline), OOM_TERM_KILL);
	KUNIT_EXPECT_EQ(test,
			oom_term_next_step(deadline + ms_to_ktime(60000),
					   deadline), OOM_TERM_FORGET);
}

static struct kunit_case oom_candidates_cases[] = {
	KUNIT_CASE(pids_stand_between_blanks_and_newlines),
	KUNIT_CASE(nothing_is_an_empty_list),
	KUNIT_CASE(what_is_no_pid_is_refused),
	KUNIT_CASE(zero_bytes_are_refused),
	KUNIT_CASE(largest_number_is_read),
	KUNIT_CASE(error_of_the_taker_ends_it),
	KUNIT_CASE(sigterm_has_its_time_and_no_more),
	{}
};

static struct kunit_suite oom_candidates_suite = {
	.name = "oom_candidates",
	.test_cases = oom_candidates_cases,
};

kunit_test_suite(oom_candidates_suite);
