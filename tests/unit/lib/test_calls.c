// SPDX-License-Identifier: GPL-2.0-only
/* The system calls: what reaches the kernel, of today and older, and what comes back. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "mmlimit.h"

/* The most calls that one function makes */
#define MOST 4

/**
 * struct call - a system call, as the linker's --wrap has caught it
 * @number: which one
 * @args: its arguments
 * @attr: the structure that it has, if it is mm_limit_ctl()
 */
static struct call {
	long number;
	long args[4];
	struct mm_limit_attr attr;
} calls[MOST];
static unsigned int call_count;

/* The kernel's answers, one after the other: a result, or a negative error */
static const long *answers;

/* What GET fills in */
static struct mm_limit_attr standing;

long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	struct call *call = &calls[call_count];
	long answer = answers[call_count++];
	va_list list;

	assert_true(call_count <= MOST);
	*call = (struct call){ .number = number };
	va_start(list, number);
	for (size_t i = 0; i < ARRAY_SIZE(call->args); i++)
		call->args[i] = va_arg(list, long);
	va_end(list);
	if (number == __NR_mm_limit_ctl && call->args[0] == MM_LIMIT_CTL_SET)
		memcpy(&call->attr, (void *)call->args[1], call->args[2]);
	else if (number == __NR_mm_limit_ctl && !answer)
		memcpy((void *)call->args[1], &standing, sizeof(standing));
	if (answer >= 0)
		return answer;
	errno = -answer;
	return -1;
}

static void answer(const long *with)
{
	answers = with;
	call_count = 0;
	errno = 12345;
}

/* Errors are returned, and errno is the caller's. */
static void expect(int ret, int wanted, unsigned int count)
{
	assert_int_equal(ret, wanted);
	assert_int_equal(errno, 12345);
	assert_int_equal(call_count, count);
}

static void each_function_makes_its_call(void **state)
{
	static const long good[] = { 0 }, three[] = { 3 };
	struct mm_limit_user limit;

	(void)state;
	answer(good);
	expect(mmlimit_set(10070, 4096), 0, 1);
	assert_int_equal(calls[0].number, __NR_mm_limit);
	assert_int_equal(calls[0].args[0], 10070);
	assert_int_equal(calls[0].args[1], 4096);
	answer(good);
	expect(mmlimit_remove(10070), 0, 1);
	assert_int_equal(calls[0].number, __NR_mm_limit);
	assert_true(calls[0].args[1] == (long)ULONG_MAX);
	answer(good);
	expect(mmlimit_set_time(10070, 4096, 500), 0, 1);
	assert_int_equal(calls[0].number, __NR_mm_limit_time);
	assert_int_equal(calls[0].args[2], 500);
	answer(good);
	expect(mmlimit_get(10070, &limit), 0, 1);
	assert_int_equal(calls[0].number, __NR_get_mm_limit);
	assert_true(calls[0].args[1] == (long)&limit);
	answer(good);
	expect(mmlimit_set_evict(10070, 4096), 0, 1);
	assert_int_equal(calls[0].number, __NR_set_mm_limits);
	answer(three);
	expect(mmlimit_kill(MM_LIMIT_BADNESS), 3, 1);
	assert_int_equal(calls[0].number, __NR_mm_limit_kill);
	assert_int_equal(calls[0].args[0], MM_LIMIT_BADNESS);
}

static void errors_are_returned_and_errno_stays(void **state)
{
	static const long refused[] = { -EPERM };
	struct mm_limit_attr attr = { 0 };
	struct mm_limit_user limit;

	(void)state;
	answer(refused);
	expect(mmlimit_set(10070, 1), -EPERM, 1);
	answer(refused);
	expect(mmlimit_set_time(10070, 1, 1), -EPERM, 1);
	answer(refused);
	expect(mmlimit_get(10070, &limit), -EPERM, 1);
	answer(refused);
	expect(mmlimit_set_evict(10070, 1), -EPERM, 1);
	answer(refused);
	expect(mmlimit_kill(0), -EPERM, 1);
	answer(refused);
	expect(mmlimit_read(10070, &attr), -EPERM, 1);
	answer(refused);
	expect(mmlimit_change(&attr), -EPERM, 1);
}

