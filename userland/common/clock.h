/* SPDX-License-Identifier: GPL-2.0-only */
/* The time. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

/* Milliseconds that never go back */
long long now_ms(void);

#endif /* COMMON_CLOCK_H */
