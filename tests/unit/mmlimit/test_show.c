// SPDX-License-Identifier: GPL-2.0-only
/* How limits are shown: as a table, on a screen, for programs. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "screen.h"
#include "table.h"

#define PLAIN_LIMIT                                                           \
	{                                                                     \
		.uid = 10145, .fields = 63, .mm_max = 1000, .hard_max = 1000, \
		.self_max = MM_LIMIT_ATTR_NONE,                               \
		.swap_max = MM_LIMIT_ATTR_NONE, .swap = 4096                  \
	}

#define RECLAIMING_LIMIT                                                    \
	{                                                                   \
		.uid = 10170, .fields = 63, .mm_max = 104857600,            \
		.hard_max = 104857600, .self_max = MM_LIMIT_ATTR_NONE,      \
		.flags = MM_LIMIT_RECLAIM, .threshold = 80,                 \
		.swap_max = 67108864, .swap = 13107200, .usage = 103232307, \
		.state = MM_LIMIT_RECLAIMING, .scanned = 90, .spared = 50,  \
		.swapped_out = 40, .dropped = 1, .direct_reclaims = 2,      \
		.refaults = 3, .thrashed = 4, .anon = 78643200,             \
		.file = 1048576, .shmem = 2097152, .tables = 262144,        \
		.kernel = 524288, .refused = 5, .warn = 90, .warned = 1,    \
		.warnings = 6, .dry_kills = 7, .term_ms = 500, .terms = 8   \
	}

static const struct mm_limit_attr limits[] = { PLAIN_LIMIT, RECLAIMING_LIMIT };

/* What was written, by stdio or to the terminal */
static char *shown;
static size_t length;
static FILE *stdout_before;

static void begin(void)
{
	free(shown);
	stdout_before = stdout;
	stdout = open_memstream(&shown, &length);
	assert_non_null(stdout);
}

static void end(void)
{
	fclose(stdout);
	stdout = stdout_before;
}

/* The linker's --wrap puts this in the place of a terminal. */
int __wrap_terminal_write(const char *text, size_t size);
int __wrap_terminal_write(const char *text, size_t size)
{
	fwrite(text, 1, size, stdout);
	return 0;
}

static void draw(size_t count, unsigned int rows, unsigned int columns)
{
	struct view view = { .limits = limits,
			     .count = count,
			     .order = "share" };
	const struct terminal_size size = { rows, columns };

	begin();
	assert_int_equal(screen_draw(&view, size), 0);
	end();
}

static void expect_shown(const char *text)
{
	if (!strstr(shown, text))
		fail_msg("no '%s' in\n%s", text, shown);
}

static void table_has_columns_for_reclaim_where_a_limit_does(void **state)
{
	(void)state;
	begin();
	table_print(limits, 1, false, 80);
	end();
	assert_string_equal(
		shown,
		"USER   LIMIT  KIND  USAGE  USE%  GRACE  KILLS  POLICY       STATE\n"
		"10145  1000B  hard     0B   0.0     0s      0  highest_rss  idle\n");
	begin();
	table_print(limits, 2, false, TABLE_UNBOUNDED);
	end();
	assert_string_equal(
		shown,
		"USER    LIMIT  KIND    USAGE  USE%  GRACE  KILLS  POLICY       STATE              RECLAIM     SWAP  SWAPMAX\n"
		"10145   1000B  hard       0B   0.0     0s      0  highest_rss  idle                   off     4KiB     none\n"
		"10170  100MiB  hard  98.4MiB  98.4     0s      0  highest_rss  reclaiming,warned      80%  12.5MiB    64MiB\n");
	begin();
	table_print(limits, 2, true, TABLE_UNBOUNDED);
	end();
	expect_shown("  13107200  67108864\n");
}

/* The longest line */
static size_t widest(void)
{
	size_t most = 0, now = 0;

	for (size_t i = 0; i < length; i++) {
		now = shown[i] == '\n' ? 0 : now + 1;
		most = now > most ? now : most;
	}
	return most;
}

/* The longest state that there is, of a user with a long name */
static void longest_state_leaves_the_table_80_columns(void **state)
{
	struct mm_limit_attr worst = limits[1];

	(void)state;
	worst.uid = 4294967294;
	worst.state = MM_LIMIT_TERMINATING;
	worst.flags |= MM_LIMIT_DRY_RUN;
	begin();
	table_print(&worst, 1, false, 80);
	end();
	assert_string_equal(
		shown,
		"USER         LIMIT    USAGE  USE%  KILLS  STATE                      SWAP\n"
		"4294967294  100MiB  98.4MiB  98.4      0  terminating,warned,dry  12.5MiB\n");
}

