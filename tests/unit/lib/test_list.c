// SPDX-License-Identifier: GPL-2.0-only
/* /proc/mm_limits, as kernels of today and tomorrow write it. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mmlimit.h"

#define HEADER                                                                  \
	"uid mm_max time_allow_exceed_ms policy flags state usage peak "        \
	"exceeds graces kills pid pRSS uRSS hard_max hard_ms self_max self_ms " \
	"threshold swap swap_max scanned spared swapped_out dropped "           \
	"direct_reclaims refaults thrashed warn warned warnings dry_kills term_ms terms\n"
#define IDLE                                                                \
	"10070 100000000 2000 most_private 0 idle 40960 81920 1 2 3 - - - " \
	"100000000 2000 - - - 4096 - 0 0 0 0 0 0 0 - 0 0 0 0 0\n"
#define RECLAIMING                                                             \
	"10072 50000000 0 badness 1 reclaiming 49000000 50000001 4 0 0 - - - " \
	"50000000 0 - - 80 8192 33554432 500 300 200 5 6 40 2 90 1 7 8 500 9\n"
#define KILLED                                                                 \
	"10071 4294967294 0 highest_rss 0 killing 18446744073709551615 7 8 9 " \
	"10 4242 11 12 - - 4294967294 0 100 18446744073709551615 - 1 2 3 4 5 " \
	"6 4294967295 100 0 18446744073709551615 3 0 0\n"

static const char all[] = HEADER IDLE RECLAIMING KILLED;

static const struct mm_limit_attr idle = {
	.uid = 10070,
	.fields = 255,
	.mm_max = 100000000,
	.grace_ms = 2000,
	.policy = MM_LIMIT_MOST_PRIVATE,
	.hard_max = 100000000,
	.hard_grace_ms = 2000,
	.self_max = MM_LIMIT_ATTR_NONE,
	.usage = 40960,
	.peak = 81920,
	.exceeds = 1,
	.graces = 2,
	.kills = 3,
	.swap_max = MM_LIMIT_ATTR_NONE,
	.threshold = MM_LIMIT_THRESHOLD_DEFAULT,
	.swap = 4096,
};

static const struct mm_limit_attr reclaiming = {
	.uid = 10072,
	.fields = 255,
	.mm_max = 50000000,
	.policy = MM_LIMIT_BADNESS,
	.flags = MM_LIMIT_RECLAIM,
	.hard_max = 50000000,
	.self_max = MM_LIMIT_ATTR_NONE,
	.usage = 49000000,
	.peak = 50000001,
	.exceeds = 4,
	.state = MM_LIMIT_RECLAIMING,
	.swap_max = 33554432,
	.threshold = 80,
	.thrashed = 2,
	.swap = 8192,
	.scanned = 500,
	.spared = 300,
	.swapped_out = 200,
	.dropped = 5,
	.direct_reclaims = 6,
	.refaults = 40,
	.warn = 90,
	.warned = 1,
	.warnings = 7,
	.dry_kills = 8,
	.term_ms = 500,
	.terms = 9,
};

static const struct mm_limit_attr killed = {
	.uid = 10071,
	.fields = 255,
	.mm_max = 4294967294,
	.state = MM_LIMIT_KILLING,
	.usage = UINT64_MAX,
	.peak = 7,
	.exceeds = 8,
	.graces = 9,
	.kills = 10,
	.kill_pid = 4242,
	.kill_rss = 11,
	.kill_usage = 12,
	.hard_max = MM_LIMIT_ATTR_NONE,
	.self_max = 4294967294,
	.swap_max = MM_LIMIT_ATTR_NONE,
	.threshold = 100,
	.thrashed = UINT32_MAX,
	.swap = UINT64_MAX,
	.scanned = 1,
	.spared = 2,
	.swapped_out = 3,
	.dropped = 4,
	.direct_reclaims = 5,
	.refaults = 6,
	.warn = 100,
	.warnings = UINT64_MAX,
	.dry_kills = 3,
};

/* The linker's --wrap: a list that changes so often while it is read */
static unsigned int changes, reads;
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __real_pread(int fd, void *data, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset);

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (!changes)
		return __real_poll(fds, count, timeout);
	changes--;
	fds->revents = POLLPRI | POLLERR;
	return 1;
}

ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset)
{
	reads += !offset;
	return __real_pread(fd, data, size, offset);
}

static size_t parse(const char *text, struct mm_limit_attr **limits)
{
	size_t count = 99;
	int ret;

	ret = mmlimit_list_parse(text, strlen(text), limits, &count);
	if (ret)
		fail_msg("%d for\n%s", ret, text);
	return count;
}

