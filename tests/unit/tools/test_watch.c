// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit watch: what happens is told as it happens, and handed to commands. */
#define _GNU_SOURCE
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "program.h"

static struct background watch;

#define COLUMNS                                                             \
	"uid mm_max time_allow_exceed_ms policy flags state usage exceeds " \
	"graces kills pid pRSS uRSS threshold swap swap_max warn warnings " \
	"dry_kills term_ms terms thrashed\n"

/* Starts to watch, and waits until it does, which the limit of u0_a80 shows. */
static void start_watching(const char *line)
{
	expect_tool("mmlimit set u0_a80 1K", 0);
	background_start(&watch, line);
	background_expect(&watch, "limit user=u0_a80 uid=10080 ");
}

static void changes_are_told_when_they_happen(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 1M", 0);
	background_start(&watch, "exec mmlimit watch");
	background_expect(
		&watch,
		"limit user=u0_a70 uid=10070 usage=0B limit=1MiB grace=0s policy=highest_rss\n");
	expect_tool("mmlimit set u0_a70 2M --grace 2s --policy badness", 0);
	background_expect(
		&watch,
		"set user=u0_a70 uid=10070 usage=0B limit=2MiB grace=2s policy=badness\n");
	expect_tool(
		"mmlimit set u0_a70 --warn 90% --term 1s --dry-run --reclaim 80% --swap-max 4K",
		0);
	background_expect(
		&watch,
		" policy=badness warn=90% term=1s dry_run reclaim=80% swap_max=4KiB\n");
	expect_tool("mmlimit unset u0_a70", 0);
	background_expect(&watch, "removed user=u0_a70 uid=10070 limit=2MiB\n");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
}

/* Each row is what the list has next, and what is to be told then. */
static void each_event_has_its_figures(void **state)
{
	static const struct {
		const char *list;
		const char *told;
	} table[] = {
		{ "10070 8192 500 badness 0 exceeded 9000 1 0 0 0 0 0 80 0 - 0 0 0 0 0 0\n",
		  "exceed user=u0_a70 uid=10070 usage=9000 limit=8192\n" },
		{ "10070 8192 500 badness 0 grace 9000 1 1 0 0 0 0 80 0 - 0 0 0 0 0 0\n",
		  "grace user=u0_a70 uid=10070 usage=9000 limit=8192 grace=500ms\n" },
		{ "10070 8192 500 badness 0 killing 4096 1 1 2 42 5000 9001 80 0 - 0 0 0 0 0 0\n",
		  "kill user=u0_a70 uid=10070 usage=9001 limit=8192 pid=42 rss=5000 count=2\n" },
		{ "10070 8192 500 badness 0 idle 4096 1 1 2 42 5000 9001 80 0 - 0 1 0 0 0 0\n",
		  "warn user=u0_a70 uid=10070 usage=4096 limit=8192\n" },
		{ "10070 8192 500 badness 0 idle 4096 1 1 2 42 5000 9001 80 0 - 0 1 1 0 0 0\n",
		  "dry_run user=u0_a70 uid=10070 usage=4096 limit=8192\n" },
		{ "10070 8192 500 badness 0 idle 4096 1 1 2 42 5000 9001 80 0 - 0 1 1 0 1 0\n",
		  "term user=u0_a70 uid=10070 usage=4096 limit=8192\n" },
		{ "10070 8192 500 badness 1 idle 4096 1 1 2 42 5000 9001 80 0 - 0 1 1 0 1 0\n",
		  "set user=u0_a70 uid=10070 usage=4096 limit=8192 grace=500ms policy=badness reclaim=80%\n" },
		{ "10070 8192 500 badness 1 reclaiming 4096 1 1 2 42 5000 9001 80 100 - 0 1 1 0 1 0\n",
		  "reclaim user=u0_a70 uid=10070 usage=4096 limit=8192 swap=100\n" },
		{ "10070 8192 500 badness 1 reclaiming 4096 1 1 2 42 5000 9001 80 100 - 0 1 1 0 1 1\n",
		  "thrash user=u0_a70 uid=10070 usage=4096 limit=8192 swap=100\n" },
		/* The end of reclaiming is told after a second of calm. */
		{ "10070 8192 500 badness 1 idle 4096 1 1 2 42 5000 9001 80 100 - 0 1 1 0 1 1\n",
		  "reclaimed user=u0_a70 uid=10070 usage=4096 limit=8192 swap=100\n" },
		{ "10070 8192 500 badness 1 stuck 4096 1 1 2 42 5000 9001 80 100 - 0 1 1 0 1 1\n",
		  "stuck user=u0_a70 uid=10070 usage=4096 limit=8192\n" },
	};
	char list[1024];

	(void)state;
	machine_write(
		"proc/mm_limits", COLUMNS
		"10070 8192 500 badness 0 idle 4096 0 0 0 0 0 0 80 0 - 0 0 0 0 0 0\n");
	background_start(&watch, "exec mmlimit watch --bytes");
	background_expect(&watch, "limit user=u0_a70 ");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		snprintf(list, sizeof(list), COLUMNS "%s", table[i].list);
		machine_write("proc/mm_limits", list);
		background_expect(&watch, table[i].told);
	}
	assert_int_equal(background_end(&watch, SIGINT), 0);
}

