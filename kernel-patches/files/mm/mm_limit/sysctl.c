// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: sysctls, vm.mm_limit_*.
 */

#include <linux/init.h>
#include <linux/sysctl.h>

#include "internal.h"

/* Users below cannot be limited: system services, as on Android */
unsigned int mm_limit_min_uid = 10000;
/* Limits that can stand at once */
unsigned int mm_limit_max_entries = 1024;
/* Time for a victim to give its memory back, in milliseconds */
unsigned int mm_limit_kill_wait_ms = 100;
/* Whether the log shows all limits after each change */
unsigned int mm_limit_log_table = 1;

/* How long may swapping go on whose pages come straight back, in milliseconds */
unsigned int mm_limit_thrash_ms = 10000;

static unsigned int max_kill_wait_ms = 60000;
static unsigned int max_thrash_ms = 3600000;

static struct ctl_table mm_limit_sysctls[] = {
	{
		.procname	= "mm_limit_trigger",
		.mode		= 0644,
		.proc_handler	= mm_limit_trigger_handler,
	},
	{
		.procname	= "mm_limit_min_uid",
		.data		= &mm_limit_min_uid,
		.maxlen		= sizeof(mm_limit_min_uid),
		.mode		= 0644,
		.proc_handler	= proc_douintvec,
	},
	{
		.procname	= "mm_limit_max_entries",
		.data		= &mm_limit_max_entries,
		.maxlen		= sizeof(mm_limit_max_entries),
		.mode		= 0644,
		.proc_handler	= proc_douintvec,
	},
	{
		.procname	= "mm_limit_kill_wait_ms",
		.data		= &mm_limit_kill_wait_ms,
		.maxlen		= sizeof(mm_limit_kill_wait_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= SYSCTL_ONE,
		.extra2		= &max_kill_wait_ms,
	},
	{
		.procname	= "mm_limit_thrash_ms",
		.data		= &mm_limit_thrash_ms,
		.maxlen		= sizeof(mm_limit_thrash_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= SYSCTL_ONE,
		.extra2		= &max_thrash_ms,
	},
	{
		.procname	= "mm_limit_log_table",
		.data		= &mm_limit_log_table,
		.maxlen		= sizeof(mm_limit_log_table),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
};

static int __init mm_limit_sysctl_init(void)
{
	register_sysctl_init("vm", mm_limit_sysctls);
	return 0;
}
late_initcall(mm_limit_sysctl_init);
