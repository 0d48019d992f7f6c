// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: which pages of a user are swapped out.
 *
 * The address spaces of a user form the face of a clock. Its hand goes from page
 * to page. One that was used since the hand came by last has its access bit set;
 * it loses the bit and is spared. One that was not is found, and isolated from
 * the lists of the page replacement, which does then not look at it.
 *
 * Only the user's own anonymous memory is touched: pages that another user maps,
 * too, that are locked or pinned, and those of files stay.
 */

#include <linux/huge_mm.h>
#include <linux/ksm.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/oom.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>

#include <asm/tlbflush.h>

#include "../internal.h"
#include "account.h"
#include "reclaim.h"

static void sweep_add(struct mm_limit_sweep *sweep, struct folio *folio)
{
	list_add_tail(&folio->lru, sweep->folios);
	sweep->found++;
}

/* What has been found out about the mappings of a page that has several */
struct mappings {
	struct mm_limit_account *acct;
	bool keep;
};

static bool look_at_mapping(struct folio *folio, struct vm_area_struct *vma,
			    unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, 0);
	struct mappings *mappings = arg;

	if (READ_ONCE(vma->vm_mm->mm_limit.owner) != mappings->acct ||
	    vma->vm_flags & VM_LOCKED)
		mappings->keep = true;
	while (!mappings->keep && page_vma_mapped_walk(&pvmw)) {
		/* A mapping of more than a page has no entry of that kind. */
		if (!pvmw.pte || pte_young(ptep_get(pvmw.pte))) {
			mappings->keep = true;
			page_vma_mapped_walk_done(&pvmw);
		}
	}
	return !mappings->keep;
}

/**
 * mm_limit_is_own_and_unused - may a page that has several mappings be taken?
 * @folio: the page, with a reference
 * @acct: the user
 *
 * Return: whether there are any, all belong to the user, and none has its access
 * bit set.
 * Context: process; takes locks of the reverse mapping.
 */
bool mm_limit_is_own_and_unused(struct folio *folio,
				struct mm_limit_account *acct)
{
	struct mappings mappings = { .acct = acct };
	struct rmap_walk_control rwc = {
		.arg = &mappings,
		.rmap_one = look_at_mapping,
		.anon_lock = folio_lock_anon_vma_read,
		/* The user's threads may hold the lock for as long as they like. */
		.try_lock = true,
	};

	if (!folio_mapped(folio))
		return false;
	rmap_walk(folio, &rwc);
	return !mappings.keep && !rwc.contended;
}

/**
 * mm_limit_sort_out - look again at pages that have waited
 * @acct: the user
 * @folios: the pages, isolated; those that were used, have gone to somebody else
 *	or are no longer mapped are put back
 *
 * Context: process.
 */
void mm_limit_sort_out(struct mm_limit_account *acct, struct list_head *folios)
{
	struct folio *folio, *next;
	LIST_HEAD(others);

	list_for_each_entry_safe(folio, next, folios, lru)
		if (!mm_limit_is_own_and_unused(folio, acct))
			list_move_tail(&folio->lru, &others);
	mm_limit_put_back(&others);
}

/* Pages with several mappings were isolated, to be looked at without a page-table lock. */
static void sort_out_shared(struct mm_limit_sweep *sweep,
			    struct list_head *shared)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, shared, lru) {
		if (!mm_limit_is_own_and_unused(folio, sweep->acct))
			continue;
		list_del(&folio->lru);
		sweep_add(sweep, folio);
	}
	mm_limit_put_back(shared);
}

/* The page behind an entry, if it is of the kind that is swapped out */
static struct folio *swappable(struct vm_area_struct *vma, unsigned long addr,
			       pte_t entry)
{
	struct folio *folio;

	if (!pte_present(entry))
		return NULL;
	folio = vm_normal_folio(vma, addr, entry);
	if (!folio || folio_is_zone_device(folio) || !folio_test_anon(folio) ||
	    folio_test_ksm(folio) || folio_test_large(folio))
		return NULL;
	return folio;
}

static bool may_isolate(struct folio *folio)
{
	return folio_test_lru(folio) && !folio_test_unevictable(folio) &&
	       !folio_test_mlocked(folio) && !folio_maybe_dma_pinned(folio) &&
	       !folio_test_writeback(folio);
}

/*
 * Isolate a page whose access bit was found clear.
 *
 * Return: by how many pages @shared gets longer.
 */
static unsigned int isolate(struct mm_limit_sweep *sweep,
			    struct folio *folio, struct list_head *shared)
{
	bool alone = folio_mapcount(folio) == 1;

	if (!may_isolate(folio))
		return 0;
	folio_clear_referenced(folio);
	if (folio_test_active(folio))
		folio_set_workingset(folio);
	if (!folio_isolate_lru(folio))
		return 0;
	if (alone) {
		sweep_add(sweep, folio);
		return 0;
	}
	/* Looking at its mappings takes time, too. */
	sweep->room -= folio_mapcount(folio);
	list_add_tail(&folio->lru, shared);
	return 1;
}

