/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the hooks for what is kept by something that lasts, and charged
 * along with it. Included by <linux/mm_limit_held.h>.
 */
#ifndef _LINUX_MM_LIMIT_KEPT_H
#define _LINUX_MM_LIMIT_KEPT_H

#include <linux/mm_limit.h>

struct mm_limit_kept;
struct path;
struct pid;

#ifdef CONFIG_MM_LIMIT

int __mm_limit_keep(struct mm_limit_kept *kept, const struct path *path);
void mm_limit_unkeep(struct mm_limit_kept *kept);
bool __mm_limit_charge_calls(const struct task_struct *task);
bool __mm_limit_charge_numbers(const struct pid *pid);
bool __mm_limit_charge_like(const void *object, const void *other, gfp_t gfp);

/**
 * mm_limit_keep - charge the current task's user with the inode and the name of a path
 * @kept: all zero; gets what is charged, for mm_limit_unkeep()
 * @path: the path, with an inode
 *
 * As mm_limit_keeps(), for what is no object of its own. The root of a mount is charged with
 * the mount.
 *
 * Return: 0, or -ENOMEM: it does not fit.
 * Context: process, may sleep.
 */
static inline int mm_limit_keep(struct mm_limit_kept *kept,
				const struct path *path)
{
	return mm_limit_enabled() ? __mm_limit_keep(kept, path) : 0;
}

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

/**
 * mm_limit_charge_numbers - charge a process with its numbers in nested namespaces
 * @pid: new
 *
 * A number may have a node of a tree to itself, which is more than the rest of it.
 *
 * Return: false if it does not fit the limit of the current task's user.
 */
static inline bool mm_limit_charge_numbers(const struct pid *pid)
{
	return !mm_limit_enabled() || __mm_limit_charge_numbers(pid);
}

/**
 * mm_limit_charge_like - charge an object, unless it is charged, to whom another one is
 * @object: the object
 * @other: the other one, or memory within it, which stays meanwhile
 * @gfp: how the object was allocated
 *
 * For what a thread of the kernel allocates for a user, and what stays with something of
 * another user's. In an interrupt nothing is charged.
 *
 * Return: false if it does not fit that user's limit.
 */
static inline bool mm_limit_charge_like(const void *object, const void *other,
					gfp_t gfp)
{
	return !mm_limit_enabled() || __mm_limit_charge_like(object, other, gfp);
}

#else /* !CONFIG_MM_LIMIT */

static inline int mm_limit_keep(struct mm_limit_kept *kept,
				const struct path *path)
{
	return 0;
}

static inline void mm_limit_unkeep(struct mm_limit_kept *kept)
{
}

static inline bool mm_limit_charge_calls(const struct task_struct *task)
{
	return true;
}

static inline bool mm_limit_charge_numbers(const struct pid *pid)
{
	return true;
}

static inline bool mm_limit_charge_like(const void *object, const void *other,
					gfp_t gfp)
{
	return true;
}

#endif /* CONFIG_MM_LIMIT */
#endif /* _LINUX_MM_LIMIT_KEPT_H */
