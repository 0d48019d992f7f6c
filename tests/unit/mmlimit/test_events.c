// SPDX-License-Identifier: GPL-2.0-only
/* What mmlimit watch makes of two readings of the list of limits. */
#include "unit.h"

#include "events.h"

#define MOST 8

static struct event found[MOST];
static size_t count;

static void note(const struct event *event, void *data)
{
	assert_ptr_equal(data, found);
	assert_true(count < MOST);
	found[count++] = *event;
}

static void find(struct mm_limit_attr *before, size_t before_count,
		 struct mm_limit_attr *now, size_t now_count)
{
	struct limits earlier = { .limits = before, .count = before_count };
	struct limits later = { .limits = now, .count = now_count };

	limits_sort(&earlier);
	limits_sort(&later);
	count = 0;
	events_find(before ? &earlier : NULL, &later, note, found);
}

static void expect(size_t number, enum event_kind kind, uid_t uid,
		   unsigned long long times)
{
	assert_true(number < count);
	assert_int_equal(found[number].kind, kind);
	assert_int_equal(found[number].limit->uid, uid);
	assert_int_equal(found[number].count, times);
}

#define LIMIT(user, ...)                                                \
	{                                                               \
		.uid = user, .mm_max = 100, .hard_max = 100,            \
		.self_max = MM_LIMIT_ATTR_NONE, .peak = 50, __VA_ARGS__ \
	}

static void first_reading_tells_what_stands(void **state)
{
	struct mm_limit_attr now[] = { LIMIT(3, .kills = 1), LIMIT(1) };

	(void)state;
	find(NULL, 0, now, 2);
	assert_int_equal(count, 2);
	expect(0, EVENT_LIMIT, 1, 1);
	expect(1, EVENT_LIMIT, 3, 1);
}

static void nothing_happens_without_a_change(void **state)
{
	struct mm_limit_attr before[] = { LIMIT(1), LIMIT(2) };
	struct mm_limit_attr now[] = { LIMIT(2, .usage = 40), LIMIT(1) };

	(void)state;
	find(before, 2, now, 2);
	assert_int_equal(count, 0);
	find(before, 0, now, 0);
	assert_int_equal(count, 0);
}

static void limits_come_and_go_by_uid(void **state)
{
	struct mm_limit_attr before[] = { LIMIT(2), LIMIT(4), LIMIT(6) };
	struct mm_limit_attr now[] = { LIMIT(7), LIMIT(4), LIMIT(1) };

	(void)state;
	find(before, 3, now, 3);
	assert_int_equal(count, 4);
	expect(0, EVENT_SET, 1, 1);
	expect(1, EVENT_REMOVED, 2, 1);
	expect(2, EVENT_REMOVED, 6, 1);
	expect(3, EVENT_SET, 7, 1);
}

static void changes_of_each_part_are_told(void **state)
{
	struct mm_limit_attr before = LIMIT(1), now[10];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(now); i++)
		now[i] = before;
	now[0].hard_max++;
	now[1].self_max = 99;
	now[2].hard_grace_ms++;
	now[3].self_grace_ms++;
	now[4].policy++;
	now[5].flags++;
	now[6].threshold++;
	now[7].swap_max++;
	now[8].warn++;
	now[9].term_ms++;
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		find(&before, 1, &now[i], 1);
		assert_int_equal(count, 1);
		expect(0, EVENT_SET, 1, 1);
	}
}

/* Counts only grow, so a lower one is that of another limit of the user. */
static void limit_with_a_lower_count_is_another_one(void **state)
{
	struct mm_limit_attr before = LIMIT(1, .exceeds = 5, .graces = 5,
					    .kills = 5, .warnings = 5,
					    .dry_kills = 5, .terms = 5);
	struct mm_limit_attr now[7];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(now); i++)
		now[i] = before;
	now[0].exceeds--;
	now[1].graces--;
	now[2].kills--;
	now[3].peak--;
	now[4].warnings--;
	now[5].dry_kills--;
	now[6].terms--;
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		find(&before, 1, &now[i], 1);
		assert_true(count >= 2);
		expect(0, EVENT_REMOVED, 1, 1);
		expect(1, EVENT_SET, 1, 1);
	}
}

static void warnings_and_trials_are_told(void **state)
{
	struct mm_limit_attr before[] = { LIMIT(1, .warnings = 1) };
	struct mm_limit_attr now[] = { LIMIT(1, .warnings = 2, .exceeds = 1,
					     .dry_kills = 3, .terms = 2) };

	(void)state;
	find(before, 1, now, 1);
	assert_int_equal(count, 4);
	expect(0, EVENT_WARN, 1, 1);
	expect(1, EVENT_EXCEED, 1, 1);
	expect(2, EVENT_TERM, 1, 2);
	expect(3, EVENT_DRY_RUN, 1, 3);
	/* Another limit, since its counts are lower */
	find(now, 1, before, 1);
	expect(0, EVENT_REMOVED, 1, 1);
	expect(1, EVENT_SET, 1, 1);
}

