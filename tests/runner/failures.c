// SPDX-License-Identifier: GPL-2.0-only
/* All that failed, and which failures are the same. Pure. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "failures.h"
#include "source.h"

#define KERNEL "kernel: "

/* "oom/a.c:12: lib/usage.c:34: TEXT" tells the same as "lib/usage.c:34: TEXT". */
static const char *skip_callers(const char *message)
{
	struct source_place place;
	const char *deepest = message;

	while (source_find(message, &place) && place.at == message &&
	       !strncmp(place.end, ": ", 2)) {
		deepest = message;
		message = place.end + 2;
	}
	return deepest;
}

void failure_key(const char *message, struct text *key)
{
	const char *end = message + strlen(message);

	if (!strncmp(message, KERNEL, sizeof(KERNEL) - 1)) {
		const char *rest = strstr(message, "; ");

		end = rest ? rest : end;
	} else {
		message = skip_callers(message);
	}
	while (message < end) {
		bool line = message[0] == ':';

		text_add(key, message++, 1);
		if (message == end || !isdigit((unsigned char)*message))
			continue;
		if (!line)
			text_puts(key, "0");
		while (message < end && isdigit((unsigned char)*message)) {
			if (line)
				text_add(key, message, 1);
			message++;
		}
	}
}

static void add(struct failures *failures, const struct job *job,
		const struct test_case *test)
{
	struct failure *grown;

	grown = realloc(failures->list, (failures->count + 1) * sizeof(*grown));
	if (!grown) {
		failures->failed = true;
		return;
	}
	failures->list = grown;
	grown[failures->count] = (struct failure){
		.job = job,
		.test = test,
		.first = failures->count,
		.count = 1,
	};
	failures->count++;
}

/* The keys are compared once they are all there: there may be thousands. */
static void fold(struct failures *failures)
{
	struct text *keys = calloc(failures->count, sizeof(*keys));
	size_t i;
	size_t k;

	if (!keys) {
		failures->failed |= failures->count > 0;
		return;
	}
	for (i = 0; i < failures->count; i++) {
		struct failure *failure = &failures->list[i];

		failure_key(failure->test->message, &keys[i]);
		failures->failed |= keys[i].failed;
		for (k = 0; k < i; k++) {
			if (failures->list[k].first == k && keys[i].length &&
			    !strcmp(text_string(&keys[i]),
				    text_string(&keys[k])))
				break;
		}
		if (k < i) {
			failure->first = k;
			failures->list[k].count++;
		}
	}
	for (i = 0; i < failures->count; i++)
		text_free(&keys[i]);
	free(keys);
}

void failures_find(struct failures *failures, const struct job *jobs,
		   size_t count)
{
	size_t i;
	size_t k;

	*failures = (struct failures){ 0 };
	for (i = 0; i < count; i++) {
		const struct case_list *cases = &jobs[i].cases;

		for (k = 0; k < cases->count; k++) {
			if (cases->cases[k].status == CASE_FAILED)
				add(failures, &jobs[i], &cases->cases[k]);
		}
	}
	fold(failures);
}

void failures_name_others(const struct failures *failures, size_t first,
			  struct text *names)
{
	const struct job *last = NULL;
	size_t i;

	for (i = first + 1; i < failures->count; i++) {
		const struct failure *failure = &failures->list[i];

		if (failure->first != first)
			continue;
		if (failure->job != last)
			text_printf(names, "%s%s: %s", last ? "; " : "",
				    text_string(&failure->job->name),
				    failure->test->name);
		else
			text_printf(names, ", %s", failure->test->name);
		last = failure->job;
	}
}

void failures_free(struct failures *failures)
{
	free(failures->list);
	*failures = (struct failures){ 0 };
}
