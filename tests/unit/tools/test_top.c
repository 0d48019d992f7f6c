// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit top: on a terminal, with its keys, and elsewhere. */
#define _GNU_SOURCE
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>

#include "machine.h"
#include "program.h"

/* By each of the orders another one comes first. */
#define LIMITS                                         \
	"uid mm_max usage kills\n10060 1000 900 0\n"   \
	"10070 900000 1000 1\n10080 500000 200000 0\n" \
	"10090 500000 200 9\n"

static struct background top;

static void start(const char *line)
{
	machine_write("proc/mm_limits", LIMITS);
	background_start_on_terminal(&top, line, 24, 80);
	background_expect(&top, "mmlimit: 4 limits by share");
}

/* Waits for the end of the screen, which is q's doing. */
static void quit(void)
{
	background_press(&top, "q");
	assert_int_equal(background_end(&top, 0), 0);
	background_expect(&top, "\033[?1049l");
}

static void largest_share_comes_first_in_each_table(void **state)
{
	const char *gap;

	(void)state;
	machine_write("proc/mm_limits", LIMITS);
	expect_tool("mmlimit top -n 2 --delay 10ms", 0);
	expect_said("USER       LIMIT ");
	expect_said("\nu0_a60 ");
	assert_true(strstr(tool_output, "u0_a60") <
		    strstr(tool_output, "u0_a80"));
	assert_true(strstr(tool_output, "u0_a80") <
		    strstr(tool_output, "u0_a70"));
	gap = strstr(tool_output, "\n\nUSER ");
	assert_non_null(gap);
	assert_null(strstr(gap + 2, "\n\n"));
	expect_tool("mmlimit top --once --bytes", 0);
	expect_said("900000");
	expect_not_said("\n\n");
	/* It goes on until a signal ends it. */
	background_start(&top, "TERM=dumb exec mmlimit top --delay 10ms");
	background_expect(&top, "\n\nUSER ");
	assert_int_equal(background_end(&top, SIGINT), 0);
}

static int occurrences(const char *text)
{
	int count = 0;

	for (const char *at = tool_output; (at = strstr(at, text)); at++)
		count++;
	return count;
}

/* The same objects as of the list, in another order */
static void for_programs_it_is_an_object_each_look(void **state)
{
	static const char line[] =
		"rows() { mmlimit $1 --json | sed 's/,$//' | sort; }; "
		"[ -n \"$(rows top)\" ] && [ \"$(rows top)\" = \"$(rows list)\" ]";

	(void)state;
	machine_write("proc/mm_limits", LIMITS);
	expect_tool(line, 0);
	expect_tool("mmlimit top --json", 0);
	assert_int_equal(occurrences("\"schema\": 1,"), 1);
	assert_true(strstr(tool_output, "\"u0_a60\"") <
		    strstr(tool_output, "\"u0_a80\""));
	expect_tool("mmlimit top -j -n 3 --delay 10ms", 0);
	assert_int_equal(occurrences("{\n  \"schema\": 1,"), 3);
	assert_int_equal(occurrences("\"user\": \"u0_a60\""), 3);
	expect_not_said("}\n\n");
	/* Nothing is drawn on a terminal, either. */
	background_start_on_terminal(&top, "exec mmlimit top --json", 24, 80);
	background_expect(&top, "\"limits\": [");
	assert_int_equal(background_end(&top, 0), 0);
	assert_null(strstr(top.text, "\033["));
	expect_tool("mmlimit top --json >/dev/full", 1);
	expect_output("mmlimit: cannot write: No space left on device\n");
}

static void keys_choose_the_order(void **state)
{
	static const struct {
		const char *key;
		const char *title;
		const char *first;
	} table[] = {
		{ "m", "by usage", "\nu0_a80 " },
		{ "l", "by limit", "\nu0_a70 " },
		{ "k", "by kills", "\n10090 " },
		{ "n", "by name", "\n10090 " },
		{ "u", "by share", "\nu0_a60 " },
	};

	(void)state;
	setenv("NO_COLOR", "1", 1);
	start("exec mmlimit top");
	unsetenv("NO_COLOR");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		background_press(&top, table[i].key);
		background_expect(&top, table[i].title);
		/* The titles of the columns stand between. */
		background_expect(&top, "USER ");
		background_expect(&top, table[i].first);
	}
	quit();
}

/* Else rows would change places with each look. */
static void equal_limits_are_ordered_by_uid(void **state)
{
	static const char *const keys[] = { "u", "m", "l", "k", "n" };

	(void)state;
	machine_write("proc/mm_limits",
		      "uid mm_max\n20003 10\n20001 10\n20002 10\n");
	background_start_on_terminal(&top, "exec mmlimit top --delay 1h", 24,
				     80);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		background_press(&top, keys[i]);
		background_expect(&top, "\n20001 ");
		background_expect(&top, "\n20002 ");
		background_expect(&top, "\n20003 ");
	}
	quit();
}

