// SPDX-License-Identifier: GPL-2.0-only
/* Tests mmlimit top, on a terminal and elsewhere. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/background.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/tools.h"

#define ENTER "\033[?1049h"
#define LEAVE "\033[?1049l"
#define HOME "\033[H"
#define END_OF_SCREEN "\033[J"
#define SHOW_CURSOR "\033[?25h"

static struct background top;

static const char *const arguments[] = { "mmlimit", "top", "--delay", "1h",
					 NULL };

/*
 * Looks at usages once an hour, so that what shows is shown at once. Has drawn
 * for the first time when this returns.
 */
static void start_of_size(unsigned short rows, unsigned short columns)
{
	background_start_on_terminal(&top, rows, columns, arguments);
	background_expect(&top, ENTER);
	background_expect(&top, END_OF_SCREEN HOME);
	background_expect(&top, END_OF_SCREEN);
}

static void start(void)
{
	start_of_size(24, 80);
}

/* The terminal is what any other one is when nobody has used it. */
static void expect_restored(void)
{
	struct termios now, unused;
	struct background fresh;

	ASSERT_EQ(tcgetattr(top.terminal, &now), 0);
	background_start_on_terminal(&fresh, 24, 80,
				     (const char *const[]){ "true", NULL });
	EXPECT_EQ(background_wait(&fresh), 0);
	ASSERT_EQ(tcgetattr(fresh.terminal, &unused), 0);
	background_close(&fresh);
	EXPECT_EQ(memcmp(&now, &unused, sizeof(now)), 0);
	background_drain(&top);
	/* Nothing is drawn after that. */
	EXPECT_TRUE(strstr(top.text, LEAVE "\r"));
	EXPECT_STREQ(strstr(top.text, LEAVE "\r"), LEAVE "\r");
	EXPECT_TRUE(strstr(top.text, SHOW_CURSOR));
}

static void quit(void)
{
	background_type(&top, "q");
	EXPECT_EQ(background_wait(&top), 0);
	expect_restored();
	background_close(&top);
}

/* Without what moves the cursor, or colours; returns @text. */
static char *strip(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '\033') {
			from += strcspn(from + 1,
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"abcdefghijklmnopqrstuvwxyz") +
				1;
			if (!*from)
				break;
		} else if (*from != '\r') {
			*to++ = *from;
		}
	}
	*to = '\0';
	return text;
}

/* The screen that was drawn last and waited for, as a text */
static const char *picture(void)
{
	static char text[BACKGROUND_OUTPUT];
	char *found, *last = text;

	memcpy(text, top.text, top.seen);
	text[top.seen] = '\0';
	for (found = text; (found = strstr(found, HOME)); found++)
		last = found;
	return strip(last);
}

static void expect_fits(unsigned int rows, unsigned int columns)
{
	unsigned int lines = 1, length = 0;

	for (const char *c = picture(); *c; c++) {
		length = *c == '\n' ? 0 : length + 1;
		lines += *c == '\n';
		EXPECT_LE(length, columns);
	}
	EXPECT_LE(lines, rows);
}

KTAP_TEST(top_draws_bars_of_usage_against_limit, 20, "tools")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	worker = start_holding(USER_A, 10 * MIB);
	start();
	EXPECT_TRUE(strstr(picture(), "mmlimit: 1 limit by share"));
	EXPECT_TRUE(strstr(picture(), "\nUSER "));
	EXPECT_TRUE(strstr(picture(), "\nu0_a70 "));
	EXPECT_TRUE(strstr(picture(), " 20MiB "));
	EXPECT_TRUE(strstr(picture(), " [#####"));
	EXPECT_TRUE(strstr(picture(), "#     "));
	expect_fits(24, 80);
	quit();
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(top_shows_events_at_once, 20, "tools")
{
	start();
	EXPECT_TRUE(strstr(picture(), "No limits."));
	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	background_expect(&top, "u0_a70 ");
	background_expect(&top, END_OF_SCREEN);
	/* One that vanishes */
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	background_expect(&top, "No limits.");
	background_expect(&top, END_OF_SCREEN);
	EXPECT_TRUE(!strstr(picture(), "u0_a70"));
	quit();
}

/* Whether @first stands above @second, after a key was pressed */
static void expect_order(const char *key, const char *name, const char *first,
			 const char *second)
{
	const char *text;

	background_type(&top, key);
	background_expect(&top, name);
	background_expect(&top, END_OF_SCREEN);
	text = picture();
	ASSERT_TRUE(strstr(text, first));
	ASSERT_TRUE(strstr(text, second));
	EXPECT_LT(strstr(text, first) - text, strstr(text, second) - text);
}

