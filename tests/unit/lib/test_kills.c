// SPDX-License-Identifier: GPL-2.0-only
/* /proc/mm_limit_kills, as kernels of today and tomorrow write it. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "mmlimit.h"

#define FIRST                                                                           \
	"uid=10070 number=9 boot_ns=18446744073709551615 wall_ns=-5 "                   \
	"action=dry_run reason=grace policy=badness usage=104861696 mm_max=4294967294 " \
	"anon=1 file=2 shmem=3 tables=4 swap=5 kernel=6 pid=40 memory=7 "               \
	"age_ns=8 cpu_ns=9 name=a\\012uid=0\\040\\134\\377 pid1=39 memory1=10 "         \
	"name1= pid2=38 memory2=11 name2=fifteen_letters\n"
#define SECOND "uid=0 pid=1 action=term\n"

static size_t parse(const char *text, struct mmlimit_kill **kills)
{
	size_t count = 99;
	int ret;

	ret = mmlimit_kills_parse(text, strlen(text), kills, &count);
	if (ret)
		fail_msg("%d for\n%s", ret, text);
	return count;
}

static void each_field_arrives(void **state)
{
	struct mmlimit_kill *kills;

	(void)state;
	assert_int_equal(parse(FIRST SECOND, &kills), 2);
	assert_int_equal(kills[0].uid, 10070);
	assert_int_equal(kills[0].number, 9);
	assert_true(kills[0].boot_ns == UINT64_MAX);
	assert_int_equal(kills[0].wall_ns, -5);
	assert_true(kills[0].dry_run);
	assert_false(kills[0].term);
	assert_false(kills[1].dry_run);
	assert_true(kills[1].term);
	assert_int_equal(kills[0].reason, MM_LIMIT_REASON_GRACE);
	assert_int_equal(kills[0].policy, MM_LIMIT_BADNESS);
	assert_int_equal(kills[0].usage, 104861696);
	assert_int_equal(kills[0].mm_max, 4294967294);
	assert_int_equal(kills[0].anon, 1);
	assert_int_equal(kills[0].file, 2);
	assert_int_equal(kills[0].shmem, 3);
	assert_int_equal(kills[0].tables, 4);
	assert_int_equal(kills[0].swap, 5);
	assert_int_equal(kills[0].kernel, 6);
	assert_int_equal(kills[0].victim.pid, 40);
	assert_int_equal(kills[0].victim.memory, 7);
	assert_int_equal(kills[0].age_ns, 8);
	assert_int_equal(kills[0].cpu_ns, 9);
	assert_string_equal(kills[0].victim.name, "a\nuid=0 \\\377");
	assert_int_equal(kills[0].beside_count, 2);
	assert_int_equal(kills[0].beside[0].pid, 39);
	assert_int_equal(kills[0].beside[0].memory, 10);
	assert_string_equal(kills[0].beside[0].name, "");
	assert_int_equal(kills[0].beside[1].pid, 38);
	assert_int_equal(kills[0].beside[1].memory, 11);
	assert_string_equal(kills[0].beside[1].name, "fifteen_letters");
	free(kills);
}

static void fields_that_are_absent_say_nothing(void **state)
{
	const struct mmlimit_kill nothing = {
		.uid = 0,
		.reason = UINT_MAX,
		.policy = UINT_MAX,
		.victim.pid = 1,
	};
	struct mmlimit_kill *kills;

	(void)state;
	assert_int_equal(parse("uid=0 pid=1", &kills), 1);
	assert_memory_equal(&kills[0], &nothing, sizeof(nothing));
	free(kills);
}

static void kills_of_a_pool_have_its_range(void **state)
{
	struct mmlimit_kill *kills;

	(void)state;
	assert_int_equal(
		parse("uid=10001 number=3 pid=4 name=hog pool=10000-10099\n" FIRST,
		      &kills),
		2);
	assert_true(kills[0].is_pool);
	assert_int_equal(kills[0].uid, 10001);
	assert_int_equal(kills[0].first, 10000);
	assert_int_equal(kills[0].last, 10099);
	/* Who may not know what the others have is told nothing of it. */
	assert_false(kills[0].has_parts);
	assert_false(kills[1].is_pool);
	assert_true(kills[1].has_parts);
	free(kills);
}

