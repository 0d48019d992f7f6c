// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: the time. */
#define _GNU_SOURCE 1
#include <time.h>

#include "commands.h"

long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