/* Ten lines have room for some of the limits only. */
static void keys_scroll_as_far_as_there_are_limits(void **state)
{
	static const struct {
		const char *keys;
		const char *title;
	} table[] = {
		{ "\033[B", "mmlimit: 2 to " },
		{ "\033OB", "mmlimit: 3 to " },
		{ "\033[A", "mmlimit: 2 to " },
		{ "\033[1;5B", "mmlimit: 3 to " },
		{ "\033[H", "mmlimit: 40 limits by" },
		{ "\033[6~", "mmlimit: 8 to 14 of 40 limits by" },
		{ "\033[5~", "mmlimit: 40 limits by" },
		{ "\033[4~", "mmlimit: 33 to 40 of 40 limits by" },
		{ "\033[1~", "mmlimit: 40 limits by" },
		{ "\033[F", " to 40 of 40 limits by" },
		/* The last page had one more, and none is left out above it. */
		{ "\033[5~", "mmlimit: 26 to 32 of 40 limits by" },
		{ "\033[A", "mmlimit: 25 to " },
		{ "\033[7~", "mmlimit: 40 limits by" },
		{ "\033[A", "mmlimit: 40 limits by" },
		{ "\033[8~", " to 40 of 40 limits by" },
		/* Keys of no meaning change nothing. */
		{ "\033[3~", " to 40 of 40 limits by" },
		{ "\033x", " to 40 of 40 limits by" },
		{ "z", " to 40 of 40 limits by" },
	};
	char list[2048] = "uid mm_max\n", row[32];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(row, sizeof(row), "%d 1000\n", 20000 + i);
		strcat(list, row);
	}
	machine_write("proc/mm_limits", list);
	background_start_on_terminal(&top, "exec mmlimit top --delay 1h", 10,
				     80);
	background_expect(&top, "mmlimit: 40 limits by share");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		background_press(&top, table[i].keys);
		background_expect(&top, table[i].title);
	}
	quit();
}

/* The processes are this machine's own: the program itself is one of them. */
static void processes_of_users_are_shown_and_hidden(void **state)
{
	char list[64];

	(void)state;
	snprintf(list, sizeof(list), "uid mm_max\n%u 1000000000\n", getuid());
	machine_write("proc/mm_limits", list);
	background_start_on_terminal(&top, "exec mmlimit top --delay 1h", 60,
				     80);
	background_expect(&top, "mmlimit: 1 limit by share");
	assert_null(strstr(top.text, "  pid "));
	background_press(&top, "p");
	background_expect(&top, "\n  pid ");
	background_press(&top, "p");
	background_expect(&top, "mmlimit: 1 limit");
	quit();
	assert_null(strstr(top.text + top.seen, "\n  pid "));
	setenv("MM_FAIL", "/proc:1:24", 1);
	background_start_on_terminal(&top, "exec mmlimit top", 24, 80);
	unsetenv("MM_FAIL");
	background_expect(&top, "mmlimit: 1 limit");
	background_press(&top, "p");
	background_expect(&top,
			  "mmlimit: cannot read /proc: Too many open files");
	assert_int_equal(background_end(&top, 0), 1);
}

/* Those of all its users, among which this machine's own are. */
static void processes_of_a_pools_users_are_shown_below_the_pool(void **state)
{
	const char *pool, *end;
	char list[256], row[64];
	uid_t uid = getuid();

	(void)state;
	snprintf(row, sizeof(row), "%u-%u", uid, uid + 9);
	snprintf(list, sizeof(list),
		 "uid mm_max usage rule\n%s 1000000000 4096 pool\n"
		 "%u - 4096 pool:%s\n",
		 row, uid, row);
	machine_write("proc/mm_limits", list);
	background_start_on_terminal(&top, "exec mmlimit top --delay 1h", 60,
				     80);
	background_expect(&top, "mmlimit: 2 limits by share");
	background_press(&top, "p");
	background_expect(&top, "mmlimit: 2 limits by share");
	background_press(&top, "q");
	assert_int_equal(background_end(&top, 0), 0);
	background_expect(&top, "\033[?1049l");
	pool = NULL;
	for (const char *at = top.text; (at = strstr(at, row)); at++)
		pool = at;
	assert_non_null(pool);
	end = strchr(pool, '\n');
	assert_non_null(end);
	assert_int_equal(strncmp(end, "\n  pid ", 7), 0);
}

static void changes_show_at_once(void **state)
{
	(void)state;
	machine_write("proc/mm_limits", LIST_HEADER);
	background_start_on_terminal(&top, "exec mmlimit top --delay 1h", 24,
				     80);
	background_expect(&top, "mmlimit: 0 limits");
	expect_tool("mmlimit set u0_a70 1M", 0);
	background_expect(&top, "mmlimit: 1 limit by");
	quit();
}

