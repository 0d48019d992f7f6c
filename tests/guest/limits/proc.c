// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests /proc/mm_limits: its header, a row for each limit, and news of changes.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/stat.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"

#define FILE_NAME "/proc/mm_limits"
#define COLUMNS 48
#define LIMIT (64 * MIB)

/**
 * struct row - a line, in words
 * @text: the line
 * @words: where they begin
 * @count: how many
 */
struct row {
	char text[512];
	char *words[COLUMNS];
	size_t count;
};

static void split(struct row *row)
{
	char *place;

	row->count = 0;
	for (char *word = strtok_r(row->text, " \n", &place);
	     word && row->count < COLUMNS; word = strtok_r(NULL, " \n", &place))
		row->words[row->count++] = word;
}

static int open_file(void)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	return fd;
}

/*
 * Finds a user's row, reading the file a few bytes at a time. Returns how many
 * rows there are.
 */
static unsigned int read_rows(int fd, uid_t uid, struct row *header,
			      struct row *found)
{
	unsigned int lines = 0;
	struct row row;
	size_t length = 0;
	char byte;

	ASSERT_EQ(lseek(fd, 0, SEEK_SET), 0);
	header->count = 0;
	found->count = 0;
	while (read(fd, &byte, 1) == 1) {
		ASSERT_LT(length, sizeof(row.text) - 1);
		row.text[length++] = byte;
		if (byte != '\n')
			continue;
		row.text[length] = '\0';
		length = 0;
		if (!lines++) {
			*header = row;
			split(header);
		} else if (strtoul(row.text, NULL, 10) == uid) {
			/* No user is listed twice. */
			EXPECT_EQ(found->count, 0);
			*found = row;
			split(found);
			EXPECT_EQ(found->count, header->count);
		}
	}
	EXPECT_EQ(length, 0);
	return lines ? lines - 1 : 0;
}

/* The word in the column of this name */
static const char *in_column(const struct row *header, const struct row *row,
			     const char *name)
{
	for (size_t i = 0; i < header->count && i < row->count; i++)
		if (!strcmp(header->words[i], name))
			return row->words[i];
	KTAP_FAIL("expected a column %s", name);
	return "";
}

static struct row header, row;

static void expect_number(const char *name, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", value);
	EXPECT_STREQ(in_column(&header, &row, name), text);
}

static void expect_word(const char *name, const char *word)
{
	EXPECT_STREQ(in_column(&header, &row, name), word);
}

KTAP_TEST(file_is_for_reading_only, 10, "calls")
{
	struct stat status;

	ASSERT_EQ(stat(FILE_NAME, &status), 0);
	EXPECT_EQ(status.st_mode, S_IFREG | 0444);
}

KTAP_TEST(without_limits_there_is_a_header_alone, 10, "calls")
{
	int fd = open_file();

	EXPECT_EQ(read_rows(fd, USER_A, &header, &row), 0);
	EXPECT_GT(header.count, 10);
	EXPECT_STREQ(header.words[0], "uid");
	close(fd);
}

