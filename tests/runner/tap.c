// SPDX-License-Identifier: GPL-2.0-only
/* Judges a host program by the TAP that it prints. Pure. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tap.h"

#define COMMENTS_MAX 16384

void tap_begin(struct tap *tap)
{
	*tap = (struct tap){ .ktap.lenient = true };
	tap->ktap.cases = &tap->cases;
}

/* cmocka explains a failure in comments after it, a script often before it. */
static void take_comment(struct tap *tap, const char *comment)
{
	struct text line = { 0 };
	struct test_case *last;

	text_add_clean(&line, comment, strlen(comment));
	text_puts(&line, "\n");
	tap->cases.failed |= line.failed;
	if (tap->last_failed) {
		last = &tap->cases.cases[tap->cases.count - 1];
		if (strlen(last->detail) < COMMENTS_MAX)
			case_add_detail(&tap->cases, last, text_string(&line));
	} else if (tap->comments.length < COMMENTS_MAX) {
		text_puts(&tap->comments, text_string(&line));
	}
	text_free(&line);
}

void tap_line(void *context, const struct console_line *line)
{
	struct tap *tap = context;
	struct test_case *test;
	struct ktap_line ktap;

	if (!line->whole)
		return;
	ktap_scan(&ktap, line->text);
	if (ktap.kind == KTAP_PLAN && !ktap.indent)
		tap->planned = true;
	test = ktap_feed(&tap->ktap, &ktap);
	if (ktap.kind == KTAP_COMMENT) {
		take_comment(tap, ktap.message);
	} else if (ktap.kind == KTAP_RESULT) {
		tap->last_failed = test && test->status == CASE_FAILED;
		if (test)
			test->last_line = line->number;
		if (tap->last_failed)
			case_add_detail(&tap->cases, test,
					text_string(&tap->comments));
		text_reset(&tap->comments);
		if (ktap.directive == KTAP_TIMEOUT)
			tap->outcome = OUTCOME_HANG;
	}
}

void tap_hang(struct tap *tap, const char *why)
{
	text_reset(&tap->hang);
	text_puts(&tap->hang, why);
	tap->outcome = OUTCOME_HANG;
}

/* A failed case without a message gets the first line of its detail. */
static void give_messages(struct tap *tap)
{
	size_t i;

	for (i = 0; i < tap->cases.count; i++) {
		struct test_case *test = &tap->cases.cases[i];
		char *first;

		if (test->status != CASE_FAILED || *test->message)
			continue;
		first = strndup(test->detail, strcspn(test->detail, "\n"));
		if (!first) {
			tap->cases.failed = true;
			return;
		}
		free(test->message);
		test->message = first;
	}
}

static void describe_end(const struct tap *tap, int status, struct text *text)
{
	if (tap->hang.length)
		text_puts(text, text_string(&tap->hang));
	else if (WIFSIGNALED(status))
		text_printf(text, "the program died of signal %d (%s)",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		text_printf(text, "the program ended with status %d",
			    WEXITSTATUS(status));
}

void tap_end(struct tap *tap, int status)
{
	struct test_case *test;
	struct text message = { 0 };
	bool died = status || tap->hang.length;

	describe_end(tap, status, &message);
	tap->ktap.why = text_string(&message);
	ktap_end(&tap->ktap);
	if (!tap->planned)
		ktap_fault(&tap->ktap, "there is no plan");
	else if (!tap->cases.count && !tap->selection)
		ktap_fault(&tap->ktap, "no test ran");
	if (died && (tap->hang.length || WIFSIGNALED(status) ||
		     (!cases_count(&tap->cases, CASE_FAILED) &&
		      !tap->ktap.fault_count)))
		cases_add(&tap->cases, CASE_FAILED, CASE_PROGRAM_ENDS,
			  text_string(&message));
	if (tap->ktap.fault_count) {
		const char *faults = text_string(&tap->ktap.faults);
		struct text first = { 0 };

		text_add(&first, faults, strcspn(faults, "\n"));
		test = cases_add(&tap->cases, CASE_FAILED, "protocol_is_kept",
				 text_string(&first));
		case_add_detail(&tap->cases, test, faults);
		tap->cases.failed |= first.failed;
		text_free(&first);
	}
	give_messages(tap);
	if (cases_count(&tap->cases, CASE_FAILED) &&
	    tap->outcome == OUTCOME_PASSED)
		tap->outcome = OUTCOME_FAILED;
	if (tap->cases.failed || tap->ktap.faults.failed || message.failed ||
	    tap->comments.failed || tap->hang.failed)
		tap->outcome = OUTCOME_ERROR;
	text_free(&message);
}

void tap_free(struct tap *tap)
{
	cases_free(&tap->cases);
	ktap_free(&tap->ktap);
	text_free(&tap->comments);
	text_free(&tap->hang);
}
