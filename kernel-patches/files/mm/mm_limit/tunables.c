// SPDX-License-Identifier: GPL-2.0-only
/* Per-user memory limits: what the administrator tunes; sysctl.c shows it. */

#include "internal.h"

/* Users below cannot be limited: system services, as on Android */
unsigned int mm_limit_min_uid = 10000;
/* Limits that can stand at once */
unsigned int mm_limit_max_entries = 1024;
/* Time for a victim to give its memory back, in milliseconds */
unsigned int mm_limit_kill_wait_ms = 100;
/* Whether the log shows all limits after each change */
unsigned int mm_limit_log_table = 1;

/* How long swapping may go on whose pages come straight back, in milliseconds */
unsigned int mm_limit_thrash_ms = 10000;

enum mm_limit_trigger mm_limit_trigger = MM_LIMIT_TRIGGER_EXACT;

enum mm_limit_count mm_limit_count = MM_LIMIT_COUNT_HELD;