static void screen_follows_the_size_of_the_terminal(void **state)
{
	const struct winsize narrow = { .ws_row = 24, .ws_col = 30 };

	(void)state;
	start("exec mmlimit top --delay 1h");
	background_expect(&top, " USE% ");
	assert_int_equal(ioctl(top.fd, TIOCSWINSZ, &narrow), 0);
	background_expect(&top, "mmlimit: ");
	quit();
	assert_null(strstr(top.text + top.seen, "LIMIT"));
}

/* A terminal that does not know its size is taken for one of 24 by 80. */
static void usual_size_is_that_of_serial_consoles(void **state)
{
	(void)state;
	machine_write("proc/mm_limits", LIMITS);
	background_start_on_terminal(&top, "exec mmlimit top", 0, 0);
	background_expect(&top, "mmlimit: 4 limits");
	background_expect(&top, "STATE");
	quit();
}

static void
stopping_gives_the_terminal_back_and_continuing_takes_it(void **state)
{
	(void)state;
	start("exec mmlimit top --delay 1h");
	assert_int_equal(kill(top.pid, SIGTSTP), 0);
	background_expect(&top, "\033[?1049l");
	background_wait_stop(&top);
	assert_int_equal(kill(top.pid, SIGCONT), 0);
	background_expect(&top, "\033[?1049h");
	background_expect(&top, "mmlimit: 4 limits");
	quit();
}

static void signal_ends_it_and_leaves_the_screen(void **state)
{
	(void)state;
	start("exec mmlimit top");
	assert_int_equal(background_end(&top, SIGTERM), 0);
	background_expect(&top, "\033[?1049l");
}

/* Then there are no keys, and it goes on without. */
static void standard_input_need_not_be_a_terminal(void **state)
{
	(void)state;
	start("exec mmlimit top --delay 10ms </dev/null");
	background_expect(&top, "mmlimit: 4 limits");
	background_expect(&top, "mmlimit: 4 limits");
	assert_int_equal(background_end(&top, SIGTERM), 0);
}

static void what_fails_is_told_on_the_usual_screen(void **state)
{
	static const struct {
		const char *fail;
		const char *said;
	} table[] = {
		{ "signalfd:1:24",
		  "mmlimit: cannot wait for signals: Too many open files" },
		{ "tcsetattr:1:5",
		  "mmlimit: cannot use the terminal: Input/output error" },
		{ "open_memstream:1:12",
		  "mmlimit: cannot draw: Cannot allocate memory" },
		{ "write:2:5", "mmlimit: cannot write: Input/output error" },
		{ "poll:1:12", "mmlimit: cannot wait: Cannot allocate memory" },
	};
	char line[64];

	(void)state;
	machine_write("proc/mm_limits", LIMITS);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		snprintf(line, sizeof(line), "MM_FAIL=%s exec mmlimit top",
			 table[i].fail);
		background_start_on_terminal(&top, line, 24, 80);
		background_expect(&top, table[i].said);
		assert_int_equal(background_end(&top, 0), 1);
	}
}

static void what_passes_is_tried_again(void **state)
{
	(void)state;
	/* The first two writes enter the screen and draw on it. */
	start("MM_FAIL='poll:1:4 write:1:4 write:2:11 read:1:4' exec mmlimit top --delay 1h");
	background_press(&top, "m");
	background_expect(&top, "by usage");
	quit();
}

static void terminal_that_goes_away_takes_the_keys_along(void **state)
{
	(void)state;
	start("MM_FAIL=read:1:5 exec mmlimit top --delay 10ms");
	background_press(&top, "m");
	background_expect(&top, "mmlimit: 4 limits by share");
	background_expect(&top, "mmlimit: 4 limits by share");
	background_press(&top, "q");
	background_expect(&top, "mmlimit: 4 limits by share");
	assert_int_equal(background_end(&top, SIGHUP), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(largest_share_comes_first_in_each_table),
		MACHINE_TEST(for_programs_it_is_an_object_each_look),
		MACHINE_TEST(keys_choose_the_order),
		MACHINE_TEST(equal_limits_are_ordered_by_uid),
		MACHINE_TEST(keys_scroll_as_far_as_there_are_limits),
		MACHINE_TEST(processes_of_users_are_shown_and_hidden),
		MACHINE_TEST(
			processes_of_a_pools_users_are_shown_below_the_pool),
		MACHINE_TEST(changes_show_at_once),
		MACHINE_TEST(screen_follows_the_size_of_the_terminal),
		MACHINE_TEST(usual_size_is_that_of_serial_consoles),
		MACHINE_TEST(
			stopping_gives_the_terminal_back_and_continuing_takes_it),
		MACHINE_TEST(signal_ends_it_and_leaves_the_screen),
		MACHINE_TEST(standard_input_need_not_be_a_terminal),
		MACHINE_TEST(what_fails_is_told_on_the_usual_screen),
		MACHINE_TEST(what_passes_is_tried_again),
		MACHINE_TEST(terminal_that_goes_away_takes_the_keys_along),
	};

	return RUN_GROUP(tests);
}
