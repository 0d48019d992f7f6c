/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges one guest by its console. Pure: fed lines, it does no I/O. */
#ifndef RUNNER_VERDICT_H
#define RUNNER_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "cases.h"
#include "console.h"
#include "ktap.h"
#include "splats.h"
#include "text.h"

/* The longest name of a suite or test is one less; verdict.c scans for 127. */
#define VERDICT_NAME_MAX 128
#define VERDICT_TAIL 12

/*
 * What went wrong apart from the tests becomes a failed case of one of these
 * names, which appears only then.
 */
#define CASE_BOOTS "guest_boots"
#define CASE_ENDS "guest_ends"
#define CASE_PROTOCOL "protocol_is_kept"
#define CASE_KERNEL_LOG "kernel_log_is_clean"

/**
 * struct running - the test between its "# run" line and its result
 * @name: empty when no test runs
 * @first_line: of its "# run" line
 * @since: guest time of its "# run" line, in microseconds
 * @timeout: guest seconds it may take, as the "# run" line says
 * @output: the first lines it printed
 * @output_lines: how many it printed
 * @splats: kernel splats during it, as printable lines
 * @splat_count: how many
 * @headline: of the first
 * @fault: why it cannot pass whatever it says, or NULL
 */
struct running {
	char name[VERDICT_NAME_MAX];
	unsigned long first_line;
	uint64_t since;
	unsigned int timeout;
	struct text output;
	unsigned int output_lines;
	struct text splats;
	unsigned int splat_count;
	struct text headline;
	const char *fault;
};

/**
 * struct verdict - one guest
 * @suite: the suite that it has to run
 * @slowdown: of its kernel
 * @selection: only some tests were asked for: none at all is not a fault
 * @cases: the results
 * @outcome: the worst so far; final after verdict_end()
 * @ktap: the parser
 * @watch: for the kernel's splats
 * @running: the test that is running
 * @stray: splats outside any test: lines, and the first one's headline
 * @stray_headline: see @stray
 * @stray_line: of the log, where the first of these is
 * @line: of the log, the last that came
 * @now: guest time of the last line that had one, in microseconds
 * @began: the suite's begin line came
 * @ended: its end line came, at @ended_at, with @status
 * @planned: the suite itself had a plan
 * @over: nothing that comes can change the verdict; end the guest
 * @hang: why it is considered hung, or empty
 * @unstamped: a begin line without time stamp came
 * @results: results of the suite itself (not of KUnit at boot)
 * @splat_is_stray: where the lines of the present splat go
 * @tail: the last lines of the console, for messages
 * @tail_count: how many lines came
 */
struct verdict {
	const char *suite;
	unsigned int slowdown;
	bool selection;
	struct case_list cases;
	enum outcome outcome;
	struct ktap ktap;
	struct splat_watch watch;
	struct running running;
	struct text stray;
	struct text stray_headline;
	unsigned long stray_line;
	unsigned long line;
	uint64_t now;
	uint64_t ended_at;
	unsigned int status;
	bool began;
	bool ended;
	bool planned;
	bool over;
	bool unstamped;
	bool splat_is_stray;
	unsigned long results;
	struct text hang;
	char tail[VERDICT_TAIL][160];
	unsigned long tail_count;
};

void verdict_begin(struct verdict *verdict, const char *suite,
		   unsigned int slowdown, const struct splats *splats);

/* A console_fn; @context is the verdict. */
void verdict_line(void *context, const struct console_line *line);

/*
 * The guest is to be killed because it hangs; @how says how that was noticed.
 */
void verdict_hang(struct verdict *verdict, const char *how);

/**
 * verdict_end() - no line will come any more
 * @why: how the console ended, for messages: "QEMU ended", "interrupted"
 *
 * Afterwards @verdict->outcome is final. It is OUTCOME_PASSED if and only if
 * no case failed.
 */
void verdict_end(struct verdict *verdict, const char *why);
void verdict_free(struct verdict *verdict);

/* Shared by verdict.c and verdict_end.c */

/* The running test has no result, and will not have one. */
void verdict_lose_running(struct verdict *verdict, const char *reason);

/* The lines of a splat end here. */
void verdict_close_splat(struct verdict *verdict);

#endif