static void only_those_named_are_watched(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a60 1K && mmlimit set u0_a80 1K", 0);
	background_start(&watch, "exec mmlimit watch @apps --time --json");
	background_expect(&watch, ", \"event\": \"limit\", ");
	expect_tool("mmlimit set u0_a80 1M && mmlimit set u0_a60 1M", 0);
	background_expect(&watch, "{\"schema\": 1, \"time_ms\": ");
	background_expect(
		&watch,
		", \"event\": \"set\", \"count\": 1, \"limit\": {\"uid\": 10060, ");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
	assert_null(strstr(watch.text, "u0_a80"));
}

static void lines_may_begin_with_the_time_of_day(void **state)
{
	unsigned int hour, minute, second, ms;

	(void)state;
	expect_tool("mmlimit set u0_a70 1M", 0);
	background_start(&watch, "exec mmlimit watch --time");
	background_expect(&watch, " limit user=u0_a70 ");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
	assert_int_equal(sscanf(watch.text, "%2u:%2u:%2u.%3u limit ", &hour,
				&minute, &second, &ms),
			 4);
	assert_true(hour < 24 && minute < 60 && second < 61);
}

/* A reader that has gone is found out without anything that happens. */
static void end_of_the_reader_ends_it(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a70 1M", 0);
	expect_tool(
		"{ mmlimit watch; echo $? >\"$MM_ROOT/status\"; } | head -n 1",
		0);
	/* The status is written by whoever has no pipe any more. */
	expect_tool("while ! [ -s \"$MM_ROOT/status\" ]; do sleep 0.01; done",
		    0);
	assert_string_equal(machine_read("status"), "141\n");
}

static void command_finds_the_event_in_its_environment(void **state)
{
	(void)state;
	machine_write(
		"proc/mm_limits", COLUMNS
		"10070 8192 0 badness 0 idle 1 0 0 0 0 0 0 80 0 - 0 0 0 0 0 0\n");
	background_start(
		&watch,
		"exec mmlimit watch --exec 'echo \"<$MM_LIMIT_EVENT $MM_LIMIT_COUNT $MM_LIMIT_USER $MM_LIMIT_UID $MM_LIMIT_MAX $MM_LIMIT_USAGE $MM_LIMIT_PID $MM_LIMIT_RSS>\"'");
	background_expect(&watch, "limit user=");
	machine_write(
		"proc/mm_limits", COLUMNS
		"10070 8192 0 badness 0 idle 4096 1 0 0 0 0 0 80 0 - 0 0 0 0 0 0\n");
	background_expect(&watch, "<exceed 1 u0_a70 10070 8192 4096  >\n");
	machine_write(
		"proc/mm_limits", COLUMNS
		"10070 8192 0 badness 0 idle 4096 1 0 1 42 5000 9001 80 0 - 0 0 0 0 0 0\n");
	background_expect(&watch, "<kill 1 u0_a70 10070 8192 9001 42 5000>\n");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
	/* What stands at the beginning is no event. */
	assert_null(strstr(watch.text, "<limit"));
}

