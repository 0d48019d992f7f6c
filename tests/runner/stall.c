// SPDX-License-Identifier: GPL-2.0-only
/* Decides when a guest that prints nothing hangs. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stall.h"

/*
 * While a test runs, the guest prints a line every guest second. Without icount
 * that is a second of real time, so the bound has to be well above it.
 */
#define IDLE_MS 5000
/*
 * A kernel's housekeeping wakes an idle guest now and then (without icount;
 * with it the time between costs nothing, and the guest looks busy).
 */
#define IDLE_CPU_PERCENT 2

void stall_begin(struct stall *stall, unsigned int seconds)
{
	*stall = (struct stall){
		.busy_ms = seconds * UINT64_C(1000),
		.idle_ms = IDLE_MS,
	};
	if (stall->idle_ms > stall->busy_ms)
		stall->idle_ms = stall->busy_ms;
}

void stall_output(struct stall *stall, const struct stall_sample *sample)
{
	stall->output_cpu_ms = sample->cpu_ms;
	stall->idle = false;
}

enum stall_kind stall_check(struct stall *stall, uint64_t now_ms,
			    const struct stall_sample *sample)
{
	if (sample->cpu_ms - stall->output_cpu_ms > stall->busy_ms)
		return STALL_BUSY;
	if (!sample->asleep ||
	    (stall->idle && sample->cpu_ms - stall->idle_cpu_ms >
				    stall->idle_ms * IDLE_CPU_PERCENT / 100)) {
		stall->idle = false;
		return STALL_NONE;
	}
	if (!stall->idle) {
		stall->idle = true;
		stall->idle_since_ms = now_ms;
		stall->idle_cpu_ms = sample->cpu_ms;
	}
	return now_ms - stall->idle_since_ms >= stall->idle_ms ? STALL_IDLE :
								 STALL_NONE;
}

bool stall_read_stat(const char *stat, uint64_t *ticks, char *state)
{
	const char *at = strrchr(stat, ')');
	uint64_t user;
	uint64_t system;

	if (!at || sscanf(at + 1,
			  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64
			  " %" SCNu64,
			  state, &user, &system) != 3)
		return false;
	*ticks = user + system;
	return true;
}
