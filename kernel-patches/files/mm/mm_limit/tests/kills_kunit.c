// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of what is remembered of those who were killed.
 */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/sched/user.h>

#include "../kill.h"

static void note(struct mm_limit_notes *notes, pid_t pid, long pages)
{
	const struct mm_limit_process process = { .pid = pid, .pages = pages };

	mm_limit_note_process(notes, &process);
}

static struct mm_limit_notes *make_notes(struct kunit *test)
{
	struct mm_limit_notes *notes =
		kunit_kzalloc(test, sizeof(*notes), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, notes);
	return notes;
}

static void largest_are_kept_in_order(struct kunit *test)
{
	struct mm_limit_notes *notes = make_notes(test);
	unsigned int i;

	/* 0 to 96, each once: 7 has no factor in common with 97. */
	for (i = 0; i < 97; i++)
		note(notes, i * 7 % 97, i * 7 % 97);
	KUNIT_EXPECT_EQ(test, notes->nr_largest, MM_LIMIT_BESIDE + 1);
	for (i = 0; i <= MM_LIMIT_BESIDE; i++) {
		KUNIT_EXPECT_EQ(test, notes->largest[i].pid, 96 - i);
		KUNIT_EXPECT_EQ(test, notes->largest[i].pages, 96 - i);
	}
}

static void few_are_all_kept(struct kunit *test)
{
	struct mm_limit_notes *notes = make_notes(test);

	KUNIT_EXPECT_EQ(test, notes->nr_largest, 0);
	note(notes, 1, 0);
	note(notes, 2, LONG_MAX);
	note(notes, 3, -1);
	KUNIT_EXPECT_EQ(test, notes->nr_largest, 3);
	KUNIT_EXPECT_EQ(test, notes->largest[0].pid, 2);
	KUNIT_EXPECT_EQ(test, notes->largest[1].pid, 1);
	KUNIT_EXPECT_EQ(test, notes->largest[2].pid, 3);
}

static void first_of_equals_is_kept(struct kunit *test)
{
	struct mm_limit_notes *notes = make_notes(test);
	unsigned int i;

	for (i = 0; i < 2 * MM_LIMIT_BESIDE; i++)
		note(notes, i, 5);
	for (i = 0; i <= MM_LIMIT_BESIDE; i++)
		KUNIT_EXPECT_EQ(test, notes->largest[i].pid, i);
}

static void put_history(void *history)
{
	mm_limit_put_history(history);
}

static struct mm_limit_history *make_history(struct kunit *test)
{
	struct mm_limit_history *history = mm_limit_new_history(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, history);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_history, history),
			0);
	return history;
}

/* A limit that nothing but its history is used of */
static struct mm_limit *make_limit(struct kunit *test)
{
	struct mm_limit *limit = kunit_kzalloc(test, sizeof(*limit), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, limit);
	limit->kill.notes = make_notes(test);
	limit->kill.history = make_history(test);
	return limit;
}

static void remember(struct mm_limit *limit, pid_t pid)
{
	const struct mm_limit_victim victim = { .process.pid = pid };

	mm_limit_remember(limit, &victim);
}

static void last_kills_are_recalled_by_number(struct kunit *test)
{
	struct mm_limit *limit = make_limit(test);
	struct mm_limit_record record;
	unsigned int total, i;
	u64 number, oldest;

	KUNIT_EXPECT_EQ(test, mm_limit_recall(limit->kill.history, 1, &record), 0);
	for (total = 1; total <= 3 * MM_LIMIT_KILLS; total++) {
		remember(limit, 100 + total);
		oldest = total > MM_LIMIT_KILLS ? total - MM_LIMIT_KILLS + 1 : 1;
		for (i = 1; i <= total; i++) {
			number = mm_limit_recall(limit->kill.history, i, &record);
			KUNIT_EXPECT_EQ(test, number, max_t(u64, i, oldest));
			KUNIT_EXPECT_EQ(test, record.victim.process.pid,
					100 + number);
		}
		KUNIT_EXPECT_EQ(test,
				mm_limit_recall(limit->kill.history, total + 1, &record), 0);
	}
}

static void victim_is_not_beside_itself(struct kunit *test)
{
	struct mm_limit *limit = make_limit(test);
	struct mm_limit_record record;
	unsigned int i;

	for (i = 1; i <= MM_LIMIT_BESIDE + 1; i++)
		note(limit->kill.notes, i, 100 - i);
	/* The third, and one that is not among the largest */
	remember(limit, 3);
	remember(limit, 99);
	KUNIT_ASSERT_EQ(test, mm_limit_recall(limit->kill.history, 1, &record), 1);
	KUNIT_ASSERT_EQ(test, record.nr_beside, MM_LIMIT_BESIDE);
	for (i = 0; i < MM_LIMIT_BESIDE; i++)
		KUNIT_EXPECT_EQ(test, record.beside[i].pid, i < 2 ? i + 1 : i + 2);
	KUNIT_ASSERT_EQ(test, mm_limit_recall(limit->kill.history, 2, &record), 2);
	KUNIT_ASSERT_EQ(test, record.nr_beside, MM_LIMIT_BESIDE);
	for (i = 0; i < MM_LIMIT_BESIDE; i++)
		KUNIT_EXPECT_EQ(test, record.beside[i].pid, i + 1);
}

/* A limit of which so many were killed, the first with pid 100 + @first */
static struct mm_limit *make_killed(struct kunit *test, unsigned int first,
				    unsigned int kills)
{
	struct mm_limit *limit = make_limit(test);

	while (kills--)
		remember(limit, 100 + first++);
	return limit;
}

static void expect_absorbed(struct kunit *test, unsigned int older,
			    unsigned int newer)
{
	struct mm_limit *old = make_killed(test, 1, older);
	struct mm_limit *new = make_killed(test, older + 1, newer);
	struct mm_limit *all = make_killed(test, 1, older + newer);
	struct mm_limit_record is, should;
	u64 number = 0;

	mm_limit_absorb_history(new->kill.history, old->kill.history);
	do {
		KUNIT_EXPECT_EQ(test,
				mm_limit_recall(new->kill.history, number + 1, &is),
				mm_limit_recall(all->kill.history, number + 1,
						&should));
		number = mm_limit_recall(all->kill.history, number + 1, &should);
		if (number)
			KUNIT_EXPECT_EQ(test, is.victim.process.pid,
					should.victim.process.pid);
	} while (number);
}

static void history_goes_on_where_an_older_one_ended(struct kunit *test)
{
	unsigned int older, newer;

	for (older = 0; older <= 2 * MM_LIMIT_KILLS + 1; older++)
		for (newer = 0; newer <= 2 * MM_LIMIT_KILLS + 1; newer++)
			expect_absorbed(test, older, newer);
}

static struct kunit_case kills_cases[] = {
	KUNIT_CASE(largest_are_kept_in_order),
	KUNIT_CASE(few_are_all_kept),
	KUNIT_CASE(first_of_equals_is_kept),
	KUNIT_CASE(last_kills_are_recalled_by_number),
	KUNIT_CASE(victim_is_not_beside_itself),
	KUNIT_CASE(history_goes_on_where_an_older_one_ended),
	{}
};

static struct kunit_suite kills_suite = {
	.name = "mm_limit_kills",
	.test_cases = kills_cases,
};

kunit_test_suite(kills_suite);
