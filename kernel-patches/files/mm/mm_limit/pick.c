// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: the last pass of a scan, which picks the candidates that the
 * policy puts first, and on the way notes what is remembered of a kill.
 */

#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched/cputime.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "account.h"
#include "kill.h"

/* What the kernel keeps for a process, at least, beside its stacks, in pages */
#define MM_LIMIT_PROCESS_PAGES	8

/*
 * Kernel memory that goes along with a process: page directory, for each thread a stack, a
 * task, and what is charged for its calls, and what is small. More rather than less, for it
 * is a reason to wait, not to spare anybody: what does not come back is looked at again.
 *
 * Return: pages.
 */
static long kernel_pages(struct mm_limit_account *acct, struct task_struct *t)
{
	if (!mm_limit_counts_held(acct))
		return 0;
	return PFN_UP(PTRS_PER_PGD * sizeof(pgd_t)) + MM_LIMIT_PROCESS_PAGES +
	       get_nr_threads(t) * (PFN_UP(THREAD_SIZE) +
				    PFN_UP(sizeof(struct task_struct) + PATH_MAX));
}

/**
 * mm_limit_put_candidate - have done with a candidate
 * @c: that a scan has picked
 */
void mm_limit_put_candidate(struct mm_limit_candidate *c)
{
	put_task_struct(c->task);
	mmdrop(c->mm);
	free_uid(mm_limit_account_user(c->acct));
}

/*
 * Does @a go before @b? Of candidates with equal scores the oldest process does. A member of
 * a pool that keeps what was killed from ending loses its others before anybody else's go.
 */
static bool goes_before(struct mm_limit_scan *scan,
			const struct mm_limit_candidate *a,
			const struct mm_limit_candidate *b)
{
	bool a_keeps = mm_limit_keeps_lost(scan, a->acct);
	bool b_keeps = mm_limit_keeps_lost(scan, b->acct);

	if (a_keeps != b_keeps)
		return a_keeps;
	if (a->score != b->score)
		return a->score > b->score;
	return a->started < b->started;
}

/* Keep those that go first. */
static void pick(struct mm_limit_scan *scan, struct mm_limit_candidate *new)
{
	int i;

	if (scan->nr == MM_LIMIT_BATCH) {
		if (!goes_before(scan, new, &scan->picked[scan->nr - 1])) {
			mm_limit_put_candidate(new);
			return;
		}
		mm_limit_put_candidate(&scan->picked[--scan->nr]);
	}
	for (i = scan->nr; i > 0 && goes_before(scan, new, &scan->picked[i - 1]); i--)
		scan->picked[i] = scan->picked[i - 1];
	scan->picked[i] = *new;
	scan->nr++;
}

/* Among processes that share an mm, the one that goes first stands for all. */
static void weigh(struct task_struct *t, void *arg)
{
	struct mm_limit_scan *scan = arg;
	struct mm_limit_candidate new = scan->weighed;

	if (scan->policy == MM_LIMIT_LONGEST_RUN_TIME)
		scan->run_time += task_sched_runtime(t);
	/* Each process counts once, whichever of its threads are still there. */
	if (t->signal->mm_limit_scan == scan->number)
		return;
	t->signal->mm_limit_scan = scan->number;
	if (scan->policy == MM_LIMIT_LONGEST_RUN_TIME)
		scan->run_time += mm_limit_past_run_time(t);

	new.task = t;
	new.started = t->group_leader->start_time;
	/* What it maps of files is a reason to take it, if not a gain for sure. */
	new.kernel = kernel_pages(scan->acct, t);
	new.score = mm_limit_score(scan->policy, t, new.mm, scan->rss);
	if (scan->weighed.task && !goes_before(scan, &new, &scan->weighed))
		return;
	mm_limit_name_process(t, &scan->process);
	get_task_struct(t);
	if (scan->weighed.task)
		put_task_struct(scan->weighed.task);
	scan->weighed = new;
}

static void weigh_mm(struct mm_struct *mm, struct mm_limit_scan *scan)
{
	struct mm_limit_mm *member = &mm->mm_limit;
	struct mm_limit_parts parts;

	if (READ_ONCE(member->owner) != scan->acct)
		return;
	parts = mm_limit_mm_parts(mm);
	mm_limit_add_parts(&scan->notes->parts, &parts, scan->acct);
	if (member->kill.scan != scan->number) {
		scan->missed |= !list_empty_careful(&member->users.tasks);
		return;
	}
	if (member->kill.killed || member->kill.seen == MM_LIMIT_SEEN_DYING)
		return;

	scan->weighed = (struct mm_limit_candidate){
		.mm = mm,
		.acct = scan->acct,
		.pages = mm_limit_parts_pages(&parts, scan->acct),
		.copies = member->kill.copies,
	};
	scan->rss = mm_limit_parts_rss(&parts, scan->acct);
	scan->run_time = 0;
	mm_limit_walk_users(mm, weigh, scan);
	if (!scan->weighed.task)
		return;
	scan->process.pages = scan->weighed.pages;
	mm_limit_note_process(scan->notes, &scan->process);
	if (member->kill.seen != MM_LIMIT_SEEN_ALIVE) {
		put_task_struct(scan->weighed.task);
		return;
	}
	if (scan->policy == MM_LIMIT_LONGEST_RUN_TIME)
		scan->weighed.score = scan->run_time;
	mmgrab(mm);
	get_uid(mm_limit_account_user(scan->acct));
	pick(scan, &scan->weighed);
}

static void add_beside(struct mm_limit_account *acct, void *arg)
{
	struct mm_limit_notes *notes = arg;

	mm_limit_add_beside(&notes->parts, acct);
}

/* Nobody else goes while there are candidates of such a member. */
static void leave_others_alone(struct mm_limit_scan *scan)
{
	while (!mm_limit_keeps_lost(scan, scan->picked[scan->nr - 1].acct))
		mm_limit_put_candidate(&scan->picked[--scan->nr]);
}

/**
 * mm_limit_pick - the last pass of a scan: who goes first?
 * @scan: the scan; gets the candidates, with references
 */
void mm_limit_pick(struct mm_limit_scan *scan)
{
	scan->notes->parts = (struct mm_limit_parts){};
	scan->notes->nr_largest = 0;
	mm_limit_walk_mms(scan, false, weigh_mm);
	scan->keeps_lost = scan->nr &&
			   mm_limit_keeps_lost(scan, scan->picked[0].acct);
	if (scan->keeps_lost)
		leave_others_alone(scan);
	mm_limit_visit_members(scan->whole, add_beside, scan->notes);
}
