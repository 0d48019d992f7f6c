// SPDX-License-Identifier: GPL-2.0-only
/* A list of strings as execve() takes it. */
#include <stdarg.h>
#include <stdlib.h>

#include "arguments.h"
#include "text.h"

void arguments_add(struct arguments *arguments, const char *format, ...)
{
	struct text text = { 0 };
	va_list list;
	char **grown;

	va_start(list, format);
	text_vprintf(&text, format, list);
	va_end(list);
	grown = realloc(arguments->list,
			(arguments->count + 2) * sizeof(*grown));
	if (grown)
		arguments->list = grown;
	if (!grown || text.failed) {
		arguments->failed = true;
		text_free(&text);
		return;
	}
	grown[arguments->count++] = text.data;
	grown[arguments->count] = NULL;
}

void arguments_free(struct arguments *arguments)
{
	size_t i;

	for (i = 0; i < arguments->count; i++)
		free(arguments->list[i]);
	free(arguments->list);
	*arguments = (struct arguments){ 0 };
}
