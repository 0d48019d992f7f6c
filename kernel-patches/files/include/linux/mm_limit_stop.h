/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the hooks that stop a thread whose user is above its limit.
 * Included by <linux/mm_limit.h>.
 * The model and its locking: Documentation/mm/mm_limit.rst.
 */
#ifndef _LINUX_MM_LIMIT_STOP_H
#define _LINUX_MM_LIMIT_STOP_H

#include <linux/mm_types.h>
#include <linux/sched.h>

#ifdef CONFIG_MM_LIMIT

void __mm_limit_resume_user_mode(void);
bool __mm_limit_stop_copy(struct mm_struct *mm);
bool __mm_limit_copy_crosses(struct mm_struct *mm, const int *rss);
bool mm_limit_copy_again(struct mm_struct *oldmm, unsigned int stops);
int __mm_limit_stop_exec(void);
bool __mm_limit_stop_move(struct mm_struct *mm);
bool mm_limit_move_again(struct mm_struct *mm, unsigned int stops);
bool __mm_limit_must_stop(struct mm_struct *mm);
void mm_limit_stop(struct mm_struct *mm);
bool __mm_limit_is_full(struct mm_struct *mm);
bool __mm_limit_fault(struct mm_struct *mm);

/*
 * In &task_struct.mm_limit_scope: what the thread has come to at its user's limit
 *	REFUSED: an allocation has failed
 *	STOPPED: it has made the usage grow above the limit, and is to be stopped before
 *	it returns to user mode
 */
#define MM_LIMIT_REFUSED	0x8
#define MM_LIMIT_STOPPED	0x10

static inline bool mm_limit_is_stopped(void)
{
	return current->mm_limit_scope & MM_LIMIT_STOPPED;
}

/**
 * mm_limit_let_fault - the current task may make one more page resident
 *
 * For what must not be left unwritten, and whose failure nobody is told. It still is to
 * be stopped before it returns to user mode.
 */
static inline void mm_limit_let_fault(void)
{
	current->mm_limit_scope &= ~MM_LIMIT_STOPPED;
}

/**
 * mm_limit_resume_user_mode - stop a thread whose user is above its limit
 *
 * The thread sleeps, killably, while room is being made, or makes room itself by
 * swapping its user's memory out.
 *
 * Context: process, without a lock, before a return to user mode.
 */
static inline void mm_limit_resume_user_mode(void)
{
	if (mm_limit_enabled() || mm_limit_is_stopped())
		__mm_limit_resume_user_mode();
}

/**
 * mm_limit_stop_copy - must a fork stop because its user is above its limit?
 * @mm: the new mm, which the current task copies its own to
 *
 * If so, the fork lets go of what it has copied and of all locks, and calls
 * mm_limit_copy_again().
 *
 * Return: whether it must stop.
 */
static inline bool mm_limit_stop_copy(struct mm_struct *mm)
{
	if (!mm_limit_enabled() || !test_thread_flag(TIF_NOTIFY_RESUME))
		return false;
	return __mm_limit_stop_copy(mm);
}

/**
 * mm_limit_copy_crosses - does a fork come to its user's limit?
 * @mm: the new mm
 * @rss: what the current task has copied and not added to the mm's counters yet
 *
 * If so, it adds it, and mm_limit_stop_copy() tells what to do.
 *
 * Context: under a page-table lock.
 */
static inline bool mm_limit_copy_crosses(struct mm_struct *mm, const int *rss)
{
	return mm_limit_enabled() && READ_ONCE(mm->mm_limit.charged) &&
	       __mm_limit_copy_crosses(mm, rss);
}

/**
 * mm_limit_copy_stopped - did mm_limit_stop_copy() stop the copying of an mm?
 * @mm: the new mm
 *
 * Return: whether it did.
 */
static inline bool mm_limit_copy_stopped(struct mm_struct *mm)
{
	return mm->mm_limit.copy.stopped;
}

/**
 * mm_limit_must_stop - must a thread that makes an mm grow wait?
 * @mm: the mm, which the caller keeps in use
 *
 * This is for callers that make many pages resident, in any process's mm, before
 * they return to user mode. If they must wait, they let go of all locks and call
 * mm_limit_stop().
 *
 * Return: whether the thread must wait.
 */
