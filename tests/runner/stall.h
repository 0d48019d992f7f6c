/* SPDX-License-Identifier: GPL-2.0-only */
/* Decides when a guest that prints nothing hangs. Pure. */
#ifndef RUNNER_STALL_H
#define RUNNER_STALL_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct stall_sample - what /proc says of a process at some moment
 * @cpu_ms: CPU time used since it started, all threads
 * @asleep: all of its threads sleep
 */
struct stall_sample {
	uint64_t cpu_ms;
	bool asleep;
};

enum stall_kind {
	STALL_NONE,
	STALL_BUSY,
	STALL_IDLE,
};

/**
 * struct stall - watches one guest
 * @busy_ms: CPU time without a console byte that makes a hang
 * @idle_ms: time asleep, with next to no CPU time, that makes a hang
 * @output_cpu_ms: CPU time at the last console byte
 * @idle_since_ms: since when it sleeps; valid while @idle
 * @idle_cpu_ms: its CPU time then
 * @idle: the last sample found it asleep
 *
 * Neither is plain wall time: on a loaded machine a guest may get little CPU
 * time for long, but then it is neither asleep nor does it use much.
 */
struct stall {
	uint64_t busy_ms;
	uint64_t idle_ms;
	uint64_t output_cpu_ms;
	uint64_t idle_since_ms;
	uint64_t idle_cpu_ms;
	bool idle;
};

/* @seconds: the CPU time that makes a busy hang. */
void stall_begin(struct stall *stall, unsigned int seconds);

/* The guest printed something. */
void stall_output(struct stall *stall, const struct stall_sample *sample);

/* Nothing new since the last call; @now_ms is monotonic. */
enum stall_kind stall_check(struct stall *stall, uint64_t now_ms,
			    const struct stall_sample *sample);

/**
 * stall_read_stat() - read a /proc/PID/stat or /proc/PID/task/TID/stat
 * @stat: its content: "123 (name) S 1 ...": the name may hold anything; state
 *	is field 3, utime and stime, in clock ticks, are fields 14 and 15
 * @ticks: set to utime + stime
 * @state: set to the state
 */
bool stall_read_stat(const char *stat, uint64_t *ticks, char *state);

#endif
