/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the hooks that the rest of the kernel calls.
 * The model and its locking: Documentation/mm/mm_limit.rst.
 */
#ifndef _LINUX_MM_LIMIT_H
#define _LINUX_MM_LIMIT_H

#include <linux/gfp_types.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/mm_types.h>
#include <linux/thread_info.h>

struct task_struct;
struct user_struct;

#ifdef CONFIG_MM_LIMIT

/* In mm_limit_mm.charged: counters change under the mm's gate */
#define MM_LIMIT_GATED	1UL

/* On while any user is charged */
extern struct static_key_false_deferred mm_limit_key;

/* On while vm.mm_limit_trigger looks at page allocations */
DECLARE_STATIC_KEY_FALSE(mm_limit_walk_key);

unsigned long __mm_limit_begin(struct mm_struct *mm);
void __mm_limit_end(struct mm_struct *mm, unsigned long charged, long pages);

static inline bool mm_limit_enabled(void)
{
	return static_branch_unlikely(&mm_limit_key.key);
}

/**
 * mm_limit_begin - about to change a counter of an mm
 * @mm: the mm
 *
 * The change, this call and mm_limit_end() form one unit that the handing over
 * of an mm to an account must not cut in two. So it waits for an RCU grace
 * period, and the caller must be in a read-side section of some kind: under a
 * page-table lock, or with preemption disabled. Nothing in between may sleep.
 *
 * Return: what mm_limit_end() wants to know.
 */
static inline unsigned long mm_limit_begin(struct mm_struct *mm)
{
	unsigned long charged;

	if (!mm_limit_enabled())
		return 0;

	charged = READ_ONCE(mm->mm_limit.charged);
	if (unlikely(charged & MM_LIMIT_GATED))
		charged = __mm_limit_begin(mm);
	return charged;
}

/**
 * mm_limit_end - a counter of an mm has changed
 * @mm: the mm
 * @charged: what mm_limit_begin() returned
 * @pages: by how many pages, negative for fewer
 */
static inline void mm_limit_end(struct mm_struct *mm, unsigned long charged,
				long pages)
{
	if (unlikely(charged))
		__mm_limit_end(mm, charged, pages);
}

void mm_limit_mm_init(struct mm_struct *mm);
void mm_limit_attach(struct mm_struct *mm, struct task_struct *task);
void mm_limit_detach(struct mm_struct *mm);
void mm_limit_copy_begin(struct mm_struct *mm, struct mm_struct *oldmm);
void mm_limit_copy_end(struct mm_struct *mm);
void mm_limit_change_owner(struct user_struct *user);
void __mm_limit_resume_user_mode(void);
bool __mm_limit_throttle(void);
void __mm_limit_alloc(gfp_t gfp);

/**
 * mm_limit_resume_user_mode - stop a thread whose user is above its limit
 *
 * Called without locks before a return to user mode; sleeps, killably, while
 * the killer is making room.
 */
static inline void mm_limit_resume_user_mode(void)
{
	if (mm_limit_enabled())
		__mm_limit_resume_user_mode();
}

/**
 * mm_limit_throttle - stop a long system call whose user is above its limit
 *
 * For places that make many pages resident before they return to user mode.
 * Sleeps, killably, while the killer is making room; locks that a dying process
 * needs may be held, for the killer gets by without.
 *
 * Return: true if the current task has been killed and should give up.
 */
static inline bool mm_limit_throttle(void)
{
	if (!mm_limit_enabled() || !test_thread_flag(TIF_NOTIFY_RESUME))
		return false;
	return __mm_limit_throttle();
}

/**
 * mm_limit_alloc - a page is about to be allocated
 * @gfp: how
 *
 * Where the triggers "alloc" and "hybrid" look at the current user.
 */
static inline void mm_limit_alloc(gfp_t gfp)
{
	if (static_branch_unlikely(&mm_limit_walk_key))
		__mm_limit_alloc(gfp);
}

#else /* !CONFIG_MM_LIMIT */

static inline unsigned long mm_limit_begin(struct mm_struct *mm)
{
	return 0;
}

static inline void mm_limit_end(struct mm_struct *mm, unsigned long charged,
				long pages)
{
}

static inline void mm_limit_mm_init(struct mm_struct *mm)
{
}

static inline void mm_limit_attach(struct mm_struct *mm,
				   struct task_struct *task)
{
}

static inline void mm_limit_detach(struct mm_struct *mm)
{
}

static inline void mm_limit_copy_begin(struct mm_struct *mm,
				       struct mm_struct *oldmm)
{
}

static inline void mm_limit_copy_end(struct mm_struct *mm)
{
}

static inline void mm_limit_change_owner(struct user_struct *user)
{
}

static inline void mm_limit_resume_user_mode(void)
{
}

static inline bool mm_limit_throttle(void)
{
	return false;
}

static inline void mm_limit_alloc(gfp_t gfp)
{
}

#endif /* CONFIG_MM_LIMIT */
#endif /* _LINUX_MM_LIMIT_H */
