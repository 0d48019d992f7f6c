/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of people in what programs read as JSON. */
#ifndef COMMON_JSON_TEXT_H
#define COMMON_JSON_TEXT_H

#include <stdio.h>

/* Writes a string with its quotes, or null for NULL. */
void json_string(FILE *file, const char *text);

#endif /* COMMON_JSON_TEXT_H */
