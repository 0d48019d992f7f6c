// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: tests of the store, of reading from it, and of commands.
 */

#include <kunit/test.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

/* KUnit's tests are part of the kernel, where a module's functions are not. */
#if IS_MODULE(CONFIG_TASKMONITOR)
#include "../command.c"
#include "../cursor.c"
#include "../store.c"
#else
#include "../taskmonitor.h"
#endif

#define NONE	(-1)

static struct taskmonitor_store *store_of(struct kunit *test)
{
	return test->priv;
}

/* Two processes that are always there */
static struct pid *pid_of(int number)
{
	return task_pid(number ? &init_task : current);
}

/* What distinguishes samples here is their time. */
static struct taskmonitor_figures at(int number, s64 time)
{
	return (struct taskmonitor_figures){
		.time = time,
		.pid = pid_nr(pid_of(number)),
	};
}

static void add(struct kunit *test, int number, s64 time)
{
	struct taskmonitor_figures figures = at(number, time);

	KUNIT_ASSERT_EQ(test, 0,
			taskmonitor_add(store_of(test), pid_of(number),
					&figures));
}

static struct taskmonitor_task *task_of(struct kunit *test, int number)
{
	struct taskmonitor_task *task;

	list_for_each_entry(task, &store_of(test)->tasks, node)
		if (task->pid == pid_of(number))
			return task;
	KUNIT_FAIL_AND_ABORT(test, "no task %d", number);
	return NULL;
}

static void append(struct kunit *test, int number, s64 time)
{
	struct taskmonitor_figures figures = at(number, time);

	taskmonitor_append(store_of(test), task_of(test, number), &figures);
}

/* The time at the cursor, which then goes on; NONE at the end */
static s64 next(struct taskmonitor_cursor *cursor)
{
	s64 time;

	if (!cursor->sample)
		return NONE;
	time = cursor->sample->figures.time;
	taskmonitor_cursor_next(cursor);
	return time;
}

static struct taskmonitor_cursor begin(struct kunit *test, s64 until)
{
	struct taskmonitor_cursor cursor = { .store = store_of(test) };

	taskmonitor_cursor_first(&cursor, until);
	return cursor;
}

static void expect_times(struct kunit *test, const s64 *times, size_t count)
{
	struct taskmonitor_cursor cursor = begin(test, KTIME_MAX);
	size_t i;

	for (i = 0; i < count; i++)
		KUNIT_EXPECT_EQ(test, times[i], next(&cursor));
	KUNIT_EXPECT_EQ(test, NONE, next(&cursor));
	taskmonitor_cursor_release(&cursor);
	KUNIT_EXPECT_EQ(test, count, store_of(test)->nr_samples);
}

#define EXPECT_TIMES(test, ...)						\
	expect_times(test, (const s64[]){ __VA_ARGS__ },		\
		     sizeof((const s64[]){ __VA_ARGS__ }) / sizeof(s64))

static void history_is_read_task_by_task_oldest_first(struct kunit *test)
{
	add(test, 0, 1);
	add(test, 1, 2);
	append(test, 0, 3);
	append(test, 1, 4);
	EXPECT_TIMES(test, 1, 3, 2, 4);
}

static void task_is_added_once(struct kunit *test)
{
	struct taskmonitor_figures figures = at(0, 2);

	add(test, 0, 1);
	KUNIT_EXPECT_EQ(test, -EEXIST,
			taskmonitor_add(store_of(test), pid_of(0), &figures));
	EXPECT_TIMES(test, 1);
}

