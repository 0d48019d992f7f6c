// SPDX-License-Identifier: GPL-2.0-only
/* When silence is a hang, and when the machine is only busy with others. */
#include "fixture.h"

#include "stall.h"

static enum stall_kind sample(struct stall *stall, uint64_t now_ms,
			      uint64_t cpu_ms, bool asleep)
{
	struct stall_sample sample = { .cpu_ms = cpu_ms, .asleep = asleep };

	return stall_check(stall, now_ms, &sample);
}

static void busy_is_cpu_time_without_output(void **state)
{
	struct stall_sample output = { .cpu_ms = 50000 };
	struct stall stall;

	(void)state;
	stall_begin(&stall, 60);
	assert_int_equal(sample(&stall, 60000, 59000, false), STALL_NONE);
	stall_output(&stall, &output);
	assert_int_equal(sample(&stall, 100000, 110000, false), STALL_NONE);
	assert_int_equal(sample(&stall, 100000, 110001, false), STALL_BUSY);
}

static void idle_is_sleep_without_cpu_time(void **state)
{
	struct stall stall;

	(void)state;
	stall_begin(&stall, 60);
	assert_int_equal(sample(&stall, 1000, 10, true), STALL_NONE);
	assert_int_equal(sample(&stall, 5999, 10, true), STALL_NONE);
	/* housekeeping */
	assert_int_equal(sample(&stall, 5999, 100, true), STALL_NONE);
	assert_int_equal(sample(&stall, 6000, 110, true), STALL_IDLE);
}

static void a_starved_guest_is_neither(void **state)
{
	struct stall stall;
	uint64_t now;

	(void)state;
	stall_begin(&stall, 60);
	/* The guest wants to run, and gets next to nothing for an hour. */
	for (now = 0; now < 3600000; now += 250)
		assert_int_equal(sample(&stall, now, now / 1000, false),
				 STALL_NONE);
}

static void a_guest_that_works_now_and_then_is_not_idle(void **state)
{
	struct stall stall;
	uint64_t now;

	(void)state;
	stall_begin(&stall, 60);
	for (now = 0; now < 60000; now += 250)
		assert_int_equal(sample(&stall, now, now / 20, true),
				 STALL_NONE);
}

static void output_ends_idleness(void **state)
{
	struct stall_sample output = { .cpu_ms = 10, .asleep = true };
	struct stall stall;

	(void)state;
	stall_begin(&stall, 3);
	assert_int_equal(sample(&stall, 1000, 10, true), STALL_NONE);
	stall_output(&stall, &output);
	assert_int_equal(sample(&stall, 4500, 10, true), STALL_NONE);
	assert_int_equal(sample(&stall, 7499, 10, true), STALL_NONE);
	assert_int_equal(sample(&stall, 7500, 10, true), STALL_IDLE);
}

static void stat_is_read_whatever_the_name(void **state)
{
	uint64_t ticks;
	char process;

	(void)state;
	assert_true(
		stall_read_stat("12 (qemu) S 1 2 3 0 -1 5 6 7 8 9 70 30 1 1",
				&ticks, &process));
	assert_int_equal(ticks, 100);
	assert_int_equal(process, 'S');
	assert_true(stall_read_stat("12 (a) R 1 (b) R 1 2 3 0 -1 5 6 7 8 9 1 2",
				    &ticks, &process));
	assert_int_equal(ticks, 3);
	assert_int_equal(process, 'R');
	assert_false(stall_read_stat("", &ticks, &process));
	assert_false(stall_read_stat("12 (qemu) S 1 2", &ticks, &process));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_is_cpu_time_without_output),
		cmocka_unit_test(idle_is_sleep_without_cpu_time),
		cmocka_unit_test(a_starved_guest_is_neither),
		cmocka_unit_test(a_guest_that_works_now_and_then_is_not_idle),
		cmocka_unit_test(output_ends_idleness),
		cmocka_unit_test(stat_is_read_whatever_the_name),
	};

	return RUN_GROUP(tests);
}