KTAP_TEST(keys_sort, 20, "tools")
{
	struct worker small, large, victim;

	ASSERT_EQ(mmlimit_set(USER_A, 100 * MIB), 0);
	ASSERT_EQ(mmlimit_set(USER_B, 20 * MIB), 0);
	large = start_holding(USER_A, 20 * MIB);
	small = start_holding(USER_B, 16 * MIB);
	victim = worker_start(USER_A);
	EXPECT_EQ(worker_call(&victim, held_grow, 110 * MIB / PAGE),
		  WORKER_DIED);
	EXPECT_TRUE(worker_was_killed(&victim));
	start();
	expect_order("m", "by usage", "u0_a70", "u0_a60");
	expect_order("u", "by share", "u0_a60", "u0_a70");
	expect_order("l", "by limit", "u0_a70", "u0_a60");
	expect_order("n", "by name", "u0_a60", "u0_a70");
	expect_order("k", "by kills", "u0_a70", "u0_a60");
	/* Others do nothing. */
	expect_order("x", "by kills", "u0_a70", "u0_a60");
	quit();
	worker_end(&small);
	worker_end(&large);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

static void resize(unsigned short rows, unsigned short columns)
{
	background_resize(&top, rows, columns);
	background_expect(&top, HOME);
	background_expect(&top, END_OF_SCREEN);
}

KTAP_TEST(top_fits_whatever_the_size, 20, "tools")
{
	for (int i = 0; i < 30; i++)
		ASSERT_EQ(mmlimit_set(TEST_USER_FIRST + i, MIB), 0);
	start();
	expect_fits(24, 80);
	EXPECT_TRUE(strstr(picture(), "\n... and 9 more"));
	resize(10, 200);
	expect_fits(10, 200);
	EXPECT_TRUE(strstr(picture(), "\n... and 23 more"));
	resize(50, 40);
	expect_fits(50, 40);
	EXPECT_TRUE(strstr(picture(), "\n10029 "));
	resize(1, 80);
	expect_fits(1, 80);
	resize(3, 1);
	expect_fits(3, 1);
	/* Terminals that do not know their size are taken for the usual one. */
	resize(0, 0);
	expect_fits(24, 80);
	EXPECT_TRUE(strstr(picture(), "\n... and 9 more"));
	resize(65535, 65535);
	expect_fits(24, 80);
	quit();
	for (int i = 0; i < 30; i++)
		EXPECT_EQ(mmlimit_remove(TEST_USER_FIRST + i), 0);
}

/* What the keys send, and what stands there then */
KTAP_TEST(keys_scroll, 20, "tools")
{
	static const struct {
		const char *keys;
		const char *title;
	} table[] = {
		{ "\033[B", "mmlimit: 2 to 8 of 30 limits by" },
		{ "\033OB", "mmlimit: 3 to 9 of 30 limits by" },
		{ "\033[A", "mmlimit: 2 to 8 of 30 limits by" },
		{ "\033[6~", "mmlimit: 9 to 15 of 30 limits by" },
		{ "\033[5~", "mmlimit: 2 to 8 of 30 limits by" },
		{ "\033[F", "mmlimit: 23 to 30 of 30 limits by" },
		{ "\033[1;5A", "mmlimit: 22 to 28 of 30 limits by" },
		{ "\033[H", "mmlimit: 30 limits by" },
		{ "\033[4~", "mmlimit: 23 to 30 of 30 limits by" },
		{ "\033[1~", "mmlimit: 30 limits by" },
		/* None of them does anything. */
		{ "\033[24~", "mmlimit: 30 limits by" },
		{ "\033", "mmlimit: 30 limits by" },
	};

	for (int i = 0; i < 30; i++)
		ASSERT_EQ(mmlimit_set(TEST_USER_FIRST + i, MIB), 0);
	start_of_size(10, 80);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		background_type(&top, table[i].keys);
		background_expect(&top, HOME);
		background_expect(&top, END_OF_SCREEN);
		EXPECT_EQ(strncmp(picture(), table[i].title,
				  strlen(table[i].title)),
			  0);
		expect_fits(10, 80);
	}
	quit();
	for (int i = 0; i < 30; i++)
		EXPECT_EQ(mmlimit_remove(TEST_USER_FIRST + i), 0);
}