static void ended_task_keeps_its_history_and_can_be_another(struct kunit *test)
{
	struct taskmonitor_task *task;

	add(test, 0, 1);
	task = task_of(test, 0);
	taskmonitor_end(store_of(test), task);
	KUNIT_EXPECT_EQ(test, 0, store_of(test)->nr_running);
	append(test, 0, 2);
	EXPECT_TIMES(test, 1);
	add(test, 0, 3);
	KUNIT_EXPECT_EQ(test, 2, store_of(test)->nr_tasks);
	EXPECT_TIMES(test, 1, 3);
	KUNIT_EXPECT_EQ(test, 0,
			taskmonitor_remove(store_of(test), pid_nr(pid_of(0))));
	KUNIT_EXPECT_EQ(test, 0, store_of(test)->nr_tasks);
	KUNIT_EXPECT_EQ(test, 0, store_of(test)->nr_samples);
	KUNIT_EXPECT_EQ(test, -ESRCH,
			taskmonitor_remove(store_of(test), pid_nr(pid_of(0))));
}

static void oldest_of_all_are_given_back_first(struct kunit *test)
{
	add(test, 0, 1);
	add(test, 1, 2);
	append(test, 0, 3);
	append(test, 1, 4);
	KUNIT_EXPECT_EQ(test, 2, taskmonitor_shrink(store_of(test), 2));
	EXPECT_TIMES(test, 3, 4);
	KUNIT_EXPECT_EQ(test, 2, taskmonitor_shrink(store_of(test), 100));
	KUNIT_EXPECT_EQ(test, 4, store_of(test)->counts.shrunk);
	/* They go on. */
	KUNIT_EXPECT_EQ(test, 2, store_of(test)->nr_running);
	append(test, 0, 5);
	EXPECT_TIMES(test, 5);
}

static void ended_task_goes_with_its_last_sample(struct kunit *test)
{
	add(test, 0, 1);
	add(test, 1, 2);
	taskmonitor_end(store_of(test), task_of(test, 0));
	KUNIT_EXPECT_EQ(test, 2, store_of(test)->nr_tasks);
	KUNIT_EXPECT_EQ(test, 1, taskmonitor_shrink(store_of(test), 1));
	KUNIT_EXPECT_EQ(test, 1, store_of(test)->nr_tasks);
	/* The other way round */
	KUNIT_EXPECT_EQ(test, 1, taskmonitor_shrink(store_of(test), 1));
	KUNIT_EXPECT_EQ(test, 1, store_of(test)->nr_tasks);
	taskmonitor_end(store_of(test), task_of(test, 1));
	KUNIT_EXPECT_EQ(test, 0, store_of(test)->nr_tasks);
}

static void busy_store_does_not_hold_up_reclaim(struct kunit *test)
{
	add(test, 0, 1);
	mutex_lock(&store_of(test)->mutex);
	KUNIT_EXPECT_EQ(test, 0, taskmonitor_shrink(store_of(test), 1));
	mutex_unlock(&store_of(test)->mutex);
	EXPECT_TIMES(test, 1);
}

static void cap_drops_the_oldest(struct kunit *test)
{
	s64 time;

	store_of(test)->max = 3;
	add(test, 0, 1);
	for (time = 2; time <= 5; time++)
		append(test, 0, time);
	EXPECT_TIMES(test, 3, 4, 5);
	KUNIT_EXPECT_EQ(test, 2, store_of(test)->counts.capped);
	store_of(test)->max = 1;
	append(test, 0, 6);
	EXPECT_TIMES(test, 6);
}

static void reader_of_a_sample_given_back_goes_on_behind_it(struct kunit *test)
{
	struct taskmonitor_cursor cursor;
	s64 time;

	add(test, 0, 1);
	for (time = 2; time <= 6; time++)
		append(test, 0, time);
	cursor = begin(test, KTIME_MAX);
	KUNIT_EXPECT_EQ(test, 1, next(&cursor));
	KUNIT_EXPECT_EQ(test, 4, taskmonitor_shrink(store_of(test), 4));
	/* It has this one, and nobody else does. */
	KUNIT_EXPECT_EQ(test, 1, kref_read(&cursor.sample->ref));
	KUNIT_EXPECT_EQ(test, 2, next(&cursor));
	KUNIT_EXPECT_EQ(test, 5, next(&cursor));
	KUNIT_EXPECT_EQ(test, 6, next(&cursor));
	KUNIT_EXPECT_EQ(test, NONE, next(&cursor));
	taskmonitor_cursor_release(&cursor);
}