static void counts_tell_how_often(void **state)
{
	struct mm_limit_attr before[] = { LIMIT(1, .exceeds = 1, .kills = 2) };
	struct mm_limit_attr now[] = { LIMIT(1, .exceeds = 2, .graces = 1,
					     .kills = 5,
					     .state = MM_LIMIT_STUCK) };

	(void)state;
	find(before, 1, now, 1);
	assert_int_equal(count, 4);
	expect(0, EVENT_EXCEED, 1, 1);
	expect(1, EVENT_GRACE, 1, 1);
	expect(2, EVENT_KILL, 1, 3);
	expect(3, EVENT_STUCK, 1, 1);
	/* It stays so. */
	find(now, 1, now, 1);
	assert_int_equal(count, 0);
}

static void reclaim_is_told_when_it_begins_and_when_it_ends(void **state)
{
	struct mm_limit_attr idle = LIMIT(1);
	struct mm_limit_attr busy =
		LIMIT(1, .exceeds = 1, .swap = 7, .state = MM_LIMIT_RECLAIMING);
	/* No event is told, however often the limit is exceeded. */
	struct mm_limit_attr busier = LIMIT(1, .exceeds = 100, .swap = 8,
					    .state = MM_LIMIT_RECLAIMING);
	struct mm_limit_attr killed =
		LIMIT(1, .exceeds = 101, .kills = 1, .thrashed = 2);

	(void)state;
	find(&idle, 1, &busy, 1);
	assert_int_equal(count, 2);
	expect(0, EVENT_EXCEED, 1, 1);
	expect(1, EVENT_RECLAIM, 1, 1);
	find(&busy, 1, &busier, 1);
	assert_int_equal(count, 0);
	/* It was of no use. */
	find(&busier, 1, &killed, 1);
	assert_int_equal(count, 3);
	expect(0, EVENT_RECLAIMED, 1, 1);
	expect(1, EVENT_THRASH, 1, 2);
	expect(2, EVENT_KILL, 1, 1);
}

/*
 * Reads a list of one limit, which is in @state and has exceeded @exceeds times,
 * and settles it. Returns how long that may stay untold.
 */
static long long settle_at(struct limits *before, struct limits *now,
			   long long when_ms, unsigned int state,
			   unsigned long long exceeds)
{
	struct mm_limit_attr limit = LIMIT(1, .state = state,
					   .exceeds = exceeds,
					   .flags = MM_LIMIT_RECLAIM);
	long long left;

	*now->limits = limit;
	*now->active_ms = 0;
	left = events_settle(before, now, when_ms);
	*before = *now;
	return left;
}

static void
limit_that_reclaims_again_and_again_does_so_until_it_is_calm(void **state)
{
	struct mm_limit_attr limits[2];
	long long times[2];
	struct limits a = { .limits = &limits[0],
			    .count = 1,
			    .active_ms = &times[0] };
	struct limits b = { .limits = &limits[1],
			    .count = 1,
			    .active_ms = &times[1] };
	struct limits before = { 0 };

	(void)state;
	assert_int_equal(settle_at(&before, &a, 5000, MM_LIMIT_IDLE, 0), -1);
	assert_int_equal(settle_at(&before, &b, 5001, MM_LIMIT_RECLAIMING, 1),
			 -1);
	assert_int_equal(settle_at(&before, &a, 5002, MM_LIMIT_IDLE, 1), 999);
	assert_int_equal(a.limits->state, MM_LIMIT_RECLAIMING);
	/* The limit was exceeded once more between two readings. */
	assert_int_equal(settle_at(&before, &b, 5500, MM_LIMIT_EXCEEDED, 2),
			 1000);
	assert_int_equal(b.limits->state, MM_LIMIT_RECLAIMING);
	assert_int_equal(settle_at(&before, &a, 6499, MM_LIMIT_IDLE, 2), 1);
	assert_int_equal(a.limits->state, MM_LIMIT_RECLAIMING);
	assert_int_equal(settle_at(&before, &b, 6500, MM_LIMIT_IDLE, 2), -1);
	assert_int_equal(b.limits->state, MM_LIMIT_IDLE);
	/*
	 * A limit that was not reclaiming does not begin because it was
	 * exceeded.
	 */
	assert_int_equal(settle_at(&before, &a, 6501, MM_LIMIT_IDLE, 3), -1);
	assert_int_equal(a.limits->state, MM_LIMIT_IDLE);
}