static void command_that_fails_is_told_and_watching_goes_on(void **state)
{
	(void)state;
	start_watching(
		"exec mmlimit watch --exec '[ $MM_LIMIT_UID = 10060 ] && exit 3; kill -9 $$'");
	expect_tool("mmlimit set u0_a60 1M", 0);
	background_expect(&watch,
			  "mmlimit: set of u0_a60: '[ $MM_LIMIT_UID = 10060 ] "
			  "&& exit 3; kill -9 $$' ended with exit status 3\n");
	expect_tool("mmlimit set u0_a70 1M", 0);
	background_expect(&watch, "' ended by signal 9\n");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
}

/* The command of two members ends the first time, and there is no second. */
static void signal_ends_the_command_too(void **state)
{
	(void)state;
	start_watching(
		"exec mmlimit watch --exec 'trap \"echo ended; exit\" TERM; echo \"begun $MM_LIMIT_USER\"; while :; do sleep 0.01; done'");
	/* Both are set between two looks. */
	machine_write("proc/mm_limits",
		      "uid mm_max\n10060 1\n10070 1\n10080 1024\n");
	background_expect(&watch, "begun ");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
	assert_non_null(strstr(watch.text, "ended\n"));
	assert_null(strstr(strstr(watch.text, "begun ") + 1, "begun "));
}

static void command_that_cannot_be_started_is_told(void **state)
{
	(void)state;
	start_watching(
		"MM_FAIL='fork:1:11 syscall:1:24 waitpid:2:10' exec mmlimit watch --exec 'echo hook'");
	expect_tool("mmlimit set u0_a70 1M", 0);
	background_expect(
		&watch,
		"mmlimit: cannot start 'echo hook': Resource temporarily unavailable\n");
	/* Without a pidfd it is only waited for. */
	expect_tool("mmlimit set u0_a70 2M", 0);
	background_expect(&watch, "hook\n");
	/* What has become of it is not known. */
	expect_tool("mmlimit set u0_a70 3M", 0);
	background_expect(&watch, "hook\n");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
}

static void what_keeps_it_from_watching_is_told(void **state)
{
	(void)state;
	expect_failing("signalfd:1:24", "mmlimit watch", 1);
	expect_output(
		"mmlimit: cannot wait for signals: Too many open files\n");
	expect_failing("poll:1:12", "mmlimit watch", 1);
	expect_output("mmlimit: cannot wait: Cannot allocate memory\n");
	expect_failing("calloc:1:12", "mmlimit watch", 1);
	expect_output("mmlimit: out of memory\n");
	expect_tool("mmlimit watch nobody_here", 2);
	expect_tool("mmlimit set u0_a70 1M", 0);
	expect_tool("mmlimit watch >/dev/full", 1);
	expect_output("mmlimit: cannot write: No space left on device\n");
	/* A signal that is not its own changes nothing. */
	background_start(&watch, "MM_FAIL=poll:1:4 exec mmlimit watch u0_a70");
	background_expect(&watch, "limit=1MiB");
	expect_tool("mmlimit set u0_a70 2M", 0);
	background_expect(&watch, "limit=2MiB");
	assert_int_equal(background_end(&watch, SIGTERM), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(changes_are_told_when_they_happen),
		MACHINE_TEST(each_event_has_its_figures),
		MACHINE_TEST(only_those_named_are_watched),
		MACHINE_TEST(lines_may_begin_with_the_time_of_day),
		MACHINE_TEST(end_of_the_reader_ends_it),
		MACHINE_TEST(command_finds_the_event_in_its_environment),
		MACHINE_TEST(command_that_fails_is_told_and_watching_goes_on),
		MACHINE_TEST(signal_ends_the_command_too),
		MACHINE_TEST(command_that_cannot_be_started_is_told),
		MACHINE_TEST(what_keeps_it_from_watching_is_told),
	};

	return RUN_GROUP(tests);
}