/* A kernel that does not know the field writes a zero there. */
static void swap_of_a_kernel_that_knows_none_is_unset(void **state)
{
	static const long good[] = { 0 };
	struct mm_limit_attr attr;

	(void)state;
	standing = (struct mm_limit_attr){ .uid = 10070,
					   .fields = MM_LIMIT_FIELD_MAX };
	answer(good);
	expect(mmlimit_read(10070, &attr), 0, 1);
	assert_int_equal(calls[0].args[2], sizeof(attr));
	assert_true(attr.swap_max == MM_LIMIT_ATTR_NONE);
	standing.fields |= MM_LIMIT_FIELD_SWAP_MAX;
	answer(good);
	expect(mmlimit_read(10070, &attr), 0, 1);
	assert_int_equal(attr.swap_max, 0);
}

static void kernel_sees_no_more_than_a_change_is_about(void **state)
{
	static const struct {
		unsigned int fields;
		long size;
	} table[] = {
		{ MM_LIMIT_FIELD_MAX, MM_LIMIT_ATTR_SIZE_VER0 },
		{ MM_LIMIT_FIELD_FLAGS, MM_LIMIT_ATTR_SIZE_VER0 },
		{ MM_LIMIT_FIELD_THRESHOLD, MM_LIMIT_ATTR_SIZE_VER1 },
		{ MM_LIMIT_FIELD_SWAP_MAX, MM_LIMIT_ATTR_SIZE_VER1 },
		{ MM_LIMIT_FIELD_WARN, MM_LIMIT_ATTR_SIZE_VER3 },
		{ MM_LIMIT_FIELD_TERM | MM_LIMIT_FIELD_SWAP_MAX,
		  MM_LIMIT_ATTR_SIZE_VER3 },
	};
	static const long good[] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct mm_limit_attr attr = { .fields = table[i].fields };

		answer(good);
		expect(mmlimit_change(&attr), 0, 1);
		assert_int_equal(calls[0].args[0], MM_LIMIT_CTL_SET);
		assert_int_equal(calls[0].args[2], table[i].size);
	}
}

/* It does neither anyway, so the rest of the change is asked for without. */
static void older_kernel_need_not_be_told_not_to_warn(void **state)
{
	static const long older[] = { -EINVAL, 0 };
	struct mm_limit_attr attr = { .fields = MM_LIMIT_FIELD_MAX |
						MM_LIMIT_FIELD_WARN |
						MM_LIMIT_FIELD_TERM,
				      .mm_max = 4096 };

	(void)state;
	answer(older);
	expect(mmlimit_change(&attr), 0, 2);
	assert_int_equal(calls[1].attr.fields, MM_LIMIT_FIELD_MAX);
	assert_int_equal(calls[1].attr.mm_max, 4096);
	assert_int_equal(calls[1].args[2], MM_LIMIT_ATTR_SIZE_VER0);
	/* But a warning or a SIGTERM that is wanted is refused. */
	attr.warn = 90;
	answer(older);
	expect(mmlimit_change(&attr), -EINVAL, 1);
	attr.warn = 0;
	attr.term_ms = 500;
	answer(older);
	expect(mmlimit_change(&attr), -EINVAL, 1);
	/* Of a change about nothing else nothing is left. */
	attr = (struct mm_limit_attr){ .fields = MM_LIMIT_FIELD_WARN };
	answer(older);
	expect(mmlimit_change(&attr), -EINVAL, 1);
	/* Nor is anything tried twice that has another cause. */
	attr.fields = MM_LIMIT_FIELD_MAX;
	answer(older);
	expect(mmlimit_change(&attr), -EINVAL, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_function_makes_its_call),
		cmocka_unit_test(errors_are_returned_and_errno_stays),
		cmocka_unit_test(swap_of_a_kernel_that_knows_none_is_unset),
		cmocka_unit_test(kernel_sees_no_more_than_a_change_is_about),
		cmocka_unit_test(older_kernel_need_not_be_told_not_to_warn),
	};

	return RUN_GROUP(tests);
}
