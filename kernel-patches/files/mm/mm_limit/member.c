// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which address spaces an account has, and which threads
 * use them.
 *
 * Every user has an account that lists its address spaces, whether it is limited or
 * not. A new one joins when it is made and leaves with its last user.
 */

#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "account.h"
#include "enforce.h"
#include "held.h"

/**
 * mm_limit_mm_init - a new address space, not attached to any account
 * @mm: the mm, perhaps a copy of another
 */
void mm_limit_mm_init(struct mm_struct *mm)
{
	mm->mm_limit = (struct mm_limit_mm){
		.frozen.max = MM_LIMIT_SLOW_MAX,
		.frozen.pool_level = MM_LIMIT_SLOW_MAX,
	};
	spin_lock_init(&mm->mm_limit.freeze_lock);
	spin_lock_init(&mm->mm_limit.users.lock);
	INIT_LIST_HEAD(&mm->mm_limit.users.tasks);
}

/**
 * mm_limit_unlist - take an address space off its account's list
 * @acct: the account
 * @member: the address space
 *
 * The killer's walk over the list goes on without it.
 *
 * Context: with the account's lock held.
 */
void mm_limit_unlist(struct mm_limit_account *acct, struct mm_limit_mm *member)
{
	lockdep_assert_held(&acct->lock);

	mm_limit_step_over(acct, member);
	list_del(&member->node);
	acct->nr_mms--;
}

/**
 * mm_limit_enlist - put an address space on an account's list
 * @acct: the account
 * @member: the address space
 *
 * Context: with the account's lock held.
 */
void mm_limit_enlist(struct mm_limit_account *acct, struct mm_limit_mm *member)
{
	lockdep_assert_held(&acct->lock);

	list_add_tail(&member->node, &acct->mms);
	acct->nr_mms++;
}

/*
 * A copy belongs to the owner of the original, the memory of a new program to the
 * real uid that starts it.
 *
 * Return: the account, with a reference.
 */
static struct mm_limit_account *first_owner(struct task_struct *task)
{
	struct user_struct *user;

	if (task != current && current->mm)
		return mm_limit_get_owner(current->mm);
	user = rcu_dereference_protected(task->real_cred, true)->user;
	return &get_uid(user)->mm_limit;
}

/**
 * mm_limit_attach - a new address space joins its owner's account
 * @mm: the mm; nobody else can see it yet
 * @task: the task that will use it: the current one in an exec, its child in a
 *	fork, which copies the current one's mm
 */
void mm_limit_attach(struct mm_struct *mm, struct task_struct *task)
{
	struct mm_limit_account *acct = first_owner(task);
	long pages;

	/* Some machines have allocated tables along with the pgd. */
	pages = mm_limit_table_pages(mm_pgtables_bytes(mm));

	spin_lock(&acct->lock);
	mm->mm_limit.owner = acct;
	/* Until the exec is over, the mm of its caller stands for the new one. */
	if (task == current)
		mm->mm_limit.copy.source = current->mm;
	if (acct->charging) {
		mm_limit_set_charge_target(&mm->mm_limit, acct);
		if (pages)
			mm_limit_account_charge(acct, mm, pages);
	}
	mm_limit_enlist(acct, &mm->mm_limit);
	spin_unlock(&acct->lock);
}

/**
 * mm_limit_join - a thread begins to use an address space
 * @task: the thread
 * @mm: its mm
 *
 * Context: process, maybe with task_lock() held.
 */
void mm_limit_join(struct task_struct *task, struct mm_struct *mm)
{
	spin_lock(&mm->mm_limit.users.lock);
	list_add_tail(&task->mm_limit_node, &mm->mm_limit.users.tasks);
	spin_unlock(&mm->mm_limit.users.lock);
}

/**
 * mm_limit_leave - a thread no longer uses an address space
 * @task: the thread
 * @mm: the mm
 *
 * Context: process, maybe with task_lock() held.
 */
