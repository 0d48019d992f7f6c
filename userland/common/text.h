/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of others, such as the names that processes give themselves. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

/*
 * Replaces each byte that a terminal might take for a command by '?'. Returns
 * @text.
 */
char *make_printable(char *text);

#endif /* COMMON_TEXT_H */