static void reader_of_a_removed_task_goes_on_behind_it(struct kunit *test)
{
	struct taskmonitor_cursor cursor;

	add(test, 0, 1);
	append(test, 0, 2);
	add(test, 1, 3);
	cursor = begin(test, KTIME_MAX);
	KUNIT_ASSERT_EQ(test, 0,
			taskmonitor_remove(store_of(test), pid_nr(pid_of(0))));
	/* The same process again, behind the other */
	add(test, 0, 4);
	KUNIT_EXPECT_EQ(test, 1, next(&cursor));
	KUNIT_EXPECT_EQ(test, 3, next(&cursor));
	KUNIT_EXPECT_EQ(test, 4, next(&cursor));
	KUNIT_EXPECT_EQ(test, NONE, next(&cursor));
	taskmonitor_cursor_release(&cursor);
}

static void reader_passes_tasks_without_samples(struct kunit *test)
{
	add(test, 0, 1);
	add(test, 1, 2);
	taskmonitor_shrink(store_of(test), 1);
	EXPECT_TIMES(test, 2);
	taskmonitor_shrink(store_of(test), 1);
	EXPECT_TIMES(test);
}

static void reading_has_an_end_while_samples_come(struct kunit *test)
{
	struct taskmonitor_cursor cursor;

	add(test, 0, 1);
	append(test, 0, 2);
	cursor = begin(test, 2);
	append(test, 0, 3);
	add(test, 1, 4);
	KUNIT_EXPECT_EQ(test, 1, next(&cursor));
	KUNIT_EXPECT_EQ(test, 2, next(&cursor));
	KUNIT_EXPECT_EQ(test, NONE, next(&cursor));
	KUNIT_EXPECT_EQ(test, 2, cursor.pos);
	taskmonitor_cursor_first(&cursor, 3);
	KUNIT_EXPECT_EQ(test, 1, next(&cursor));
	taskmonitor_cursor_release(&cursor);
}

/* Take the tasks of a round; their numbers become digits of the result. */
static int take_round(struct kunit *test, int limit)
{
	struct taskmonitor_task *task;
	int taken = 0;

	while (limit-- && (task = taskmonitor_pick(store_of(test)))) {
		taken = taken * 10 + (task->pid == pid_of(0) ? 1 : 2);
		taskmonitor_task_put(task);
	}
	return taken;
}

static void round_takes_each_task_once(struct kunit *test)
{
	add(test, 0, 1);
	taskmonitor_begin_round(store_of(test), 0);
	add(test, 1, 2);
	/* The second one has just been sampled. */
	KUNIT_EXPECT_EQ(test, 1, take_round(test, 9));
	taskmonitor_begin_round(store_of(test), 3);
	KUNIT_EXPECT_EQ(test, 6, store_of(test)->counts.missed);
	KUNIT_EXPECT_EQ(test, 21, take_round(test, 9));
	KUNIT_EXPECT_EQ(test, 0, take_round(test, 9));
	/* Removed before its turn */
	taskmonitor_begin_round(store_of(test), 0);
	KUNIT_EXPECT_EQ(test, 2, take_round(test, 1));
	taskmonitor_remove(store_of(test), pid_nr(pid_of(0)));
	KUNIT_EXPECT_EQ(test, 0, take_round(test, 9));
}

static void removed_task_takes_no_more_samples(struct kunit *test)
{
	struct taskmonitor_figures figures = at(0, 2);
	struct taskmonitor_task *task;

	add(test, 0, 1);
	taskmonitor_begin_round(store_of(test), 0);
	task = taskmonitor_pick(store_of(test));
	KUNIT_ASSERT_NOT_NULL(test, task);
	taskmonitor_remove(store_of(test), pid_nr(pid_of(0)));
	taskmonitor_append(store_of(test), task, &figures);
	taskmonitor_end(store_of(test), task);
	taskmonitor_task_put(task);
	EXPECT_TIMES(test);
}