KTAP_TEST(row_says_what_the_system_call_says, 10, "calls")
{
	struct mm_limit_attr attr;
	struct worker worker;
	int fd = open_file();

	ASSERT_EQ(mmlimit_set_time(USER_A, 8 * MIB, 20), 0);
	ASSERT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, 6 * MIB, 10)), 0);
	worker = start_holding(USER_A, 2 * MIB);
	/* Sooner or later, the grace is short. */
	worker_call(&worker, held_grow, 8 * MIB / PAGE);
	EXPECT_TRUE(worker_was_killed(&worker));
	usage_wait_for(USER_A, 0);
	worker = start_holding(USER_A, MIB);

	EXPECT_EQ(read_rows(fd, USER_A, &header, &row), 1);
	attr = limit_read(USER_A);
	EXPECT_EQ(attr.kills, 1);
	expect_number("mm_max", 6 * MIB);
	expect_number("time_allow_exceed_ms", 10);
	expect_word("policy", "highest_rss");
	expect_number("flags", 0);
	expect_number("usage", usage_exact(USER_A));
	expect_number("peak", attr.peak);
	expect_number("exceeds", attr.exceeds);
	expect_number("graces", attr.graces);
	expect_number("kills", 1);
	expect_number("pid", attr.kill_pid);
	expect_number("pRSS", attr.kill_rss);
	expect_number("uRSS", attr.kill_usage);
	expect_number("hard_max", 8 * MIB);
	expect_number("hard_ms", 20);
	expect_number("self_max", 6 * MIB);
	expect_number("self_ms", 10);
	worker_end(&worker);
	close(fd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(what_there_is_not_is_a_dash, 10, "calls")
{
	int fd = open_file();

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(read_rows(fd, USER_A, &header, &row), 1);
	expect_word("self_max", "-");
	expect_word("self_ms", "-");
	expect_word("pid", "-");
	expect_word("pRSS", "-");
	expect_word("uRSS", "-");
	expect_number("hard_max", LIMIT);
	expect_word("state", "idle");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	EXPECT_EQ(read_rows(fd, USER_A, &header, &row), 1);
	expect_word("hard_max", "-");
	expect_word("hard_ms", "-");
	expect_number("self_max", LIMIT);
	close(fd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(state_is_a_word, 10, "calls")
{
	struct worker worker = start_holding(USER_A, 4 * MIB);
	int fd = open_file();

	ASSERT_EQ(mmlimit_set_time(USER_A, 2 * MIB, 3600000), 0);
	worker_call(&worker, held_damage, 0);
	EXPECT_EQ(read_rows(fd, USER_A, &header, &row), 1);
	expect_word("state", "grace");
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	EXPECT_EQ(read_rows(fd, USER_A, &header, &row), 1);
	expect_word("state", "idle");
	worker_end(&worker);
	close(fd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* In a worker: how many rows a user sees, and the row of whom */
static long count_rows(long uid)
{
	struct row its_header, its_row;
	int fd = open_file();
	long rows = read_rows(fd, uid, &its_header, &its_row);

	close(fd);
	EXPECT_GT(its_header.count, 0);
	return rows * 10 + (its_row.count > 0);
}

KTAP_TEST(users_see_their_own_row_only, 10, "calls")
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	EXPECT_EQ(user_run(0, count_rows, USER_A), 21);
	EXPECT_EQ(user_run(USER_A, count_rows, USER_A), 11);
	EXPECT_EQ(user_run(USER_B, count_rows, USER_B), 11);
	EXPECT_EQ(user_run(USER_A, count_rows, USER_B), 10);
	EXPECT_EQ(user_run(USER_C, count_rows, USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

/* Many times what one read() gets */
KTAP_TEST(long_table_is_read_whole, 20, "calls")
{
	int fd = open_file();

	limits_log_table(false);
	for (uid_t uid = TEST_USER_FIRST; uid <= TEST_USER_LAST; uid++)
		ASSERT_EQ(mmlimit_set(uid, LIMIT + uid), 0);
	for (uid_t uid = TEST_USER_FIRST; uid <= TEST_USER_LAST; uid += 33) {
		EXPECT_EQ(read_rows(fd, uid, &header, &row),
			  TEST_USER_LAST - TEST_USER_FIRST + 1);
		expect_number("mm_max", LIMIT + uid);
	}
	for (uid_t uid = TEST_USER_FIRST; uid <= TEST_USER_LAST; uid++)
		ASSERT_EQ(mmlimit_remove(uid), 0);
	limits_log_table(true);
	close(fd);
}

/* Is there news since the file was last read from its start? */
static bool news(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

	ASSERT_GE(poll(&poll_fd, 1, 0), 0);
	if (!poll_fd.revents)
		return false;
	EXPECT_EQ(poll_fd.revents, POLLPRI | POLLERR);
	return true;
}

static void expect_news_once(int fd)
{
	EXPECT_TRUE(news(fd));
	/* The news lasts until it is read. */
	EXPECT_TRUE(news(fd));
	read_rows(fd, USER_A, &header, &row);
	EXPECT_TRUE(!news(fd));
}

KTAP_TEST(poll_reports_changes_of_limits, 10, "calls")
{
	struct mm_limit_attr attr = { .uid = USER_A,
				      .fields = MM_LIMIT_FIELD_POLICY,
				      .policy = MM_LIMIT_BADNESS };
	int fd = open_file();

	EXPECT_TRUE(!news(fd));
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	expect_news_once(fd);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 2), 0);
	expect_news_once(fd);
	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_SET, &attr, sizeof(attr)), 0);
	expect_news_once(fd);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	expect_news_once(fd);
	/* Neither a failure nor a look is news. */
	EXPECT_EQ(mmlimit_set(100, LIMIT), -EACCES);
	EXPECT_EQ(mmlimit_remove(USER_B), -ENODATA);
	limit_expect(USER_A, LIMIT, 0);
	EXPECT_TRUE(!news(fd));
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	expect_news_once(fd);
	close(fd);
}

static void wait_for_news(int fd, const char *what)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

	ktap_waiting_for("news of %s", what);
	while (poll(&poll_fd, 1, -1) < 0)
		ASSERT_EQ(errno, EINTR);
	ktap_waiting_for(NULL);
	EXPECT_EQ(poll_fd.revents, POLLPRI | POLLERR);
	EXPECT_EQ(read_rows(fd, USER_A, &header, &row), 1);
}

/* The worker's own */
static int own_fd;

static long open_own(long unused)
{
	own_fd = open(FILE_NAME, O_RDONLY);
	return own_fd < 0 ? -errno : 0;
}

/* From the start, after which only what comes later is news */
static long read_own(long unused)
{
	char text[1024];

	return pread(own_fd, text, sizeof(text), 0) > 0 ? 0 : -errno;
}

/* Waits for so long, in milliseconds; -1: until there is news. */
static long hear_of_own(long ms)
{
	struct pollfd poll_fd = { .fd = own_fd, .events = POLLPRI };

	return poll(&poll_fd, 1, ms) < 0 ? -errno :
					   !!(poll_fd.revents & POLLPRI);
}

KTAP_TEST(users_hear_of_their_own_limit_only, 10, "calls")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(worker_call(&worker, open_own, 0), 0);
	EXPECT_EQ(worker_call(&worker, hear_of_own, 0), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	ASSERT_EQ(mmlimit_remove(USER_B), 0);
	EXPECT_EQ(worker_call(&worker, hear_of_own, 0), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 2), 0);
	EXPECT_EQ(worker_call(&worker, hear_of_own, 0), 1);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Those who wait are woken by a work of their own, not by whoever has made the news. */
KTAP_TEST(user_that_waits_for_news_of_its_limit_is_woken, 10, "calls")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(worker_call(&worker, open_own, 0), 0);
	for (int i = 1; i <= 3; i++) {
		worker_send(&worker, hear_of_own, -1);
		process_wait_for(worker.pid, 'S');
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT + i * MIB), 0);
		ktap_waiting_for("the user to be woken");
		EXPECT_EQ(worker_receive(&worker), 1);
		ktap_waiting_for(NULL);
		ASSERT_EQ(worker_call(&worker, read_own, 0), 0);
		EXPECT_EQ(worker_call(&worker, hear_of_own, 0), 0);
	}
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