static inline bool mm_limit_must_stop(struct mm_struct *mm)
{
	return mm_limit_counts(mm) && __mm_limit_must_stop(mm);
}

/**
 * mm_limit_stop_exec - wait until the new address space of an exec may grow
 *
 * For before what takes a page or two of it.
 *
 * Return: 0, or -EINTR if the current task has been killed.
 * Context: process, without a lock.
 */
static inline int mm_limit_stop_exec(void)
{
	return mm_limit_counts(current->mm) ? __mm_limit_stop_exec() : 0;
}

/**
 * mm_limit_move_begin - the current task is about to move memory
 *
 * What was refused before is not what mm_limit_move_again() waits for.
 */
static inline void mm_limit_move_begin(void)
{
	current->mm_limit_scope &= ~MM_LIMIT_REFUSED;
}

/**
 * mm_limit_stop_move - must a thread not make a page table for what it moves?
 * @mm: the mm of the current task
 *
 * If so, it moves back what it has moved, lets go of all locks, and asks
 * mm_limit_move_again().
 */
static inline bool mm_limit_stop_move(struct mm_struct *mm)
{
	return mm_limit_counts(mm) && __mm_limit_stop_move(mm);
}

/**
 * mm_limit_is_full - is there no room for another page in the limit of an mm's user?
 * @mm: the mm, which the caller keeps in use
 *
 * This is for callers that can do without a page, and do not wait.
 */
static inline bool mm_limit_is_full(struct mm_struct *mm)
{
	return mm_limit_counts(mm) && __mm_limit_is_full(mm);
}

/**
 * mm_limit_fault - a page is about to be made resident
 * @mm: in this mm
 * @flags: enum fault_flag
 *
 * A thread may make one page resident above its user's limit, and is stopped before it
 * returns to user mode. Page faults from kernel mode, as of a long read(), come before
 * that. They cannot wait until the memory of the killer's victims is there, since their
 * caller may hold any lock that may be held across a fault, and a victim may need it.
 * They wait until the killer has looked, and then, all faults of a call together, up to
 * 50 ms for its victims, unless @mm is another user's; they can swap their user's memory
 * out; and then they fail, as do those of a thread that ends, which does not return to
 * user mode any more. A read() returns what it has read until then, its thread waits, and
 * can go on.
 * Faults in another process's mm have stopped before, see mm_limit_must_stop().
 *
 * Return: whether the fault has to fail.
 */
static inline bool mm_limit_fault(struct mm_struct *mm, unsigned int flags)
{
	if (!mm_limit_enabled())
		return false;
	if (mm_limit_is_killed(mm))
		return true;
	return !(flags & (FAULT_FLAG_USER | FAULT_FLAG_REMOTE |
			  FAULT_FLAG_RETRY_NOWAIT)) &&
	       mm_limit_is_stopped() && __mm_limit_fault(mm);
}

#else /* !CONFIG_MM_LIMIT */

static inline void mm_limit_resume_user_mode(void)
{
}

static inline bool mm_limit_stop_copy(struct mm_struct *mm)
{
	return false;
}

static inline int mm_limit_stop_exec(void)
{
	return 0;
}

static inline bool mm_limit_copy_crosses(struct mm_struct *mm, const int *rss)
{
	return false;
}

static inline bool mm_limit_copy_stopped(struct mm_struct *mm)
{
	return false;
}

static inline bool mm_limit_must_stop(struct mm_struct *mm)
{
	return false;
}

static inline void mm_limit_move_begin(void)
{
}

static inline bool mm_limit_stop_move(struct mm_struct *mm)
{
	return false;
}

static inline bool mm_limit_is_full(struct mm_struct *mm)
{
	return false;
}

static inline bool mm_limit_is_stopped(void)
{
	return false;
}

static inline void mm_limit_let_fault(void)
{
}

static inline bool mm_limit_fault(struct mm_struct *mm, unsigned int flags)
{
	return false;
}

static inline bool mm_limit_copy_again(struct mm_struct *oldmm,
				       unsigned int stops)
{
	return false;
}

static inline bool mm_limit_move_again(struct mm_struct *mm,
				       unsigned int stops)
{
	return false;
}

static inline void mm_limit_stop(struct mm_struct *mm)
{
}

#endif /* CONFIG_MM_LIMIT */
#endif /* _LINUX_MM_LIMIT_STOP_H */