void mm_limit_leave(struct task_struct *task, struct mm_struct *mm)
{
	struct mm_limit_mm_users *users = &mm->mm_limit.users;

	/* A kernel thread has only borrowed the mm. */
	if (task->flags & PF_KTHREAD)
		return;
	spin_lock(&users->lock);
	if (users->next == &task->mm_limit_node)
		users->next = users->next->next;
	list_del(&task->mm_limit_node);
	spin_unlock(&users->lock);
}

/**
 * mm_limit_exec - a thread has exchanged its address space
 * @task: the thread
 * @old: what it used before, or NULL
 * @mm: what it uses now
 *
 * Context: process, with task_lock() held.
 */
void mm_limit_exec(struct task_struct *task, struct mm_struct *old,
		   struct mm_struct *mm)
{
	if (old)
		mm_limit_leave(task, old);
	mm_limit_join(task, mm);
	mm_limit_copy_end(mm);
}

/**
 * mm_limit_change_dying - an address space is on its way out, or leaves its account
 * @acct: the account
 * @member: the address space
 * @pages: pages of its that can be counted on from now on
 *
 * Context: with the account's lock held.
 */
void mm_limit_change_dying(struct mm_limit_account *acct,
			   struct mm_limit_mm *member, long pages)
{
	struct mm_limit_account *pool = READ_ONCE(acct->counter.pool);
	long more = pages - member->kill.dying;

	lockdep_assert_held(&acct->lock);

	atomic_long_add(more, &acct->dying);
	if (pool)
		atomic_long_add(more, &pool->dying);
	member->kill.dying = pages;
}

/**
 * mm_limit_detach - an address space leaves its owner's account
 * @mm: the mm; nobody uses it any more, though CPUs may have it loaded
 *
 * At most one page table is left, as check_mm() makes sure: ARM frees that of the
 * lowest addresses along with the pgd, which an idle CPU can keep for ever.
 *
 * It may be called again, to no effect, in any context. The first call is a
 * process's: when the last user of the mm goes, or if it never had one.
 */
void mm_limit_detach(struct mm_struct *mm)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_limit_account *acct = member->owner;
	long left;

	if (!acct)
		return;

	spin_lock(&acct->lock);
	mm_limit_unlist(acct, member);
	mm_limit_change_dying(acct, member, 0);
	/* This excludes a hand-over that took its reference before. */
	spin_lock(&member->freeze_lock);
	if (member->account) {
		left = mm_limit_table_pages(mm_pgtables_bytes(mm));
		mm_limit_account_charge(acct, mm, -left);
		mm_limit_mm_detached(acct);
	}
	mm_limit_set_charge_target(member, NULL);
	member->owner = NULL;
	spin_unlock(&member->freeze_lock);
	spin_unlock(&acct->lock);
	mm_limit_settle_room(acct);
	free_uid(mm_limit_account_user(acct));
}

/**
 * mm_limit_copy_begin - a fork is about to copy an address space
 * @mm: the new mm, attached
 * @oldmm: the mm of the current task
 *
 * No process uses @mm yet. Until mm_limit_copy_end() the killer takes it for a part
 * of @oldmm.
 */
void mm_limit_copy_begin(struct mm_struct *mm, struct mm_struct *oldmm)
{
	WRITE_ONCE(mm->mm_limit.copy.source, oldmm);
}

/**
 * mm_limit_copy_end - the address space was copied, or could not be
 * @mm: the new mm
 */
void mm_limit_copy_end(struct mm_struct *mm)
{
	struct mm_limit_account *acct = mm->mm_limit.owner;

	spin_lock(&acct->lock);
	mm->mm_limit.copy.source = NULL;
	spin_unlock(&acct->lock);
}

/**
 * mm_limit_get_owner - the account that owns an address space
 * @mm: the mm, attached
 *
 * Return: the account, with a reference on its user.
 */
struct mm_limit_account *mm_limit_get_owner(struct mm_struct *mm)
{
	struct mm_limit_account *acct;

	spin_lock(&mm->mm_limit.freeze_lock);
	acct = mm->mm_limit.owner;
	get_uid(mm_limit_account_user(acct));
	spin_unlock(&mm->mm_limit.freeze_lock);
	return acct;
}
