// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: in which order processes have to go.
 *
 * A policy is a score; the process with the highest goes first.
 */

#include <linux/capability.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/huge_mm.h>
#include <linux/oom.h>
#include <linux/oom_candidates.h>
#include <linux/pagewalk.h>
#include <linux/sched/cputime.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>

#include "account.h"
#include "kill.h"

/* Points that a process of an administrator is worth, in thousandths */
#define MM_LIMIT_ADMIN_BONUS	30

/* Entries of page tables that the policy "most_private" looks at for one kill */
#define MM_LIMIT_PRIVATE_ROOM	(512 * 1024 * 1024 >> PAGE_SHIFT)

/* What it costs to begin with an area, in such entries */
#define MM_LIMIT_AREA_COST	16

const char *const mm_limit_policy_names[MM_LIMIT_POLICIES] = {
	[MM_LIMIT_HIGHEST_RSS]		= "highest_rss",
	[MM_LIMIT_LONGEST_RUN_TIME]	= "longest_run_time",
	[MM_LIMIT_BADNESS]		= "badness",
	[MM_LIMIT_MOST_PRIVATE]		= "most_private",
	[MM_LIMIT_USER_RANKED]		= "user_ranked",
};

/**
 * mm_limit_badness - the score of the policy "badness"
 * @pages: what the process has: resident, page tables and swap
 * @total: pages of RAM and swap together
 * @admin: it has CAP_SYS_ADMIN
 * @adj: its oom_score_adj, -1000 to 1000
 *
 * Return: thousandths of @total, with corrections; at least 1.
 */
u64 mm_limit_badness(long pages, unsigned long total, bool admin, int adj)
{
	s64 points = div64_ul((u64)max(pages, 0L) * 1000, max(total, 1UL));

	if (admin)
		points -= MM_LIMIT_ADMIN_BONUS;
	points += adj;
	return max(points, 1LL);
}

/**
 * mm_limit_ranked - the score of the policy "user_ranked"
 * @pages: what the process has: resident, page tables and swap
 * @listed: its place in /proc/oom, from 1; 0: it is not listed
 *
 * Return: more for a higher place, and for any place more than for pages.
 */
u64 mm_limit_ranked(long pages, unsigned int listed)
{
	return listed ? U64_MAX - listed : max(pages, 0L);
}

/**
 * mm_limit_past_run_time - CPU time of threads that have ended
 * @p: a thread of the process that they belonged to
 *
 * The scheduler's sum, of which utime and stime are the two parts.
 *
 * Return: nanoseconds.
 */
u64 mm_limit_past_run_time(struct task_struct *p)
{
	struct signal_struct *sig = p->signal;
	unsigned int seq;
	u64 time;

	do {
		seq = read_seqbegin(&sig->stats_lock);
		time = sig->sum_sched_runtime;
	} while (read_seqretry(&sig->stats_lock, seq));
	return time;
}

/**
 * mm_limit_score - how soon a process has to go, unless its run time decides
 * @policy: enum mm_limit_policy, 0 or more
 * @p: one of its threads
 * @mm: its address space
 * @pages: what that has
 *
 * Return: a number to compare with that of other processes.
 * Context: atomic; @p does not leave @mm meanwhile.
 */
u64 mm_limit_score(unsigned int policy, struct task_struct *p,
		   struct mm_struct *mm, long pages)
{
	switch (policy) {
	case MM_LIMIT_BADNESS:
		return mm_limit_badness(pages,
					totalram_pages() + total_swap_pages,
					has_capability_noaudit(p, CAP_SYS_ADMIN),
					p->signal->oom_score_adj);
	case MM_LIMIT_MOST_PRIVATE:
		return mm->mm_limit.kill.private;
	case MM_LIMIT_USER_RANKED:
		return mm_limit_ranked(pages, mm->mm_limit.kill.listed);
	default:
		return max(pages, 0L);
	}
}

/**
 * struct private_count - pages that only one mm maps
 * @pages: so many
 * @room: entries of page tables that may still be looked at in this scan
 * @scan: the scan
 */
struct private_count {
	unsigned long pages;
	long room;
	unsigned int scan;
};

static bool is_private(struct folio *folio)
{
	return folio && !folio_likely_mapped_shared(folio);
}

static int count_table(pmd_t *pmd, unsigned long addr, unsigned long end,
		       struct mm_walk *walk)
{
	struct vm_area_struct *vma = walk->vma;
	struct private_count *count = walk->private;
	pte_t *table, *pte;
	spinlock_t *ptl;	/* the table's entries */
	pte_t entry;

	count->room -= (end - addr) >> PAGE_SHIFT;
	if (count->room < 0)
		return 1;
	ptl = pmd_trans_huge_lock(pmd, vma);
	if (ptl) {
		if (pmd_present(*pmd) &&
		    is_private(vm_normal_folio_pmd(vma, addr, *pmd)))
			count->pages += (end - addr) >> PAGE_SHIFT;
		spin_unlock(ptl);
		return 0;
	}