static void long_history_is_removed_as_a_whole(struct kunit *test)
{
	s64 time;

	add(test, 0, 0);
	add(test, 1, 0);
	for (time = 1; time < 1000; time++)
		append(test, 0, time);
	taskmonitor_remove(store_of(test), pid_nr(pid_of(0)));
	EXPECT_TIMES(test, 0);
}

struct command {
	const char *text;
	int number;
};

static void numbers_are_commands(struct kunit *test)
{
	static const struct command good[] = {
		{ "1", 1 },
		{ "312\n", 312 },
		{ "-312\n", -312 },
		{ " \t312\t ", 312 },
		{ "00312", 312 },
		{ "2147483647", INT_MAX },
		{ "-2147483647", -INT_MAX },
	};
	size_t i;
	int number;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		KUNIT_EXPECT_EQ(test, 0,
				taskmonitor_parse(good[i].text,
						  strlen(good[i].text),
						  &number));
		KUNIT_EXPECT_EQ(test, good[i].number, number);
	}
}

static void nothing_else_is_a_command(struct kunit *test)
{
	static const char *const bad[] = {
		"", "\n", " ", "-", "- 5", "--5", "-+5", "+5", "0", "-0",
		"00", "5 6", "5\n6\n", "5-", "0x10", "1e3", "a", "5a",
		"2147483648", "-2147483648", "4294967297", "-4294967297",
		"18446744073709551617", "99999999999999999999999999999999",
	};
	size_t i;
	int number;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    taskmonitor_parse(bad[i], strlen(bad[i]),
						      &number),
				    "'%s'", bad[i]);
	KUNIT_EXPECT_EQ(test, -EINVAL, taskmonitor_parse("5\0006", 3, &number));
	KUNIT_EXPECT_EQ(test, -EINVAL, taskmonitor_parse("5\0", 2, &number));
	KUNIT_EXPECT_EQ(test, -EINVAL, taskmonitor_parse("\xb2", 1, &number));
}

static int store_test_init(struct kunit *test)
{
	struct taskmonitor_store *store;

	store = kunit_kzalloc(test, sizeof(*store), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, store);
	store->max = UINT_MAX;
	KUNIT_ASSERT_EQ(test, 0,
			taskmonitor_store_init(store, "taskmonitor_test"));
	test->priv = store;
	return 0;
}

static void store_test_exit(struct kunit *test)
{
	if (test->priv)
		taskmonitor_store_exit(test->priv);
}

static struct kunit_case store_cases[] = {
	KUNIT_CASE(history_is_read_task_by_task_oldest_first),
	KUNIT_CASE(task_is_added_once),
	KUNIT_CASE(ended_task_keeps_its_history_and_can_be_another),
	KUNIT_CASE(oldest_of_all_are_given_back_first),
	KUNIT_CASE(ended_task_goes_with_its_last_sample),
	KUNIT_CASE(busy_store_does_not_hold_up_reclaim),
	KUNIT_CASE(cap_drops_the_oldest),
	KUNIT_CASE(reader_of_a_sample_given_back_goes_on_behind_it),
	KUNIT_CASE(reader_of_a_removed_task_goes_on_behind_it),
	KUNIT_CASE(reader_passes_tasks_without_samples),
	KUNIT_CASE(reading_has_an_end_while_samples_come),
	KUNIT_CASE(round_takes_each_task_once),
	KUNIT_CASE(removed_task_takes_no_more_samples),
	KUNIT_CASE(long_history_is_removed_as_a_whole),
	KUNIT_CASE(numbers_are_commands),
	KUNIT_CASE(nothing_else_is_a_command),
	{}
};

static struct kunit_suite store_suite = {
	.name = "taskmonitor_store",
	.init = store_test_init,
	.exit = store_test_exit,
	.test_cases = store_cases,
};

kunit_test_suite(store_suite);