KTAP_TEST(key_shows_the_processes_of_a_user, 20, "tools")
{
	struct worker worker, other;
	char line[64];

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	worker = start_holding(USER_A, 10 * MIB);
	other = start_holding(USER_B, 10 * MIB);
	start();
	EXPECT_TRUE(!strstr(picture(), "\n  pid "));
	background_type(&top, "p");
	background_expect(&top, HOME);
	background_expect(&top, END_OF_SCREEN);
	snprintf(line, sizeof(line), "\n  pid %-7d ", worker.pid);
	EXPECT_TRUE(strstr(picture(), line));
	/* It holds that, and what a process has anyway. */
	EXPECT_TRUE(strstr(picture(), " 10.") || strstr(picture(), " 11"));
	snprintf(line, sizeof(line), "\n  pid %-7d ", other.pid);
	EXPECT_TRUE(!strstr(picture(), line));
	expect_fits(24, 80);
	background_type(&top, "p");
	background_expect(&top, HOME);
	background_expect(&top, END_OF_SCREEN);
	EXPECT_TRUE(!strstr(picture(), "\n  pid "));
	quit();
	worker_end(&worker);
	worker_end(&other);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(top_prints_tables_on_a_dumb_terminal, 20, "tools")
{
	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	background_start_on_terminal(
		&top, 24, 80,
		(const char *const[]){ "env", "TERM=dumb", "mmlimit", "top",
				       "--delay", "1h", NULL });
	background_expect(&top, "u0_a70 ");
	EXPECT_EQ(background_end(&top, SIGTERM), 0);
	EXPECT_TRUE(!strchr(top.text, '\033'));
	background_close(&top);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(top_leaves_the_terminal_as_it_was_on_signals, 20, "tools")
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		start();
		EXPECT_EQ(background_end(&top, signals[i]), 0);
		expect_restored();
		background_close(&top);
	}
	start();
	/* The key as the terminal sends it */
	background_type(&top, "\003");
	EXPECT_EQ(background_wait(&top), 0);
	expect_restored();
	background_close(&top);
}

KTAP_TEST(top_lends_the_terminal_while_it_is_stopped, 20, "tools")
{
	struct termios now;

	start();
	ASSERT_EQ(kill(top.pid, SIGTSTP), 0);
	background_expect(&top, LEAVE);
	process_wait_for(top.pid, 'T');
	ASSERT_EQ(tcgetattr(top.terminal, &now), 0);
	EXPECT_TRUE(now.c_lflag & ICANON);
	EXPECT_TRUE(now.c_lflag & ECHO);
	ASSERT_EQ(kill(top.pid, SIGCONT), 0);
	background_expect(&top, ENTER);
	background_expect(&top, END_OF_SCREEN HOME);
	background_expect(&top, END_OF_SCREEN);
	ASSERT_EQ(tcgetattr(top.terminal, &now), 0);
	EXPECT_TRUE(!(now.c_lflag & (ICANON | ECHO)));
	/* From here on all is as if nothing had been. */
	memmove(top.text, top.text + top.seen, top.length - top.seen + 1);
	top.length -= top.seen;
	top.seen = 0;
	quit();
}

KTAP_TEST(top_prints_tables_where_it_cannot_draw, 20, "tools")
{
	static const char table[] =
		"USER    LIMIT  KIND  USAGE  USE%  GRACE  KILLS  POLICY       STATE\n"
		"u0_a70  20MiB  hard     0B   0.0     0s      0  highest_rss  idle\n";
	char twice[2 * sizeof(table) + 1];

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	EXPECT_EQ(tool("mmlimit top --once"), 0);
	EXPECT_STREQ(tool_output, table);
	snprintf(twice, sizeof(twice), "%s\n%s", table, table);
	EXPECT_EQ(tool("mmlimit top -n 2 -d 100ms"), 0);
	EXPECT_STREQ(tool_output, twice);
	EXPECT_EQ(tool("mmlimit top --once --bytes"), 0);
	EXPECT_SAID(" 20971520 ");

	BACKGROUND(&top, "mmlimit", "top", "--delay", "1h");
	background_expect(&top, table);
	ASSERT_EQ(mmlimit_set(USER_A, 30 * MIB), 0);
	background_expect(&top, "u0_a70  30MiB ");
	EXPECT_EQ(background_end(&top, SIGTERM), 0);
	background_close(&top);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(tool("mmlimit top --once >/dev/full"), 1);
}

KTAP_TEST(top_looks_at_usages_as_often_as_told, 20, "tools")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	worker = worker_start(USER_A);
	background_start_on_terminal(
		&top, 24, 80,
		(const char *const[]){ "mmlimit", "top", "-d", "200ms", NULL });
	background_expect(&top, "u0_a70 ");
	ASSERT_EQ(worker_call(&worker, held_grow, 15 * MIB / PAGE), 0);
	background_expect(&top, "MiB     20MiB ");
	background_expect(&top, END_OF_SCREEN);
	quit();
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
