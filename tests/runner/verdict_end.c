// SPDX-License-Identifier: GPL-2.0-only
/* What a guest's console says once it has ended: the verdict. */
#include <string.h>

#include "verdict.h"

/* The exit status that init reports for a suite that is not there. */
#define NO_SUCH_SUITE 127

/* Adds a failed case of the runner's own, see verdict.h. */
static struct test_case *fail(struct verdict *verdict, enum outcome outcome,
			      const char *name, const char *message,
			      const char *detail)
{
	struct test_case *test;

	test = cases_add(&verdict->cases, CASE_FAILED, name, message);
	case_add_detail(&verdict->cases, test, detail);
	if (test)
		test->last_line = verdict->line;
	if (outcome > verdict->outcome)
		verdict->outcome = outcome;
	return test;
}

static void add_tail(struct text *text, const struct verdict *verdict)
{
	unsigned long i = 0;

	if (verdict->tail_count > VERDICT_TAIL)
		i = verdict->tail_count - VERDICT_TAIL;
	text_puts(text, verdict->tail_count ?
				"The last lines of the console:\n" :
				"The console stayed empty.\n");
	for (; i < verdict->tail_count; i++) {
		const char *line = verdict->tail[i % VERDICT_TAIL];

		text_puts(text, "  ");
		text_add_clean(text, line, strlen(line));
		text_puts(text, "\n");
	}
}

/* What ended the console before its time, in the order of what explains it. */
static const char *early_end(const struct verdict *verdict, const char *why)
{
	return verdict->hang.length ? text_string(&verdict->hang) : why;
}

static void judge_boot(struct verdict *verdict, const char *why)
{
	struct text message = { 0 };
	struct text detail = { 0 };

	text_puts(&message, "the suite's begin line never came: ");
	if (verdict->unstamped)
		text_puts(
			&message,
			"one without time stamp does not count (printk.time=1)");
	else if (verdict->stray_headline.length && !verdict->hang.length)
		text_puts(&message, text_string(&verdict->stray_headline));
	else
		text_puts(&message, early_end(verdict, why));
	text_puts(&detail, text_string(&verdict->stray));
	add_tail(&detail, verdict);
	fail(verdict, OUTCOME_BOOT, CASE_BOOTS, text_string(&message),
	     text_string(&detail));
	verdict->cases.failed |= message.failed | detail.failed;
	text_free(&message);
	text_free(&detail);
	text_reset(&verdict->stray);
	text_reset(&verdict->stray_headline);
}

static void judge_early_end(struct verdict *verdict, const char *why)
{
	const char *reason = early_end(verdict, why);
	struct text detail = { 0 };

	if (*verdict->running.name) {
		struct text message = { 0 };

		text_printf(&message, "%s while it ran", reason);
		verdict_lose_running(verdict, text_string(&message));
		verdict->cases.failed |= message.failed;
		text_free(&message);
		return;
	}
	add_tail(&detail, verdict);
	fail(verdict, verdict->hang.length ? OUTCOME_HANG : OUTCOME_FAILED,
	     CASE_ENDS, reason, text_string(&detail));
	verdict->cases.failed |= detail.failed;
	text_free(&detail);
}

static void judge_protocol(struct verdict *verdict)
{
	const char *faults;
	struct text first = { 0 };

	if (verdict->began && verdict->ended && !verdict->planned)
		ktap_fault(&verdict->ktap, "the suite has no plan%s",
			   verdict->status == NO_SUCH_SUITE ?
				   ": the guest has no suite of this name" :
				   "");
	else if (verdict->began && verdict->ended && !verdict->results &&
		 !verdict->selection)
		ktap_fault(&verdict->ktap, "no test ran");
	if (verdict->ended && verdict->status &&
	    !cases_count(&verdict->cases, CASE_FAILED))
		ktap_fault(&verdict->ktap,
			   "no test failed, but the suite's exit status is %u",
			   verdict->status);
	if (!verdict->ktap.fault_count)
		return;
	faults = text_string(&verdict->ktap.faults);
	text_add(&first, faults, strcspn(faults, "\n"));
	fail(verdict, OUTCOME_FAILED, CASE_PROTOCOL, text_string(&first),
	     verdict->ktap.fault_count > 1 ? faults : "");
	verdict->cases.failed |= first.failed;
	text_free(&first);
}

static void judge_stray(struct verdict *verdict)
{
	struct test_case *test;

	test = fail(verdict, OUTCOME_SPLAT, CASE_KERNEL_LOG,
		    text_string(&verdict->stray_headline),
		    text_string(&verdict->stray));
	if (!test)
		return;
	test->splat = strlen(test->detail);
	test->first_line = verdict->stray_line;
	test->last_line = verdict->stray_line;
}

static bool memory_ran_out(const struct verdict *verdict)
{
	return verdict->cases.failed || verdict->ktap.faults.failed ||
	       verdict->stray.failed || verdict->stray_headline.failed ||
	       verdict->hang.failed || verdict->running.output.failed ||
	       verdict->running.splats.failed ||
	       verdict->running.headline.failed ||
	       verdict->watch.headline.failed || verdict->watch.pending.failed;
}

void verdict_end(struct verdict *verdict, const char *why)
{
	size_t failed;

	verdict_close_splat(verdict);
	verdict->ktap.why = early_end(verdict, why);
	if (!verdict->began)
		judge_boot(verdict, why);
	else if (!verdict->ended || verdict->hang.length)
		judge_early_end(verdict, why);
	ktap_end(&verdict->ktap);
	judge_protocol(verdict);
	if (verdict->stray.length)
		judge_stray(verdict);

	failed = cases_count(&verdict->cases, CASE_FAILED);
	if (failed && verdict->outcome == OUTCOME_PASSED)
		verdict->outcome = OUTCOME_FAILED;
	if (memory_ran_out(verdict))
		verdict->outcome = OUTCOME_ERROR;
	/* The positive verdict: nothing above may have been forgotten. */
	if (verdict->outcome == OUTCOME_PASSED &&
	    (!verdict->began || !verdict->ended ||
	     (!verdict->results && !verdict->selection)))
		fail(verdict, OUTCOME_FAILED, CASE_ENDS, "incomplete", "");
	else if (verdict->outcome != OUTCOME_PASSED && !failed)
		fail(verdict, verdict->outcome, CASE_ENDS,
		     memory_ran_out(verdict) ? "the runner's memory ran out" :
					       "inconsistent",
		     "");
}

void verdict_free(struct verdict *verdict)
{
	cases_free(&verdict->cases);
	ktap_free(&verdict->ktap);
	splat_watch_free(&verdict->watch);
	text_free(&verdict->running.output);
	text_free(&verdict->running.splats);
	text_free(&verdict->running.headline);
	text_free(&verdict->stray);
	text_free(&verdict->stray_headline);
	text_free(&verdict->hang);
}
