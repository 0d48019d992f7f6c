// SPDX-License-Identifier: GPL-2.0-only
/* Text of others, such as the names that processes give themselves. */
#include "text.h"

char *make_printable(char *text)
{
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return text;
}
