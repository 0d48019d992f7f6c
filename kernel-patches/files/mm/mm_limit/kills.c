// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: what is remembered of those who were killed.
 *
 * Each limit has room for its last kills, which is allocated with it, so that nothing
 * is left out for lack of memory. How long they are remembered is history.c's business.
 *
 * What is told of a kill beside its victim comes out of the scan that has chosen the
 * victim, so it costs no walk of its own.
 */

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "kill.h"

static const char *const reason_names[] = {
	[MM_LIMIT_REASON_EXCEEDED]	= "exceeded",
	[MM_LIMIT_REASON_GRACE]		= "grace",
	[MM_LIMIT_REASON_LOWERED]	= "lowered",
	[MM_LIMIT_REASON_RECLAIM]	= "reclaim",
	[MM_LIMIT_REASON_FORCE]		= "force",
	[MM_LIMIT_REASON_ORDER]		= "order",
};

static const char *const action_names[] = {
	[MM_LIMIT_ACTION_KILL]		= "kill",
	[MM_LIMIT_ACTION_DRY_RUN]	= "dry_run",
	[MM_LIMIT_ACTION_TERM]		= "term",
};

/**
 * mm_limit_name_process - who a process is
 * @t: one of its threads
 * @process: gets its pid and its name
 *
 * Context: @t does not leave its address space meanwhile, so its leader stays.
 */
void mm_limit_name_process(struct task_struct *t,
			   struct mm_limit_process *process)
{
	guard(rcu)();
	process->pid = task_tgid_nr(t);
	/* If it is being renamed, parts of both names will do. */
	strscpy_pad(process->name, t->group_leader->comm);
}

/**
 * mm_limit_note_process - a scan has come across a process
 * @notes: of its user's limit
 * @process: the process
 *
 * It is noted if it is among the largest so far.
 *
 * Context: the limit's work.
 */
void mm_limit_note_process(struct mm_limit_notes *notes,
			   const struct mm_limit_process *process)
{
	struct mm_limit_process *largest = notes->largest;
	unsigned int i = notes->nr_largest;

	if (i == ARRAY_SIZE(notes->largest)) {
		if (process->pages <= largest[--i].pages)
			return;
	} else {
		notes->nr_largest++;
	}
	for (; i > 0 && largest[i - 1].pages < process->pages; i--)
		largest[i] = largest[i - 1];
	largest[i] = *process;
}

static void name_beside(const struct mm_limit_notes *notes,
			struct mm_limit_record *record)
{
	const struct mm_limit_process *process = notes->largest;
	unsigned int left = notes->nr_largest;

	record->nr_beside = 0;
	for (; left && record->nr_beside < MM_LIMIT_BESIDE; left--, process++)
		if (process->pid != record->victim.process.pid)
			record->beside[record->nr_beside++] = *process;
}

/**
 * mm_limit_remember - somebody is being killed, or would be
 * @limit: the user's limit
 * @victim: who
 *
 * Context: the limit's work, after the scan that has chosen the victim.
 */
void mm_limit_remember(struct mm_limit *limit,
		       const struct mm_limit_victim *victim)
{
	struct mm_limit_history *history = limit->kill.history;
	struct mm_limit_record *record;

	guard(spinlock)(&history->lock);
	record = &history->records[history->total++ % MM_LIMIT_KILLS];
	record->boot_ns = ktime_get_boottime_ns();
	record->mm_max = limit->enforce.mm_max;
	record->reason = limit->kill.reason;
	record->victim = *victim;
	record->parts = limit->kill.notes->parts;
	name_beside(limit->kill.notes, record);
}

/**
 * mm_limit_recall - read what is remembered of a kill
 * @history: the limit's, with a reference
 * @number: the kill's, from 1; of those that are remembered the next one is read, if
 *	it is no longer
 * @record: where to put it
 *
 * Return: the number of the kill that was read; 0: there is none.
 */
