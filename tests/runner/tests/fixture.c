// SPDX-License-Identifier: GPL-2.0-only
/* For the tests of the parsers: the recorded consoles, and judging them. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct splats fixture_splats;

const char *tests_folder(void)
{
	const char *folder = getenv("MM_TESTS");

	return folder ? folder : "tests";
}

void read_fixture(struct text *content, const char *path)
{
	char buffer[4096];
	char name[512];
	size_t length;
	FILE *file;

	snprintf(name, sizeof(name), "%s/%s", tests_folder(), path);
	file = fopen(name, "rb");
	if (!file)
		fail_msg("%s cannot be opened", name);
	text_puts(content, "");
	while ((length = fread(buffer, 1, sizeof(buffer), file)))
		text_add(content, buffer, length);
	fclose(file);
}

int load_splats(void **state)
{
	struct text content = { 0 };
	struct text why = { 0 };

	(void)state;
	read_fixture(&content, "runner/splats.conf");
	if (splats_parse(&fixture_splats, "splats.conf", text_string(&content),
			 &why))
		fail_msg("%s", text_string(&why));
	text_free(&content);
	text_free(&why);
	return 0;
}

int free_splats(void **state)
{
	(void)state;
	splats_free(&fixture_splats);
	return 0;
}

void judge(struct verdict *verdict, const char *suite, const char *data,
	   size_t length, size_t piece)
{
	struct console console = { .fn = verdict_line, .context = verdict };

	verdict_begin(verdict, suite, 1, &fixture_splats);
	while (length) {
		size_t step = length < piece ? length : piece;

		console_feed(&console, data, step);
		data += step;
		length -= step;
	}
	console_end(&console);
	verdict_end(verdict, "the console ended");
}

const struct test_case *find_case(const struct case_list *cases,
				  const char *name)
{
	size_t i;

	for (i = 0; i < cases->count; i++) {
		if (!strcmp(cases->cases[i].name, name))
			return &cases->cases[i];
	}
	return NULL;
}
