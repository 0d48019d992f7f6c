/* SPDX-License-Identifier: GPL-2.0-only */
/* How long an array is. */
#ifndef COMMON_ARRAY_H
#define COMMON_ARRAY_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

#endif /* COMMON_ARRAY_H */