static void each_column_arrives(void **state)
{
	struct mm_limit_attr *limits;

	(void)state;
	assert_int_equal(parse(all, &limits), 3);
	assert_memory_equal(&limits[0], &idle, sizeof(idle));
	assert_memory_equal(&limits[1], &reclaiming, sizeof(reclaiming));
	assert_memory_equal(&limits[2], &killed, sizeof(killed));
	free(limits);
}

static void a_list_without_limits_is_empty(void **state)
{
	struct mm_limit_attr *limits;

	(void)state;
	assert_int_equal(parse(HEADER, &limits), 0);
	free(limits);
	assert_int_equal(parse("uid mm_max", &limits), 0);
	free(limits);
}

static void the_last_line_needs_no_newline(void **state)
{
	struct mm_limit_attr *limits;
	size_t count;

	(void)state;
	assert_int_equal(
		mmlimit_list_parse(all, strlen(all) - 1, &limits, &count), 0);
	assert_int_equal(count, 3);
	assert_memory_equal(&limits[2], &killed, sizeof(killed));
	free(limits);
}

static void columns_are_found_by_name(void **state)
{
	struct mm_limit_attr *limits;

	(void)state;
	assert_int_equal(parse("state wanted kills  mm_max\tuid later\n"
			       "stuck 12% 5 4096 10001 -\n"
			       "  idle what? 6 - 10002 x=y  \n",
			       &limits),
			 2);
	assert_int_equal(limits[0].state, MM_LIMIT_STUCK);
	assert_int_equal(limits[0].kills, 5);
	assert_int_equal(limits[0].mm_max, 4096);
	assert_int_equal(limits[0].uid, 10001);
	assert_int_equal(limits[1].uid, 10002);
	assert_true(limits[1].mm_max == MM_LIMIT_ATTR_NONE);
	free(limits);
}

static void columns_that_are_absent_say_nothing(void **state)
{
	const struct mm_limit_attr expected = {
		.uid = 10001,
		.mm_max = 4096,
		.fields = 15,
		.hard_max = MM_LIMIT_ATTR_NONE,
		.self_max = MM_LIMIT_ATTR_NONE,
		.swap_max = MM_LIMIT_ATTR_NONE,
	};
	struct mm_limit_attr *limits;

	(void)state;
	assert_int_equal(parse("uid mm_max\n10001 4096\n", &limits), 1);
	assert_memory_equal(&limits[0], &expected, sizeof(expected));
	free(limits);
}

/* A figure that the kernel does not know must not be taken for a zero. */
static void fields_are_the_settings_that_the_kernel_has(void **state)
{
	static const struct {
		const char *text;
		unsigned int fields;
	} table[] = {
		{ "uid mm_max swap\n1 2 3\n", 15 },
		{ "uid mm_max threshold\n1 2 3\n",
		  15 | MM_LIMIT_FIELD_THRESHOLD },
		{ "swap_max uid mm_max\n- 1 2\n",
		  15 | MM_LIMIT_FIELD_SWAP_MAX },
	};
	struct mm_limit_attr *limits;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(parse(table[i].text, &limits), 1);
		assert_int_equal(limits->fields, table[i].fields);
		free(limits);
	}
}

static void names_of_later_kernels_are_passed_over(void **state)
{
	struct mm_limit_attr *limits;

	(void)state;
	assert_int_equal(parse("uid mm_max policy state\n"
			       "10001 1 by_lot reclaim2\n",
			       &limits),
			 1);
	assert_true(limits[0].policy == UINT_MAX);
	assert_true(limits[0].state == UINT_MAX);
	assert_null(mmlimit_policy_name(limits[0].policy));
	assert_null(mmlimit_state_name(limits[0].state));
	free(limits);
}