static void table_fits_by_leaving_out_what_says_less(void **state)
{
	(void)state;
	begin();
	table_print(limits, 2, false, 80);
	end();
	assert_string_equal(
		shown,
		"USER    LIMIT    USAGE  USE%  GRACE  KILLS  STATE              RECLAIM     SWAP\n"
		"10145   1000B       0B   0.0     0s      0  idle                   off     4KiB\n"
		"10170  100MiB  98.4MiB  98.4     0s      0  reclaiming,warned      80%  12.5MiB\n");
	for (unsigned int width = 40; width < 120; width++) {
		for (int exactly = 0; exactly < 2; exactly++) {
			begin();
			table_print(limits, 2, exactly, width);
			end();
			assert_true(widest() <= width);
			expect_shown("USER ");
			expect_shown(" LIMIT  ");
			expect_shown("USAGE");
		}
	}
}

static void programs_are_told_all_figures(void **state)
{
	(void)state;
	begin();
	json_print(limits, 2);
	end();
	expect_shown("\"flags\": 0, \"state\": \"idle\", \"hard_max\": 1000, ");
	expect_shown(
		"\"threshold\": null, \"swap_max\": null, \"swap\": 4096, \"swap_stored\": 4096, \"scanned\": 0, ");
	expect_shown(
		"\"flags\": 1, \"state\": \"reclaiming\", \"hard_max\": 104857600, ");
	expect_shown(
		"\"threshold\": 80, \"swap_max\": 67108864, \"swap\": 13107200, \"swap_stored\": 13107200, \"scanned\": 90, \"spared\": 50, \"swapped_out\": 40, \"dropped\": 1, \"direct_reclaims\": 2, \"refaults\": 3, \"thrashed\": 4, \"anon\": 78643200, \"file\": 1048576, \"shmem\": 2097152, \"tables\": 262144, \"kernel\": 524288, \"refused\": 5, \"warn\": 90, \"warned\": 1, \"warnings\": 6, \"dry_kills\": 7, \"term_ms\": 500, \"terms\": 8, \"rule\": null, \"first\": null, \"last\": null, \"members\": null}");
}

static void what_a_kernel_does_not_know_is_null(void **state)
{
	struct mm_limit_attr limit = { .uid = 10145,
				       .fields = 15,
				       .swap_max = MM_LIMIT_ATTR_NONE };

	(void)state;
	begin();
	json_print(&limit, 1);
	end();
	expect_shown(
		"\"threshold\": null, \"swap_max\": null, \"swap\": null, \"swap_stored\": null, \"scanned\": null, \"spared\": null, \"swapped_out\": null, \"dropped\": null, \"direct_reclaims\": null, \"refaults\": null, \"thrashed\": null, \"anon\": 0, ");
}

static void screen_has_a_line_more_for_a_limit_that_reclaims(void **state)
{
	(void)state;
	draw(1, 24, 80);
	assert_null(strstr(shown, "swap"));
	draw(2, 24, 80);
	expect_shown(
		"\n10170          98.4MiB    100MiB   98.4%      0 reclaiming      [");
	expect_shown(
		"\n  swap 12.5MiB of 64MiB, 40 out, 3 back, 2 direct, 4 thrashed\033[K\n");
}

/* There are two limits, one of them with two lines. */
static void screen_says_how_many_limits_do_not_fit(void **state)
{
	(void)state;
	for (unsigned int rows = 1; rows < 8; rows++) {
		unsigned int lines = 0;

		draw(2, rows, 80);
		for (size_t i = 0; i < length; i++)
			lines += shown[i] == '\n';
		assert_true(lines < rows + (rows == 1));
		if (rows == 3)
			expect_shown("\n... and 2 more");
		if (rows == 1 || rows > 3)
			assert_null(strstr(shown, "more"));
		if (rows > 4)
			expect_shown("thrashed");
	}
}

/* The screen as a text */
static void strip(void)
{
	size_t to = 0;

	for (size_t i = 0; i < length; i++) {
		if (shown[i] == '\033')
			while (!strchr("mHKJ", shown[i]))
				i++;
		else
			shown[to++] = shown[i];
	}
	shown[to] = '\0';
	length = to;
}

