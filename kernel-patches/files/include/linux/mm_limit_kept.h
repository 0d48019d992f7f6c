/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the hooks for what is kept by something that lasts, and charged
 * along with it. Included by <linux/mm_limit_held.h>.
 */
#ifndef _LINUX_MM_LIMIT_KEPT_H
#define _LINUX_MM_LIMIT_KEPT_H

#include <linux/mm_limit.h>

#ifdef CONFIG_MM_LIMIT

bool __mm_limit_charge_calls(const struct task_struct *task);

/**
 * mm_limit_charge_calls - charge a thread with what its calls keep while they last
 * @task: its task_struct, new
 *
 * That is the name of a path, or a page for another purpose, and the links on the way. Any call
 * can last as long as the user likes: others of its threads keep that one from running.
 *
 * Return: false if it does not fit the limit of the current task's user.
 */
static inline bool mm_limit_charge_calls(const struct task_struct *task)
{
	return !mm_limit_enabled() || __mm_limit_charge_calls(task);
}

#else /* !CONFIG_MM_LIMIT */

static inline bool mm_limit_charge_calls(const struct task_struct *task)
{
	return true;
}

#endif /* CONFIG_MM_LIMIT */
#endif /* _LINUX_MM_LIMIT_KEPT_H */