static void rules_are_told_from_users(void **state)
{
	static const struct mm_limit_attr expected[] = {
		{ .uid = -1,
		  .rule = MM_LIMIT_RULE_POOL,
		  .first = 10000,
		  .last = 10099 },
		{ .uid = 10001,
		  .rule = MM_LIMIT_RULE_POOL,
		  .first = 10000,
		  .last = 10099 },
		{ .uid = -1,
		  .rule = MM_LIMIT_RULE_EACH,
		  .first = 5,
		  .last = 4294967294 },
		{ .uid = 10300,
		  .rule = MM_LIMIT_RULE_EACH,
		  .first = 5,
		  .last = 4294967294 },
		{ .uid = 10400 },
		{ .uid = 10500, .rule = UINT_MAX, .first = 1, .last = 2 },
	};
	struct mm_limit_attr *limits;

	(void)state;
	assert_int_equal(parse("rule uid mm_max\n"
			       "pool 10000-10099 1\n"
			       "pool:10000-10099 10001 -\n"
			       "each 5-4294967294 1\n"
			       "each:5-4294967294 10300 1\n"
			       "- 10400 1\n"
			       "later:1-2 10500 1\n",
			       &limits),
			 ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(limits[i].uid, expected[i].uid);
		assert_int_equal(limits[i].rule, expected[i].rule);
		assert_int_equal(limits[i].first, expected[i].first);
		assert_int_equal(limits[i].last, expected[i].last);
		assert_int_equal(mmlimit_is_rule(&limits[i]), i == 0 || i == 2);
	}
	assert_true(limits[1].mm_max == MM_LIMIT_ATTR_NONE);
	free(limits);
}

static void what_is_not_a_list_is_refused(void **state)
{
	static const char *const table[] = {
		"",
		"\n",
		"garbage",
		"\n" HEADER,
		"uid\n10001\n",
		"mm_max\n4096\n",
		"uid uid mm_max\n",
		"uid mm_max x usage usage\n",
		"UID mm_max\n",
		/* lines of another length than the first */
		"uid mm_max\n10001\n",
		"uid mm_max\n10001 4096 1\n",
		"uid mm_max\n\n",
		"uid mm_max\n10001 4096\n\n",
		HEADER "10070 100000000 2000 most_pri",
		/* fields that are not what their column holds */
		"uid mm_max\n-1 4096\n",
		"uid mm_max\n- 4096\n",
		"uid mm_max\n4294967296 4096\n",
		"uid mm_max\n10001 0x1000\n",
		"uid mm_max\n10001 4096M\n",
		"uid mm_max\n10001 18446744073709551616\n",
		"uid mm_max\n10001 99999999999999999999999\n",
		"uid mm_max\n10001 --\n",
		"uid mm_max\r\n10001 4096\r\n",
		"uid mm_max flags\n10001 1 -\n",
		"uid mm_max policy\n10001 1 -\n",
		"uid mm_max policy\n10001 1 Badness\n",
		"uid mm_max state\n10001 1 ?\n",
		"uid mm_max pid\n10001 1 2147483648\n",
		"uid mm_max pid\n10001 1 -7\n",
		"uid mm_max threshold\n10001 1 80%\n",
		"uid mm_max threshold\n10001 1 off\n",
		"uid mm_max threshold\n10001 1 2147483648\n",
		"uid mm_max swap_max\n10001 1 none\n",
		"uid mm_max swap_max\n10001 1 -1\n",
		"uid mm_max thrashed\n10001 1 -\n",
		"uid mm_max warn\n10001 1 2147483648\n",
		"uid mm_max thrashed\n10001 1 4294967296\n",
		"uid mm_max scanned\n10001 1 1.5\n",
		"uid mm_max swap swap\n",
		/* rules that are none, and users whose rule has no range */
		"uid mm_max\n10000-10099 1\n",
		"uid mm_max rule\n10000-10099 1 -\n",
		"uid mm_max rule\n10000-10099 1 each:10000-10099\n",
		"uid mm_max rule\n10000 1 each\n",
		"uid mm_max rule\n10000 1 each:\n",
		"uid mm_max rule\n10000 1 each:1\n",
		"uid mm_max rule\n10000 1 each:1-\n",
		"uid mm_max rule\n10000 1 each:-2\n",
		"uid mm_max rule\n10000 1 each:1-4294967295\n",
		"uid mm_max rule\n10000 1 Each:1-2\n",
		"uid mm_max rule\n10000-4294967295 1 each\n",
		"uid mm_max rule\n10000-10099-10100 1 each\n",
	};
	struct mm_limit_attr *limits = (void *)&idle;
	size_t count = 99;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int ret = mmlimit_list_parse(table[i], strlen(table[i]),
					     &limits, &count);

		if (ret != -EPROTO || limits != &idle || count != 99)
			fail_msg("%d for\n%s", ret, table[i]);
	}
	assert_int_equal(mmlimit_list_parse("uid mm_max\n1\0 2\n", 16, &limits,
					    &count),
			 -EPROTO);
}

/*
 * A list that is cut anywhere is either refused or the same as far as it goes.
 */
