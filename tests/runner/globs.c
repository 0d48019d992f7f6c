// SPDX-License-Identifier: GPL-2.0-only
/* A list of globs between blanks. Pure. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "globs.h"

static const char blanks[] = " \t\n";

/* Takes the next glob off @list. Returns a copy, or NULL after the last. */
static char *next_glob(const char **list)
{
	const char *start = *list + strspn(*list, blanks);
	size_t length = strcspn(start, blanks);

	*list = start + length;
	return length ? strndup(start, length) : NULL;
}

bool globs_match(const char *globs, const char *name)
{
	bool any = false;
	bool match = false;
	char *glob;

	while ((glob = next_glob(&globs))) {
		any = true;
		match |= !fnmatch(glob, name, 0);
		free(glob);
	}
	return match || !any;
}

char *globs_unmatched(const char *globs, globs_name_fn *name, const void *names)
{
	const char *one;
	char *glob;
	size_t i;

	while ((glob = next_glob(&globs))) {
		for (i = 0; (one = name(names, i)); i++) {
			if (!fnmatch(glob, one, 0))
				break;
		}
		if (!one)
			return glob;
		free(glob);
	}
	return NULL;
}
