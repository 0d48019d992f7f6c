/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks whether a text is JSON by RFC 8259, but not whether it is valid UTF-8.
 */
#ifndef GUEST_JSON_CHECK_H
#define GUEST_JSON_CHECK_H

#include <stdbool.h>

bool json_is_valid(const char *text);

#endif /* GUEST_JSON_CHECK_H */