static int sweep_table(pmd_t *pmd, unsigned long addr, unsigned long end,
		       struct mm_walk *walk)
{
	struct mm_limit_sweep *sweep = walk->private;
	struct vm_area_struct *vma = walk->vma;
	unsigned long start = addr;
	unsigned int nr_shared = 0;
	struct folio *folio;
	LIST_HEAD(shared);
	bool flush = false;
	pte_t *table, *pte;
	spinlock_t *ptl;	/* the table's entries */

	/* The mm may change its owner meanwhile. */
	if (READ_ONCE(vma->vm_mm->mm_limit.owner) != sweep->acct)
		return 0;
	table = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	if (!table) {
		/* The table has gone, or maps something large, which is left alone. */
		sweep->addr = end;
		return 0;
	}
	for (pte = table; addr < end; pte++, addr += PAGE_SIZE) {
		if (sweep->found + nr_shared >= sweep->want)
			break;
		sweep->room--;
		folio = swappable(vma, addr, ptep_get(pte));
		if (!folio)
			continue;
		sweep->scanned++;
		if (ptep_clear_young_notify(vma, addr, pte)) {
			sweep->spared++;
			flush = true;
		} else {
			nr_shared += isolate(sweep, folio, &shared);
		}
	}
	/* Otherwise a page could be used without its bit being set again. */
	if (flush)
		flush_tlb_range(vma, start, addr);
	pte_unmap_unlock(table, ptl);

	sweep->addr = addr;
	sort_out_shared(sweep, &shared);
	cond_resched();
	return addr < end || sweep->found >= sweep->want || sweep->room <= 0;
}

static int skip_area(unsigned long start, unsigned long end,
		     struct mm_walk *walk)
{
	struct mm_limit_sweep *sweep = walk->private;
	struct vm_area_struct *vma = walk->vma;

	if (vma->anon_vma &&
	    !(vma->vm_flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)))
		return 0;
	/* Areas are counted, too, for there can be a lot of them. */
	sweep->addr = end;
	return --sweep->room > 0 ? 1 : -EAGAIN;
}

static const struct mm_walk_ops sweep_ops = {
	.pmd_entry	= sweep_table,
	.test_walk	= skip_area,
	.walk_lock	= PGWALK_RDLOCK,
};

/**
 * mm_limit_sweep_mm - move the hand on in an address space
 * @mm: the mm, its mmap_lock held for reading
 * @sweep: from where, and what for
 *
 * Return: whether its end was reached.
 * Context: process.
 */
bool mm_limit_sweep_mm(struct mm_struct *mm, struct mm_limit_sweep *sweep)
{
	mmap_assert_locked(mm);

	/* The mm is at its end, or not to be relied on any more. */
	if (!atomic_read(&mm->mm_users) || test_bit(MMF_OOM_SKIP, &mm->flags) ||
	    test_bit(MMF_UNSTABLE, &mm->flags) || sweep->addr >= mm->task_size)
		return true;
	return !walk_page_range(mm, sweep->addr, mm->task_size, &sweep_ops, sweep);
}

/**
 * mm_limit_hand - where the hand is
 * @acct: the account
 * @clock: the clock
 *
 * An mm that the hand is through with has the number of the turn. The list of
 * the account is turned as the hand moves on: what is ahead of it comes first.
 * New ones come last, so that a user that forks does not keep a turn from ending.
 *
 * Return: the mm, with a reference; NULL: the turn is over.
 * Context: process; with the account's reclaim_mutex held.
 */
struct mm_struct *mm_limit_hand(struct mm_limit_account *acct,
				struct mm_limit_clock *clock)
{
	struct mm_struct *mm;

	lockdep_assert_held(&acct->reclaim_mutex);

	spin_lock(&acct->lock);
	mm = list_first_entry_or_null(&acct->mms, struct mm_struct,
				      mm_limit.node);
	if (mm && mm->mm_limit.turn == clock->turn) {
		mm_limit_step_over(acct, &mm->mm_limit);
		list_move_tail(&mm->mm_limit.node, &acct->mms);
		mm = list_first_entry(&acct->mms, struct mm_struct,
				      mm_limit.node);
	}
	/* Those that are about to be detached have nothing any more. */
	while (mm && mm->mm_limit.turn != clock->turn &&
	       !atomic_inc_not_zero(&mm->mm_count)) {
		mm->mm_limit.turn = clock->turn;
		mm_limit_step_over(acct, &mm->mm_limit);
		list_move_tail(&mm->mm_limit.node, &acct->mms);
		mm = list_first_entry(&acct->mms, struct mm_struct,
				      mm_limit.node);
	}
	if (mm && mm->mm_limit.turn == clock->turn)
		mm = NULL;
	spin_unlock(&acct->lock);
	return mm;
}
