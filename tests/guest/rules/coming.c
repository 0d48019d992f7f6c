// SPDX-License-Identifier: GPL-2.0-only
/* Tests rules while users come and go. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/rules.h"
#include "lib/usage.h"
#include "lib/user.h"

#define EACH MM_LIMIT_RULE_EACH
#define POOL MM_LIMIT_RULE_POOL

#define FIRST 10100
#define LAST 10131
#define LIMIT (16 * MIB)

#define WORKERS 4

/* A short life: some pages, a file without a name, perhaps a child that survives a while */
static void live(uid_t uid)
{
	struct region region;
	int fd;

	if (setgid(uid) || setuid(uid))
		_exit(1);
	region = region_map(16);
	region_touch(&region, 0, 16);
	fd = syscall(SYS_memfd_create, "life", 0);
	if (fd < 0 || fallocate(fd, 0, 0, 4 * PAGE))
		_exit(2);
	if (fork() == 0)
		usleep(500);
	_exit(0);
}

/* Users come and go, for so many rounds. Returns how many lives ended otherwise. */
static long live_many(long rounds)
{
	static struct random numbers;
	long wrong = 0;
	int status;

	numbers = random_from(ktap_seed() + getpid());
	while (rounds--) {
		uid_t uid = FIRST + random_below(&numbers, LAST - FIRST + 1);
		pid_t pid = fork();

		if (pid == 0)
			live(uid);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			wrong++;
	}
	return wrong;
}

static void expect_nobody(uid_t uid, const struct usage *usage, void *unused)
{
	(void)unused;
	rule_wait_until_gone(uid);
}

static void change_rules(struct random *changes)
{
	uid_t first = FIRST + random_below(changes, 8);
	uid_t last = LAST - random_below(changes, 8);
	uid_t uid = FIRST + random_below(changes, LAST - FIRST + 1);

	switch (random_below(changes, 6)) {
	case 0:
		rule_set(POOL, first, last, WORKERS * LIMIT);
		break;
	case 1:
		rule_set(EACH, first, last, LIMIT);
		break;
	case 2:
		mmlimit_set(uid, LIMIT);
		break;
	case 3:
		mmlimit_remove(uid);
		break;
	default:
		rule_remove(first, last);
	}
}

static void remove_all(void)
{
	for (uid_t first = FIRST; first < FIRST + 8; first++)
		for (uid_t last = LAST; last > LAST - 8; last--)
			rule_remove(first, last);
	for (uid_t uid = FIRST; uid <= LAST; uid++)
		mmlimit_remove(uid);
}

KTAP_TEST(users_come_and_go_while_rules_do, 120, "rules rules_smp")
{
	const int rounds = ktap_volume("rounds");
	struct random changes = random_from(ktap_seed());
	struct worker workers[WORKERS];

	limits_log_table(false);
	for (size_t i = 0; i < WORKERS; i++) {
		workers[i] = worker_start(0);
		worker_send(&workers[i], live_many, rounds);
	}
	for (int i = 0; i < rounds; i++) {
		change_rules(&changes);
		usleep(random_below(&changes, 2000));
	}
	for (size_t i = 0; i < WORKERS; i++) {
		EXPECT_EQ(worker_receive(&workers[i]), 0);
		worker_end(&workers[i]);
	}
	/* Whatever has become of them, a pool that is set now finds nothing. */
	remove_all();
	ASSERT_EQ(rule_set(POOL, FIRST, LAST, LIMIT), 0);
	EXPECT_TRUE(usage_for_each(expect_nobody, NULL));
	pool_expect(FIRST, LAST, 0, 0);
	/* A grace period of RCU after its end */
	while (rule_read(FIRST, LAST).members)
		ktap_waiting_for("%u users that have gone to leave the pool",
				 rule_read(FIRST, LAST).members);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
	limits_log_table(true);
}

static long stay(long unused)
{
	(void)unused;
	return 0;
}

/* Many users at once: each is limited, the rule is changed for all, and no trace is left. */
KTAP_TEST(rule_is_changed_for_many_users_at_once, 120, "rules rules_smp")
{
	const int users = 32;
	struct worker workers[32];

	ASSERT_EQ(rule_set(POOL, FIRST, LAST, users * LIMIT), 0);
	for (int i = 0; i < users; i++)
		workers[i] = worker_start(FIRST + i);
	EXPECT_EQ(rule_read(FIRST, LAST).members, users);
	pool_exact(FIRST, LAST);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST - 1, LIMIT), 0);
	EXPECT_EQ(rule_read(FIRST, LAST).members, 1);
	pool_expect(FIRST, LAST, LAST, 0);
	ASSERT_EQ(rule_set(EACH, FIRST, LAST - 1, LIMIT / 2), 0);
	for (int i = 0; i < users - 1; i++)
		rule_expect(FIRST + i, EACH, FIRST, LAST - 1, LIMIT / 2);
	for (int i = 0; i < users; i++) {
		EXPECT_EQ(worker_call(&workers[i], stay, 0), 0);
		worker_end(&workers[i]);
	}
	EXPECT_EQ(rule_remove(FIRST, LAST - 1), 0);
	EXPECT_EQ(rule_remove(FIRST, LAST), 0);
}

static void expect_no_rule(void)
{
	FILE *file = fopen("/proc/mm_limits", "re");
	char line[1024];

	ASSERT_TRUE(file);
	while (fgets(line, sizeof(line), file))
		if (strstr(line, " pool:") || strstr(line, " each:"))
			KTAP_FAIL("a user names a rule that has gone: %s",
				  line);
	ASSERT_EQ(fclose(file), 0);
}

/* Also users that were being made for it when it went */
KTAP_TEST(rule_that_has_gone_is_named_by_nobody, 120, "rules rules_smp")
{
	const int rounds = ktap_volume("rounds");
	struct worker workers[WORKERS];

	limits_log_table(false);
	for (size_t i = 0; i < WORKERS; i++) {
		workers[i] = worker_start(0);
		worker_send(&workers[i], live_many, rounds);
	}
	for (int i = 0; i < rounds; i++) {
		ASSERT_EQ(rule_set(i % 2 ? POOL : EACH, FIRST, LAST,
				   WORKERS * LIMIT),
			  0);
		usleep(i % 8 * 100);
		ASSERT_EQ(rule_remove(FIRST, LAST), 0);
		expect_no_rule();
	}
	for (size_t i = 0; i < WORKERS; i++) {
		EXPECT_EQ(worker_receive(&workers[i]), 0);
		worker_end(&workers[i]);
	}
	limits_log_table(true);
}