enum { WATCHES = 900, WATCHERS = 8 };

static long watch_much(long unused)
{
	struct epoll_event event = { .events = EPOLLPRI };
	int watchers[WATCHERS];
	long ret = open_own(0);

	for (int i = 0; !ret && i < WATCHERS; i++) {
		watchers[i] = epoll_create1(0);
		ret = watchers[i] < 0 ? -errno : 0;
	}
	/* The same file, under many names */
	for (int i = 0; !ret && i < WATCHES; i++) {
		int copy = dup(own_fd);

		if (copy < 0 || epoll_ctl(watchers[i % WATCHERS], EPOLL_CTL_ADD,
					  copy, &event))
			ret = -errno;
	}
	return ret;
}

/*
 * Returns the microseconds of a change: the least of several, since others may
 * have work left to do.
 */
static uint64_t changes_take(void)
{
	enum { TIMES = 5, CHANGES = 20 };
	uint64_t least = UINT64_MAX;

	for (int n = 0; n < TIMES; n++) {
		uint64_t began_us = ktap_now_us(), took;

		for (int i = 0; i < CHANGES; i++)
			ASSERT_EQ(mmlimit_set(USER_B, LIMIT + i * MIB), 0);
		took = ktap_now_us() - began_us;
		least = took < least ? took : least;
	}
	return least;
}

KTAP_TEST(watching_is_free_for_the_watched, 20, "calls")
{
	struct worker watchers[WATCHERS];
	uint64_t alone, watched;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	limits_log_table(false);
	alone = changes_take();
	for (int i = 0; i < WATCHERS; i++) {
		watchers[i] = worker_start(USER_A);
		ASSERT_EQ(worker_call(&watchers[i], watch_much, 0), 0);
	}
	watched = changes_take();
	printf("%llu us alone, %llu us with %d watches\n",
	       (unsigned long long)alone, (unsigned long long)watched,
	       WATCHERS * WATCHES);
	EXPECT_LE(watched * 4, alone * 5);
	for (int i = 0; i < WATCHERS; i++)
		worker_end(&watchers[i]);
	limits_log_table(true);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(poll_waits_for_exceeds_graces_and_kills, 20, "calls")
{
	const unsigned int grace_ms = 300 * ktap_slowdown();
	struct worker worker;
	int fd;

	ASSERT_EQ(mmlimit_set_time(USER_A, 4 * MIB, grace_ms), 0);
	worker = start_holding(USER_A, 2 * MIB);
	fd = open_file();
	EXPECT_TRUE(!news(fd));
	worker_send(&worker, held_grow, 4 * MIB / PAGE);
	do {
		wait_for_news(fd, "the grace");
	} while (strcmp(in_column(&header, &row, "state"), "grace"));
	expect_number("graces", 1);
	expect_number("exceeds", 1);
	EXPECT_EQ(worker_receive(&worker), 0);
	do {
		wait_for_news(fd, "the kill");
	} while (strcmp(in_column(&header, &row, "kills"), "1"));
	expect_number("pid", worker.pid);
	EXPECT_TRUE(worker_was_killed(&worker));
	close(fd);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