static void nobody_killed_is_an_empty_list(void **state)
{
	struct mmlimit_kill *kills;

	(void)state;
	assert_int_equal(parse("", &kills), 0);
	free(kills);
}

static void fields_of_later_kernels_are_passed_over(void **state)
{
	struct mmlimit_kill *kills;

	(void)state;
	assert_int_equal(
		parse("later=x uid=5 action=thaw reason=by_lot policy=newest pid=6 pid6=7 "
		      "pid0=8 7= =9 =\n",
		      &kills),
		1);
	assert_int_equal(kills[0].uid, 5);
	assert_int_equal(kills[0].victim.pid, 6);
	assert_int_equal(kills[0].beside_count, 0);
	assert_false(kills[0].dry_run);
	assert_int_equal(kills[0].reason, UINT_MAX);
	assert_int_equal(kills[0].policy, UINT_MAX);
	free(kills);
}

static void what_is_not_a_list_of_kills_is_refused(void **state)
{
	static const char *const table[] = {
		"\n",
		"uid=1\n",
		"pid=1\n",
		"uid=1 pid=0\n",
		"uid=1 pid\n",
		"uid= pid=1\n",
		"uid=1 pid=\n",
		"uid=4294967296 pid=1\n",
		"uid=1 pid=2147483648\n",
		"uid=1 pid=-1\n",
		"uid=1 pid=1 usage=18446744073709551616\n",
		"uid=1 pid=1 usage=0x1\n",
		"uid=1 pid=1 usage=\n",
		"uid=1 pid=1 wall_ns=-\n",
		"uid=1 pid=1 wall_ns=9223372036854775808\n",
		"uid=1 pid=1 name=sixteen__letters\n",
		"uid=1 pid=1 name=\\1\n",
		"uid=1 pid=1 name=\\08x\n",
		"uid=1 pid=1 name=\\400\n",
		"uid=1 pid=1 name=\\000\n",
		"uid=1 pid=1 name=\\\n",
		FIRST "uid=1\n",
		"uid=1 pid=1 pool=\n",
		"uid=1 pid=1 pool=1\n",
		"uid=1 pid=1 pool=-2\n",
		"uid=1 pid=1 pool=1-4294967295\n",
	};
	struct mmlimit_kill *kills = NULL;
	size_t count = 99;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (mmlimit_kills_parse(table[i], strlen(table[i]), &kills,
					&count) != -EPROTO)
			fail_msg("understood: %s", table[i]);
		assert_null(kills);
		assert_int_equal(count, 99);
	}
}

static void errno_stays_and_a_kernel_without_kills_is_told(void **state)
{
	struct mmlimit_kill *kills;
	size_t count;

	(void)state;
	errno = 12345;
	assert_int_equal(parse(FIRST, &kills), 1);
	free(kills);
	assert_int_equal(errno, 12345);
	/* a machine without limits, as this one surely is */
	if (access(MMLIMIT_KILLS_PATH, F_OK)) {
		errno = 12345;
		assert_int_equal(mmlimit_kills_read(&kills, &count), -ENOSYS);
		assert_int_equal(errno, 12345);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_arrives),
		cmocka_unit_test(fields_that_are_absent_say_nothing),
		cmocka_unit_test(kills_of_a_pool_have_its_range),
		cmocka_unit_test(nobody_killed_is_an_empty_list),
		cmocka_unit_test(fields_of_later_kernels_are_passed_over),
		cmocka_unit_test(what_is_not_a_list_of_kills_is_refused),
		cmocka_unit_test(
			errno_stays_and_a_kernel_without_kills_is_told),
	};

	return RUN_GROUP(tests);
}