	table = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	if (!table) {
		walk->action = ACTION_AGAIN;
		return 0;
	}
	for (pte = table; addr != end; pte++, addr += PAGE_SIZE) {
		entry = ptep_get(pte);
		if (pte_present(entry) &&
		    is_private(vm_normal_folio(vma, addr, entry)))
			count->pages++;
	}
	pte_unmap_unlock(table, ptl);
	cond_resched();
	return 0;
}

/* An area without tables takes time, too. */
static int count_area(unsigned long start, unsigned long end,
		      struct mm_walk *walk)
{
	struct private_count *count = walk->private;

	count->room -= MM_LIMIT_AREA_COST;
	return count->room < 0 ? -EAGAIN : 0;
}

static const struct mm_walk_ops count_ops = {
	.test_walk	= count_area,
	.pmd_entry	= count_table,
	.walk_lock	= PGWALK_RDLOCK,
};

/*
 * Pages that only this mm maps. The user can keep the lock for as long as it
 * likes, and can have more to look through than a kill may take, so in these
 * cases anonymous pages have to do. A half-copied mm has no areas to walk.
 */
static unsigned long count_mm(struct mm_struct *mm, struct private_count *count)
{
	unsigned long all =
		percpu_counter_sum_positive(&mm->rss_stat[MM_ANONPAGES]);

	if (count->room < 0 || !mmap_read_trylock(mm))
		return all;
	count->pages = 0;
	if (!test_bit(MMF_UNSTABLE, &mm->flags) &&
	    !test_bit(MMF_OOM_SKIP, &mm->flags))
		walk_page_range(mm, 0, mm->task_size, &count_ops, count);
	mmap_read_unlock(mm);
	return count->room < 0 ? all : count->pages;
}

/*
 * Find the next mm that was not counted yet, and that a process used at the last scan.
 *
 * Return: the mm, with a reference of its users'; NULL: there is none.
 */
static struct mm_struct *next_mm(struct mm_limit_account *acct,
				 unsigned int scan, unsigned int *left)
{
	struct mm_struct *mm, *found = NULL;

	spin_lock(&acct->lock);
	while (*left && !found) {
		mm = list_first_entry_or_null(&acct->mms, struct mm_struct,
					      mm_limit.node);
		if (!mm)
			break;
		mm_limit_step_over(acct, &mm->mm_limit);
		list_move_tail(&mm->mm_limit.node, &acct->mms);
		--*left;
		if (!mm->mm_limit.kill.killed &&
		    mm->mm_limit.kill.scan == scan && mmget_not_zero(mm))
			found = mm;
	}
	spin_unlock(&acct->lock);
	return found;
}

static void count_account(struct mm_limit_account *acct, void *arg)
{
	struct private_count *count = arg;
	unsigned int left = READ_ONCE(acct->nr_mms);
	struct mm_struct *mm;

	while ((mm = next_mm(acct, count->scan, &left))) {
		mm->mm_limit.kill.private = count_mm(mm, count);
		mmput_async(mm);
		cond_resched();
	}
}

/**
 * mm_limit_count_private - look through the memory of a user, or of a pool's members
 * @acct: the limit's account
 * @scan: number of the scan that has just been made
 *
 * For each address space the pages that only it maps are counted, by which the policy
 * "most_private" goes. New ones come in at the end of the list and may be missed; they
 * have nothing that their parent does not map.
 *
 * Context: the limit's work.
 */
void mm_limit_count_private(struct mm_limit_account *acct, unsigned int scan)
{
	struct private_count count = {
		.room = MM_LIMIT_PRIVATE_ROOM,
		.scan = scan,
	};

	mm_limit_visit_members(acct, count_account, &count);
}

/* Among processes that share an mm, the one listed first counts. */
static void note_rank(struct task_struct *p, unsigned int rank, void *arg)
{
	unsigned int *scan = arg;
	struct mm_limit_mm *member;
	struct task_struct *t;

	if (p->flags & PF_KTHREAD)
		return;
	t = find_lock_task_mm(p);
	if (!t)
		return;
	/* No other user's mm has been seen by this scan. */
	member = &t->mm->mm_limit;
	if (READ_ONCE(member->kill.scan) == *scan && !member->kill.listed)
		member->kill.listed = rank + 1;
	task_unlock(t);
}

/**
 * mm_limit_look_up_ranks - see which processes are in /proc/oom
 * @scan: number of the scan that has just been made
 *
 * For each address space the place of its process is noted, by which the policy
 * "user_ranked" goes.
 *
 * Context: the limit's work.
 */
void mm_limit_look_up_ranks(unsigned int scan)
{
	oom_candidates_for_each(note_rank, &scan);
}
