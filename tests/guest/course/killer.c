// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the course's checks of the killer: runs killer_test as a program, and
 * reads the kernel's log.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/program.h"
#include "lib/user.h"
#include "mmlimit.h"

static char output[PROGRAM_OUTPUT];

/*
 * Runs one check, with or without an operand of its own; it must find so many
 * things as they should be.
 */
static void play_with(const char *check, const char *operand,
		      unsigned int lines, unsigned int kills)
{
	struct mm_limit_user limit;
	struct kill_line kill;
	struct klog log;

	klog_rest();
	log = klog_open();
	EXPECT_EQ(PROGRAM(output, "killer_test", check, operand), 0);
	EXPECT_EQ(occurrences(output, ": ok\n"), lines);
	EXPECT_EQ(occurrences(output, ": WRONG\n"), 0);
	while (klog_next_kill(&log, &kill)) {
		EXPECT_EQ(kill.uid, USER_A);
		kills--;
	}
	EXPECT_EQ(kills, 0);
	klog_close(&log);
	EXPECT_EQ(mmlimit_get(USER_A, &limit), -ENODATA);
}

static void play(const char *check, unsigned int lines, unsigned int kills)
{
	play_with(check, NULL, lines, kills);
}

KTAP_TEST(calls_set_read_and_remove, 20, "killer")
{
	play("syscall", 4, 0);
}

KTAP_TEST(limit_removed_during_the_grace_kills_nobody, 20, "killer")
{
	play("race", 2, 0);
}

KTAP_TEST(memory_below_the_limit_can_be_filled_again_and_again, 60, "killer")
{
	char times[16];

	snprintf(times, sizeof(times), "%u", ktap_volume("fills"));
	play_with("performance", times, 2, 0);
}

KTAP_TEST(each_exceed_has_its_own_grace, 20, "killer")
{
	play("1000", 6, 1);
	play("100", 6, 1);
}

KTAP_TEST(user_with_a_limit_is_left_alone, 20, "killer")
{
	struct mm_limit_user limit;

	ASSERT_EQ(mmlimit_set(USER_A, 100 * MIB), 0);
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "killer_test", "race")), 1);
	EXPECT_TRUE(strstr(output, "has a limit"));
	ASSERT_EQ(mmlimit_get(USER_A, &limit), 0);
	EXPECT_EQ(limit.mm_max, 100 * MIB);
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(wrong_usage_is_refused, 20, "killer")
{
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "killer_test")), 2);
	EXPECT_TRUE(strstr(output, "killer_test: missing operand: syscall, "));
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "killer_test", "99")), 2);
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "killer_test", "1s")), 2);
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "killer_test", "kill")), 2);
	EXPECT_EQ(WEXITSTATUS(PROGRAM(output, "killer_test", "race", "2")), 2);
	EXPECT_TRUE(strstr(output, "killer_test: unexpected operand: 2\n"));
	EXPECT_EQ(
		WEXITSTATUS(PROGRAM(output, "killer_test", "performance", "0")),
		2);
	EXPECT_EQ(PROGRAM(output, "killer_test", "--help"), 0);
}