u64 mm_limit_recall(struct mm_limit_history *history, u64 number,
		    struct mm_limit_record *record)
{
	guard(spinlock)(&history->lock);
	if (history->total > MM_LIMIT_KILLS)
		number = max(number, history->total - MM_LIMIT_KILLS + 1);
	if (number > history->total)
		return 0;
	*record = history->records[(number - 1) % MM_LIMIT_KILLS];
	return number;
}

/*
 * A name is a user's to choose: blanks, backslashes and what is not printable are
 * written as octal numbers, so that it stays one word.
 */
static void show_name(struct seq_file *m, const char *name)
{
	seq_escape_mem(m, name, strnlen(name, TASK_COMM_LEN),
		       ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, " \\\"");
}

static void show_beside(struct seq_file *m, unsigned int number,
			const struct mm_limit_process *process)
{
	seq_printf(m, " pid%u=%d memory%u=%llu name%u=", number, process->pid,
		   number, mm_limit_bytes(process->pages), number);
	show_name(m, process->name);
}

static void show_parts(struct seq_file *m, const struct mm_limit_parts *parts)
{
	seq_printf(m, " anon=%llu file=%llu shmem=%llu tables=%llu swap=%llu kernel=%llu",
		   mm_limit_bytes(parts->anon), mm_limit_bytes(parts->file),
		   mm_limit_bytes(parts->shmem), mm_limit_bytes(parts->tables),
		   mm_limit_bytes(parts->swap), mm_limit_bytes(parts->kernel));
}

static void show_kill(struct seq_file *m, const struct mm_limit_range *rule,
		      u64 number, const struct mm_limit_record *record,
		      bool all)
{
	struct user_namespace *ns = seq_user_ns(m);
	const struct mm_limit_victim *victim = &record->victim;
	/* The clock may have been set since, so the time of day is that of now. */
	s64 wall = ktime_get_real_ns() - ktime_get_boottime_ns() +
		   record->boot_ns;
	unsigned int i;

	seq_printf(m, "uid=%u number=%llu boot_ns=%llu wall_ns=%lld action=%s reason=%s policy=%s usage=%llu mm_max=%llu",
		   from_kuid_munged(ns, KUIDT_INIT(victim->uid)), number,
		   record->boot_ns, wall, action_names[victim->action],
		   reason_names[record->reason],
		   mm_limit_policy_names[victim->policy],
		   mm_limit_bytes(victim->usage), record->mm_max);
	if (all)
		show_parts(m, &record->parts);
	seq_printf(m, " pid=%d memory=%llu age_ns=%llu cpu_ns=%llu name=",
		   victim->process.pid, mm_limit_bytes(victim->process.pages),
		   victim->age_ns, victim->run_ns);
	show_name(m, victim->process.name);
	for (i = 0; all && i < record->nr_beside; i++)
		show_beside(m, i + 1, &record->beside[i]);
	if (rule->rule == MM_LIMIT_RULE_POOL)
		seq_printf(m, " pool=%u-%u",
			   from_kuid_munged(ns, KUIDT_INIT(rule->first)),
			   from_kuid_munged(ns, KUIDT_INIT(rule->last)));
	seq_putc(m, '\n');
}

/**
 * mm_limit_show_kills - write what is remembered of a limit's kills, the last one last
 * @m: where to
 * @history: the limit's, with a reference
 * @of: of this user's processes alone, and without what others have; INVALID_UID: all
 *
 * A line for each kill, of fields KEY=VALUE with a blank in between; later kernels may
 * have more of them. No value has a blank in it.
 */
void mm_limit_show_kills(struct seq_file *m, struct mm_limit_history *history,
			 kuid_t of)
{
	unsigned int left = MM_LIMIT_KILLS;
	struct mm_limit_record record;
	u64 number = 0;

	/* More may come meanwhile. */
	while (left-- &&
	       (number = mm_limit_recall(history, number + 1, &record)))
		if (!uid_valid(of) || uid_eq(KUIDT_INIT(record.victim.uid), of))
			show_kill(m, &history->range, number, &record,
				  !uid_valid(of));
}