static void a_truncated_list_is_refused_or_a_part(void **state)
{
	size_t end_of_first = strlen(HEADER IDLE);

	(void)state;
	for (size_t length = 0; length < strlen(all); length++) {
		struct mm_limit_attr *limits;
		size_t count;

		if (mmlimit_list_parse(all, length, &limits, &count))
			continue;
		if (count > 0 && length < end_of_first - 1)
			fail_msg("a limit in %zu bytes", length);
		if (count > 0)
			assert_memory_equal(limits, &idle, sizeof(idle));
		/* Only the last number of all can be cut. */
		if (count > 1)
			assert_int_equal(limits[1].refaults, 40);
		if (count > 2)
			assert_int_equal(limits[2].refaults, 6);
		free(limits);
	}
}

static void more_columns_than_kernels_have_are_refused(void **state)
{
	char text[1000] = "uid mm_max";
	struct mm_limit_attr *limits;
	size_t count;

	(void)state;
	for (int i = 2; i < 64; i++)
		strcat(text, " x");
	assert_int_equal(parse(text, &limits), 0);
	free(limits);
	strcat(text, " x");
	assert_int_equal(mmlimit_list_parse(text, strlen(text), &limits,
					    &count),
			 -EPROTO);
}

static void lists_that_change_are_read_again(void **state)
{
	struct mm_limit_attr *limits;
	int fd = memfd_create("list", 0);
	char text[128];
	size_t count;

	(void)state;
	assert_true(fd >= 0);
	assert_true(write(fd, HEADER, strlen(HEADER)) > 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(
			text, sizeof(text),
			"%d %d 0 badness 0 idle 1 1 1 1 1 - - - 5 5 - - - 0 - 0 0 0 0 0 0 0 - 0 0 0 0 0\n",
			10000 + i, i);
		assert_true(write(fd, text, strlen(text)) > 0);
	}
	for (int again = 0; again < 5; again++) {
		/* The last attempt has to do. */
		changes = again == 4 ? 99 : again;
		reads = 0;
		assert_int_equal(mmlimit_list_read(fd, &limits, &count), 0);
		assert_int_equal(count, 1000);
		assert_int_equal(limits[999].uid, 10999);
		assert_int_equal(limits[999].mm_max, 999);
		assert_int_equal(reads, again == 4 ? 4 : again + 1);
		free(limits);
	}
	changes = 0;
	close(fd);
}

/*
 * A list that is read in one piece is from one moment, whatever has happened
 * since.
 */
static void short_lists_are_read_once(void **state)
{
	struct mm_limit_attr *limits;
	int fd = memfd_create("list", 0);
	size_t count;

	(void)state;
	assert_true(write(fd, all, strlen(all)) > 0);
	changes = 99;
	reads = 0;
	assert_int_equal(mmlimit_list_read(fd, &limits, &count), 0);
	changes = 0;
	assert_int_equal(count, 3);
	assert_int_equal(reads, 1);
	free(limits);
	close(fd);
}

static void failures_to_read_are_reported(void **state)
{
	struct mm_limit_attr *limits;
	int fds[2];
	size_t count;

	(void)state;
	errno = 12345;
	assert_int_equal(mmlimit_list_read(-1, &limits, &count), -EBADF);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(mmlimit_list_read(fds[0], &limits, &count), -ESPIPE);
	close(fds[0]);
	close(fds[1]);
	/* a machine without limits, as this one surely is */
	if (access(MMLIMIT_LIST_PATH, F_OK))
		assert_int_equal(mmlimit_list_open(), -ENOSYS);
	errno = 12345;
	mmlimit_list_read(-1, &limits, &count);
	assert_int_equal(errno, 12345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_column_arrives),
		cmocka_unit_test(a_list_without_limits_is_empty),
		cmocka_unit_test(the_last_line_needs_no_newline),
		cmocka_unit_test(columns_are_found_by_name),
		cmocka_unit_test(columns_that_are_absent_say_nothing),
		cmocka_unit_test(fields_are_the_settings_that_the_kernel_has),
		cmocka_unit_test(names_of_later_kernels_are_passed_over),
		cmocka_unit_test(rules_are_told_from_users),
		cmocka_unit_test(what_is_not_a_list_is_refused),
		cmocka_unit_test(a_truncated_list_is_refused_or_a_part),
		cmocka_unit_test(more_columns_than_kernels_have_are_refused),
		cmocka_unit_test(lists_that_change_are_read_again),
		cmocka_unit_test(short_lists_are_read_once),
		cmocka_unit_test(failures_to_read_are_reported),
	};

	return RUN_GROUP(tests);
}