static void screen_leaves_out_what_says_less_where_it_is_narrow(void **state)
{
	static const struct {
		unsigned int columns;
		const char *titles;
		bool has_bar;
	} table[] = {
		{ 72, "USER         USAGE LIMIT USE% KILLS STATE", true },
		{ 71, "USER         USAGE LIMIT USE% KILLS", true },
		{ 55, "USER         USAGE LIMIT USE%", true },
		{ 48, "USER         USAGE LIMIT USE%", false },
		{ 40, "USER         USAGE USE%", false },
		{ 30, "USER         USE%", false },
		{ 20, "USER", false },
		{ 3, "US", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		char titles[128] = "", expected[128] = "", word[16];
		const char *line, *row;
		int used;

		draw(1, 24, table[i].columns);
		strip();
		assert_true(widest() < table[i].columns);
		line = strchr(shown, '\n') + 1;
		for (;
		     *line != '\n' && sscanf(line, "%15s%n", word, &used) == 1;
		     line += used + strspn(line + used, " "))
			strcat(strcat(titles, word), " ");
		line = table[i].titles;
		for (; sscanf(line, "%15s%n", word, &used) == 1; line += used)
			strcat(strcat(expected, word), " ");
		assert_string_equal(titles, expected);
		row = strchr(strchr(shown, '\n') + 1, '\n') + 1;
		assert_int_equal(!!strstr(row, " ["), table[i].has_bar);
	}
}

static void screen_has_the_largest_processes_below_a_limit(void **state)
{
	static struct process list[] = {
		{ 7, 10145, 3 << 20, "big" },	 { 8, 10145, 2 << 20, "b" },
		{ 9, 10145, 1 << 20, "c" },	 { 10, 10145, 4096, "d" },
		{ 11, 10145, 4096, "e" },	 { 12, 10145, 4096, "sixth" },
		{ 13, 10146, 9 << 20, "other" },
	};
	const struct processes processes = { list, ARRAY_SIZE(list) };
	struct view view = { .limits = limits,
			     .count = 2,
			     .order = "share",
			     .processes = &processes };

	(void)state;
	begin();
	assert_int_equal(screen_draw(&view, (struct terminal_size){ 24, 80 }),
			 0);
	end();
	strip();
	expect_shown(
		"\n  pid 7            3MiB  big\n  pid 8            2MiB  b\n");
	expect_shown("  e\n10170 ");
	assert_null(strstr(shown, "sixth"));
	assert_null(strstr(shown, "other"));
	/* They take lines, and no more than there are. */
	for (unsigned int rows = 2; rows < 15; rows++) {
		unsigned int lines = 1;

		begin();
		assert_int_equal(
			screen_draw(&view, (struct terminal_size){ rows, 80 }),
			0);
		end();
		for (size_t i = 0; i < length; i++)
			lines += shown[i] == '\n';
		assert_true(lines <= rows);
		if (rows > 2 && rows < 9)
			expect_shown("\n... and 2 more");
		if (rows >= 10)
			expect_shown("thrashed");
	}
}

#define MANY 100

static void screen_scrolls_as_far_as_there_are_limits(void **state)
{
	static const struct {
		size_t first;
		size_t real_first;
		const char *title;
		const char *end;
	} table[] = {
		{ 0, 0, "mmlimit: 100 limits by", "\n... and 93 more" },
		{ 1, 1, "mmlimit: 2 to 8 of 100 limits by",
		  "\n... and 92 more" },
		{ 92, 92, "mmlimit: 93 to 100 of 100 limits by", "\n10099 " },
		{ 93, 92, "mmlimit: 93 to 100 of 100 limits by", "\n10099 " },
		{ 100, 92, "mmlimit: 93 to 100 of 100 limits by", "\n10099 " },
	};
	static struct mm_limit_attr many[MANY];

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		many[i] = (struct mm_limit_attr){ .uid = 10000 + i,
						  .mm_max = 1000 };
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct view view = { .limits = many,
				     .count = MANY,
				     .order = "share",
				     .first = table[i].first };

		begin();
		assert_int_equal(screen_draw(&view,
					     (struct terminal_size){ 10, 80 }),
				 0);
		end();
		strip();
		assert_int_equal(view.first, table[i].real_first);
		expect_shown(table[i].title);
		expect_shown(table[i].end);
	}
}

static void screen_has_no_colours_where_nobody_wants_any(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	draw(2, 24, 80);
	expect_shown("\033[31m");
	assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
	draw(2, 24, 80);
	assert_null(strstr(shown, "\033[3"));
	expect_shown("[##");
	/* An empty one does not count. */
	assert_int_equal(setenv("NO_COLOR", "", 1), 0);
	draw(2, 24, 80);
	expect_shown("\033[31m");
	unsetenv("NO_COLOR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			table_has_columns_for_reclaim_where_a_limit_does),
		cmocka_unit_test(longest_state_leaves_the_table_80_columns),
		cmocka_unit_test(table_fits_by_leaving_out_what_says_less),
		cmocka_unit_test(programs_are_told_all_figures),
		cmocka_unit_test(what_a_kernel_does_not_know_is_null),
		cmocka_unit_test(
			screen_has_a_line_more_for_a_limit_that_reclaims),
		cmocka_unit_test(screen_says_how_many_limits_do_not_fit),
		cmocka_unit_test(
			screen_leaves_out_what_says_less_where_it_is_narrow),
		cmocka_unit_test(
			screen_has_the_largest_processes_below_a_limit),
		cmocka_unit_test(screen_scrolls_as_far_as_there_are_limits),
		cmocka_unit_test(screen_has_no_colours_where_nobody_wants_any),
	};

	return RUN_GROUP(tests);
}
