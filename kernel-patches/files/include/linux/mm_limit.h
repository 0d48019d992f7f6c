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
#include <linux/percpu_counter.h>
#include <linux/thread_info.h>
#include <linux/timekeeping.h>

struct task_struct;
struct user_struct;

#ifdef CONFIG_MM_LIMIT

/* What is counted, beside the members of &mm_struct.rss_stat */
#define MM_LIMIT_TABLES	NR_MM_COUNTERS

/* On while any user is charged */
extern struct static_key_false_deferred mm_limit_key;

/* On while vm.mm_limit_trigger looks at page allocations */
DECLARE_STATIC_KEY_FALSE(mm_limit_walk_key);

/*
 * Whether a change of a counter is charged, and how, is up to the slow path: swap may
 * not count, and files in memory are charged by the page.
 */
static __always_inline bool mm_limit_is_special(int counter)
{
	BUILD_BUG_ON(MM_SHMEMPAGES != (MM_SWAPENTS | 1) ||
		     (MM_LIMIT_TABLES | 1) == MM_SHMEMPAGES);

	return (counter | 1) == MM_SHMEMPAGES;
}

/* Four arguments need no stack: @pages is multiplied, and @counter is the rest. */
#define MM_LIMIT_COUNTERS	8

bool __mm_limit_charge(struct mm_struct *mm, long pages_and_counter,
		       struct mm_limit_counter *target, long usage);
void __mm_limit_update_tables(struct mm_struct *mm, long bytes);

static inline bool mm_limit_enabled(void)
{
	return static_branch_unlikely(&mm_limit_key.key);
}

/**
 * mm_limit_charge - charge pages that an mm gains or loses
 * @mm: the mm
 * @counter: which of its counters changes, or %MM_LIMIT_TABLES
 * @pages: by how many pages, negative for fewer
 *
 * This call and the change of the counter form one unit that the handing over
 * of an mm to an account must not cut in two. So it waits until each CPU has had
 * preemption enabled, which is disabled here. Nothing in between may sleep.
 *
 * There is no barrier between usage and max: whoever lowers max waits for the same
 * before it looks at usage for the last time.
 *
 * Return: true if the counter has been changed already.
 */
static __always_inline bool mm_limit_charge(struct mm_struct *mm, int counter,
					    long pages)
{
	struct mm_limit_counter *target;
	long usage;

	/* The code goes straight on when enabled: a user with a limit pays least. */
	if (!static_branch_likely(&mm_limit_key.key))
		return false;
	target = READ_ONCE(mm->mm_limit.charged);
	if (!target)
		return false;
	/*
	 * Special counters have no branch of their own, because a loop that unmaps
	 * pages, in a caller, has no register left for that.
	 */
	usage = atomic_long_add_return_relaxed(mm_limit_is_special(counter) ? 0 : pages,
					       &target->usage);
	/* One test for three things: more pages, not above the limit, not frozen. */
	if (likely(((READ_ONCE(target->max) - usage) | pages) >= 0 &&
		   !mm_limit_is_special(counter)))
		return false;
	return __mm_limit_charge(mm, pages * MM_LIMIT_COUNTERS + counter, target,
				 usage);
}

/**
 * mm_limit_add_rss - change a counter of an mm's resident pages, and charge it
 * @mm: the mm
 * @counter: which counter
 * @pages: by how many pages, negative for fewer
 *
 * The counter can do without turning interrupts off, which pays for the charge.
 *
 * Context: preemption disabled, as by a page-table lock; not in an interrupt.
 */
static __always_inline void mm_limit_add_rss(struct mm_struct *mm, int counter,
					     long pages)
{
	struct percpu_counter *rss = &mm->rss_stat[counter];

	if (mm_limit_charge(mm, counter, pages))
		return;
#ifdef CONFIG_SMP
	if (!IS_ENABLED(CONFIG_PREEMPT_RT)) {
		long count = __this_cpu_read(*rss->counters) + pages;

		if (likely(abs(count) < percpu_counter_batch)) {
			__this_cpu_write(*rss->counters, count);
			return;
		}
	}
#endif
	percpu_counter_add(rss, pages);
}

void mm_limit_user_init(struct user_struct *user);
int mm_limit_user_join(struct user_struct *user, unsigned int *rules);
void mm_limit_user_joined(struct user_struct *user, unsigned int rules);
bool mm_limit_user_stays(struct user_struct *user);
void mm_limit_user_release(struct user_struct *user);
void mm_limit_mm_init(struct mm_struct *mm);
void mm_limit_attach(struct mm_struct *mm, struct task_struct *task);
void mm_limit_detach(struct mm_struct *mm);
void mm_limit_join(struct task_struct *task, struct mm_struct *mm);
void mm_limit_leave(struct task_struct *task, struct mm_struct *mm);
void mm_limit_exec(struct task_struct *task, struct mm_struct *old,
		   struct mm_struct *mm);
