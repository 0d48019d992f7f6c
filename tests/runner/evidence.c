// SPDX-License-Identifier: GPL-2.0-only
/* What is shown of a failure besides its message. */
#include <string.h>

#include "evidence.h"

/* The console around a failure: so many lines before the test and after it. */
#define BEFORE 4
#define AFTER 6
/* Of a longer test: so many of its first lines, and of its last. */
#define HEAD 12
#define TAIL 40

static bool is_known(const struct evidence *evidence,
		     const struct source_place *place)
{
	size_t i;

	for (i = 0; i < evidence->source_count; i++) {
		const struct source_lines *lines = &evidence->sources[i];

		if (lines->line == place->line &&
		    lines->file.length == place->path_length &&
		    !strncmp(text_string(&lines->file), place->at,
			     place->path_length))
			return true;
	}
	return false;
}

static void find_sources(struct evidence *evidence, const struct job *job,
			 const char *text)
{
	struct source_place place;

	while (job->setup->sources &&
	       evidence->source_count < EVIDENCE_SOURCES &&
	       source_find(text, &place)) {
		struct source_lines *lines =
			&evidence->sources[evidence->source_count];

		text = place.end;
		if (is_known(evidence, &place))
			continue;
		if (source_read(lines, &place, job->setup->sources))
			evidence->source_count++;
		else
			source_free(lines);
	}
}

static void find_console(struct evidence *evidence, const struct job *job,
			 const struct test_case *test)
{
	const char *log = text_string(&job->log);
	unsigned long last = test->last_line;
	unsigned long first = test->first_line;

	if (!last)
		return;
	if (!first || first > last)
		first = last > TAIL ? last - TAIL : 1;
	else
		first = first > BEFORE ? first - BEFORE : 1;
	evidence->console_first = first;
	if (last - first > HEAD + TAIL) {
		evidence->console_cut = file_lines(log, first, first + HEAD - 1,
						   &evidence->console);
		first = last - TAIL;
		evidence->console_resumes = first;
	}
	file_lines(log, first, last + AFTER, &evidence->console);
}

void evidence_find(struct evidence *evidence, const struct job *job,
		   const struct test_case *test)
{
	*evidence = (struct evidence){ 0 };
	text_add(&evidence->splat, test->detail, test->splat);
	text_puts(&evidence->output, test->detail + test->splat);
	find_sources(evidence, job, test->message);
	find_sources(evidence, job, text_string(&evidence->splat));
	if (job->suite->kind == SUITE_HOST)
		find_sources(evidence, job, text_string(&evidence->output));
	find_console(evidence, job, test);
}

void evidence_free(struct evidence *evidence)
{
	size_t i;

	text_free(&evidence->splat);
	text_free(&evidence->output);
	text_free(&evidence->console);
	for (i = 0; i < evidence->source_count; i++)
		source_free(&evidence->sources[i]);
}
