/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a text is JSON: RFC 8259, without a look at what UTF-8 it holds. */
#ifndef GUEST_JSON_CHECK_H
#define GUEST_JSON_CHECK_H

#include <stdbool.h>

bool json_is_valid(const char *text);

#endif /* GUEST_JSON_CHECK_H */