void mm_limit_copy_begin(struct mm_struct *mm, struct mm_struct *oldmm);
void mm_limit_copy_end(struct mm_struct *mm);
void mm_limit_change_owner(struct user_struct *user);
void __mm_limit_swapped_out(struct mm_struct *mm, swp_entry_t entry);
void __mm_limit_refaulted(struct mm_struct *mm, long pages);
void __mm_limit_swapped_in(struct mm_struct *mm, u64 began);
void __mm_limit_alloc(gfp_t gfp);

/**
 * mm_limit_swapped_out - a page of an mm has gone to swap
 * @mm: the mm
 * @entry: where it has gone; the mm has a reference on that
 *
 * Context: atomic, under a page-table lock.
 */
static inline void mm_limit_swapped_out(struct mm_struct *mm, swp_entry_t entry)
{
	if (mm_limit_enabled())
		__mm_limit_swapped_out(mm, entry);
}

/**
 * mm_limit_refaulted - pages have come back from swap because they were used
 * @mm: the mm
 * @pages: how many
 *
 * Context: atomic, under a page-table lock.
 */
static inline void mm_limit_refaulted(struct mm_struct *mm, long pages)
{
	if (mm_limit_enabled())
		__mm_limit_refaulted(mm, pages);
}

/**
 * mm_limit_swap_in - a page is about to be brought back from swap
 *
 * Return: when it began, for mm_limit_swapped_in().
 */
static inline u64 mm_limit_swap_in(void)
{
	return mm_limit_enabled() ? ktime_get_ns() : 0;
}

/**
 * mm_limit_swapped_in - a page has been brought back from swap, or could not be
 * @mm: the mm that the page is for
 * @began: what mm_limit_swap_in() returned
 *
 * The time that this took is lost to the user, and thrashing is judged by it.
 *
 * Context: any but an interrupt.
 */
static inline void mm_limit_swapped_in(struct mm_struct *mm, u64 began)
{
	if (mm_limit_enabled() && began)
		__mm_limit_swapped_in(mm, began);
}

/**
 * mm_limit_counts - are the pages of an mm charged to a limited user?
 * @mm: the mm
 *
 * Return: whether they are, or are about to be.
 */
static inline bool mm_limit_counts(struct mm_struct *mm)
{
	return mm_limit_enabled() && READ_ONCE(mm->mm_limit.charged);
}

/**
 * mm_limit_is_own - does an mm belong to the user that owns the current task's?
 * @mm: the mm
 *
 * Return: whether it does.
 */
static inline bool mm_limit_is_own(struct mm_struct *mm)
{
	return current->mm && READ_ONCE(current->mm->mm_limit.owner) ==
			      READ_ONCE(mm->mm_limit.owner);
}

/**
 * mm_limit_is_killed - does an mm get no more pages?
 * @mm: the mm
 *
 * The killer has chosen such an mm, and counts on what it had then.
 *
 * Return: whether the killer has chosen it.
 */
static inline bool mm_limit_is_killed(struct mm_struct *mm)
{
	return READ_ONCE(mm->mm_limit.kill.killed);
}

/**
 * mm_limit_alloc - a page is about to be allocated
 * @gfp: how
 *
 * The triggers "alloc" and "hybrid" look at the current user here.
 */
static inline void mm_limit_alloc(gfp_t gfp)
{
	if (static_branch_unlikely(&mm_limit_walk_key))
		__mm_limit_alloc(gfp);
}

#else /* !CONFIG_MM_LIMIT */

static inline bool mm_limit_enabled(void)
{
	return false;
}

static inline void mm_limit_add_rss(struct mm_struct *mm, int counter,
				    long pages)
{
	percpu_counter_add(&mm->rss_stat[counter], pages);
}

static inline void __mm_limit_update_tables(struct mm_struct *mm, long bytes)
{
}

static inline void mm_limit_user_init(struct user_struct *user)
{
}

static inline int mm_limit_user_join(struct user_struct *user,
				     unsigned int *rules)
{
	return 0;
}

static inline void mm_limit_user_joined(struct user_struct *user,
					unsigned int rules)
{
}

static inline bool mm_limit_user_stays(struct user_struct *user)
{
	return false;
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

static inline void mm_limit_join(struct task_struct *task, struct mm_struct *mm)
{
}

static inline void mm_limit_leave(struct task_struct *task,
				  struct mm_struct *mm)
{
}

static inline void mm_limit_exec(struct task_struct *task,
				 struct mm_struct *old, struct mm_struct *mm)
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

static inline void mm_limit_swapped_out(struct mm_struct *mm, swp_entry_t entry)
{
}

static inline void mm_limit_refaulted(struct mm_struct *mm, long pages)
{
}

static inline u64 mm_limit_swap_in(void)
{
	return 0;
}

static inline void mm_limit_swapped_in(struct mm_struct *mm, u64 began)
{
}

static inline bool mm_limit_counts(struct mm_struct *mm)
{
	return false;
}

static inline bool mm_limit_is_own(struct mm_struct *mm)
{
	return false;
}

static inline bool mm_limit_is_killed(struct mm_struct *mm)
{
	return false;
}

static inline void mm_limit_alloc(gfp_t gfp)
{
}

#endif /* CONFIG_MM_LIMIT */

#include <linux/mm_limit_stop.h>

#endif /* _LINUX_MM_LIMIT_H */