static void what_is_more_than_reclaim_is_told_at_once(void **state)
{
	const struct mm_limit_attr busy = LIMIT(1, .flags = MM_LIMIT_RECLAIM,
						.state = MM_LIMIT_RECLAIMING);
	struct mm_limit_attr before = busy, now[5];
	long long time = 5000, times[ARRAY_SIZE(now)];
	struct limits earlier = { .limits = &before,
				  .count = 1,
				  .active_ms = &time };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		now[i] = busy;
		now[i].state = MM_LIMIT_IDLE;
		times[i] = 0;
	}
	now[0].kills = 1;
	now[1].thrashed = 1;
	now[2].flags = 0;
	now[3].state = MM_LIMIT_GRACE;
	now[4].state = MM_LIMIT_STUCK;
	for (size_t i = 0; i < ARRAY_SIZE(now); i++) {
		struct limits later = { .limits = &now[i],
					.count = 1,
					.active_ms = &times[i] };

		assert_int_equal(events_settle(&earlier, &later, 5001), -1);
		assert_true(now[i].state != MM_LIMIT_RECLAIMING);
	}
}

static void limits_are_calm_each_for_itself(void **state)
{
	struct mm_limit_attr before[] = {
		LIMIT(1),
		LIMIT(2, .state = MM_LIMIT_RECLAIMING),
		LIMIT(4, .state = MM_LIMIT_RECLAIMING),
	};
	struct mm_limit_attr now[] = { LIMIT(2), LIMIT(3), LIMIT(4) };
	long long times_before[] = { 5100, 4900, 4200 };
	long long times[ARRAY_SIZE(now)] = { 0 };
	struct limits earlier = { .limits = before,
				  .count = 3,
				  .active_ms = times_before };
	struct limits later = { .limits = now, .count = 3, .active_ms = times };

	(void)state;
	assert_int_equal(events_settle(&earlier, &later, 5000), 200);
	assert_int_equal(now[0].state, MM_LIMIT_RECLAIMING);
	assert_int_equal(times[0], 4900);
	assert_int_equal(now[1].state, MM_LIMIT_IDLE);
	assert_int_equal(times[1], 0);
	assert_int_equal(now[2].state, MM_LIMIT_RECLAIMING);
	/* This limit has been calm for long enough. */
	times_before[2] = 4000;
	now[0] = before[1];
	now[2].state = MM_LIMIT_IDLE;
	assert_int_equal(events_settle(&earlier, &later, 5000), -1);
	assert_int_equal(now[2].state, MM_LIMIT_IDLE);
}

/* Pages come and go without end. */
static void figures_of_reclaim_are_no_events(void **state)
{
	struct mm_limit_attr before = LIMIT(1, .thrashed = 3);
	struct mm_limit_attr now = LIMIT(1, .thrashed = 3, .swap = 1,
					 .scanned = 2, .spared = 3,
					 .swapped_out = 4, .dropped = 5,
					 .direct_reclaims = 6, .refaults = 7);

	(void)state;
	find(&before, 1, &now, 1);
	assert_int_equal(count, 0);
	/* A kernel may count from 0 when a limit begins to reclaim again. */
	now.thrashed = 0;
	find(&before, 1, &now, 1);
	assert_int_equal(count, 0);
}

static void new_limit_tells_what_it_has_done_already(void **state)
{
	struct mm_limit_attr before[] = { LIMIT(2) };
	struct mm_limit_attr now[] = { LIMIT(1, .exceeds = 1, .kills = 1),
				       LIMIT(2) };

	(void)state;
	find(before, 1, now, 2);
	assert_int_equal(count, 3);
	expect(0, EVENT_SET, 1, 1);
	expect(1, EVENT_EXCEED, 1, 1);
	expect(2, EVENT_KILL, 1, 1);
}

/* Removed and set again while nobody looked */
static void counts_that_fall_are_another_limit(void **state)
{
	struct mm_limit_attr before[] = { LIMIT(1, .exceeds = 3, .kills = 3) };
	struct mm_limit_attr now[] = { LIMIT(1, .exceeds = 1) };

	(void)state;
	find(before, 1, now, 1);
	assert_int_equal(count, 3);
	expect(0, EVENT_REMOVED, 1, 1);
	assert_ptr_equal(found[0].limit, before);
	expect(1, EVENT_SET, 1, 1);
	expect(2, EVENT_EXCEED, 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_reading_tells_what_stands),
		cmocka_unit_test(nothing_happens_without_a_change),
		cmocka_unit_test(limits_come_and_go_by_uid),
		cmocka_unit_test(changes_of_each_part_are_told),
		cmocka_unit_test(limit_with_a_lower_count_is_another_one),
		cmocka_unit_test(warnings_and_trials_are_told),
		cmocka_unit_test(counts_tell_how_often),
		cmocka_unit_test(
			reclaim_is_told_when_it_begins_and_when_it_ends),
		cmocka_unit_test(
			limit_that_reclaims_again_and_again_does_so_until_it_is_calm),
		cmocka_unit_test(what_is_more_than_reclaim_is_told_at_once),
		cmocka_unit_test(limits_are_calm_each_for_itself),
		cmocka_unit_test(figures_of_reclaim_are_no_events),
		cmocka_unit_test(new_limit_tells_what_it_has_done_already),
		cmocka_unit_test(counts_that_fall_are_another_limit),
	};

	return RUN_GROUP(tests);
}
