// SPDX-License-Identifier: GPL-2.0-only
/* The time. */
#define _GNU_SOURCE 1
#include <time.h>

#include "clock.h"

long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
