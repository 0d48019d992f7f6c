// SPDX-License-Identifier: GPL-2.0-only
/*
 * Candidates for the OOM killer: the list, and what the killers take from it.
 *
 * The list is read under RCU. A new one is built aside and put in its place by a
 * pointer, and the old one goes after a grace period. So a killer never waits for a
 * writer, which may be waiting for memory.
 */

#define pr_fmt(fmt) "oom_candidates: " fmt

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/init.h>
#include <linux/lockdep.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/timekeeping.h>

#include "oom_candidates.h"

/* A process that has outlived SIGTERM for so long is a candidate like any other. */
#define OOM_TERM_MEMORY_MS	60000

/* The list in force, NULL: empty. Read under RCU, replaced by exchange. */
static struct oom_candidates __rcu *candidates;

/*
 * vm.oom_term_wait_ms: the time between SIGTERM and SIGKILL for a process with
 * raw access to hardware. Nobody else is killed meanwhile, so it is limited.
 */
static unsigned int term_wait_ms = 1000;
static unsigned int max_term_wait_ms = 10000;

/* Pages that its handler may take from the reserves */
#define OOM_TERM_RESERVE	64

/*
 * The process that was sent SIGTERM, with a reference, the end of its time, and what
 * it has left of the reserves; all under oom_lock
 */
static struct pid *terminated;
static ktime_t deadline;
static unsigned int term_reserve;

/**
 * oom_candidates_free - give up a list
 * @list: the list, or NULL; nobody can find it any more
 *
 * Context: process, may sleep.
 */
void oom_candidates_free(struct oom_candidates *list)
{
	unsigned int i;

	if (!list)
		return;
	for (i = 0; i < list->nr; i++)
		put_pid(list->entries[i].pid);
	kvfree(list);
}

/**
 * oom_candidates_replace - put another list in force
 * @list: the list, or NULL for none; belongs to the callee from now on
 *
 * Waits for readers of the old one. That also bounds what a writer that does nothing
 * else can have pending.
 *
 * Context: process, may sleep.
 */
void oom_candidates_replace(struct oom_candidates *list)
{
	struct oom_candidates *old;

	old = unrcu_pointer(xchg(&candidates, RCU_INITIALIZER(list)));
	if (!old)
		return;
	synchronize_rcu();
	oom_candidates_free(old);
}

/**
 * oom_candidates_get_rcu - the list in force
 *
 * Return: the list, or NULL if it is empty.
 * Context: inside an RCU read-side section, which keeps it.
 */
struct oom_candidates *oom_candidates_get_rcu(void)
{
	return rcu_dereference(candidates);
}

/**
 * oom_candidate_task - the process that an entry stands for
 * @entry: an entry of the list
 *
 * Return: its leader, or NULL: it was taken, or no thread of it is left.
 * Context: inside an RCU read-side section, which keeps the task.
 */
struct task_struct *oom_candidate_task(const struct oom_candidate *entry)
{
	struct task_struct *task;

	if (READ_ONCE(entry->taken))
		return NULL;
	task = pid_task(entry->pid, PIDTYPE_TGID);
	/* The leader of a process that goes on can be a zombie. */
	if (task && READ_ONCE(task->exit_state) && !delay_group_leader(task))
		return NULL;
	return task;
}

/**
 * oom_candidates_for_each - look at all that are listed, first to go first
 * @visit: called for each process that is alive
 * @arg: handed to it
 *
 * Context: any but an interrupt's; @visit is called under RCU.
 */
void oom_candidates_for_each(oom_candidate_fn visit, void *arg)
{
	struct oom_candidates *list;
	struct task_struct *task;
	unsigned int i;

	rcu_read_lock();
	list = oom_candidates_get_rcu();
	for (i = 0; list && i < list->nr; i++) {
		task = oom_candidate_task(&list->entries[i]);
		if (task)
			visit(task, i, arg);
	}
	rcu_read_unlock();
}

/**
 * oom_candidates_remove - a process was killed, it is no candidate any more
 * @task: one of its threads
 *
 * Context: any but an interrupt's.
 */
void oom_candidates_remove(struct task_struct *task)
{
	struct oom_candidates *list;
	struct pid *pid;
	unsigned int i;

	rcu_read_lock();
	pid = task_tgid(task);
	list = oom_candidates_get_rcu();
	for (i = 0; list && i < list->nr; i++)
		if (list->entries[i].pid == pid)
			WRITE_ONCE(list->entries[i].taken, true);
	rcu_read_unlock();
}

/**
 * oom_term_next_step - what becomes of a process that was told to end
 * @now: monotonic
 * @deadline: the end of its time; monotonic
 *
 * Return: enum oom_term_step.
 */
enum oom_term_step oom_term_next_step(ktime_t now, ktime_t deadline)
{
	if (ktime_before(now, deadline))
		return OOM_TERM_WAIT;
	if (ktime_before(now, ktime_add_ms(deadline, OOM_TERM_MEMORY_MS)))
		return OOM_TERM_KILL;
	return OOM_TERM_FORGET;
}

static void forget_terminated(void)
{
	put_pid(terminated);
	terminated = NULL;
}

/*
 * Is anything to be done about the process that was told to end?
 *
 * Return: the process, to be killed; OOM_CANDIDATE_WAIT; NULL: nothing any more.
 */
static struct task_struct *look_at_terminated(oom_killable_fn killable,
					      void *arg)
{
	enum oom_term_step step = OOM_TERM_FORGET;
	struct task_struct *task;

	if (!terminated)
		return NULL;
	task = get_pid_task(terminated, PIDTYPE_TGID);
	if (task) {
		rcu_read_lock();
		if (killable(task, arg))
			step = oom_term_next_step(ktime_get(), deadline);
		rcu_read_unlock();
	}
	if (step == OOM_TERM_KILL)
		pr_info("process %d (%s) has not ended after SIGTERM\n",
			pid_nr(terminated), task->comm);
	if (step != OOM_TERM_WAIT)
		forget_terminated();
	if (task && step != OOM_TERM_KILL)
		put_task_struct(task);
	if (step == OOM_TERM_WAIT)
		return OOM_CANDIDATE_WAIT;
	return step == OOM_TERM_KILL ? task : NULL;
}

/* Could the sudden death of a process leave hardware in an undefined state? */
static bool has_raw_io(struct task_struct *task)
{
	struct task_struct *t;

	for_each_thread(task, t)
		if (has_capability_noaudit(t, CAP_SYS_RAWIO))
			return true;
	return false;
}

/* Tell a process to end. Return: false if it has to be killed at once. */
static bool terminate(struct task_struct *task, struct pid *pid)
{
	unsigned int wait_ms = READ_ONCE(term_wait_ms);

	if (!wait_ms || !has_raw_io(task) ||
	    READ_ONCE(task->signal->flags) & SIGNAL_GROUP_EXIT)
		return false;

	terminated = get_pid(pid);
	deadline = ktime_add_ms(ktime_get(), wait_ms);
	term_reserve = OOM_TERM_RESERVE;
	pr_warn("SIGTERM for process %d (%s), which has CAP_SYS_RAWIO, SIGKILL in %u ms\n",
		pid_nr(pid), task->comm, wait_ms);
	do_send_sig_info(SIGTERM, SEND_SIG_PRIV, task, PIDTYPE_TGID);
	return true;
}

/**
 * oom_candidates_choose - the next victim
 * @killable: which processes may be killed
 * @arg: handed to it
 *
 * The first one that is listed, alive and killable is taken from the list. If it
 * has CAP_SYS_RAWIO it gets SIGTERM, and is the victim only when it still is
 * there after vm.oom_term_wait_ms.
 *
 * Return: its leader, with a reference; OOM_CANDIDATE_WAIT: nobody is to be
 * killed now; NULL: there is none.
 * Context: oom_lock held. Does not sleep.
 */
struct task_struct *oom_candidates_choose(oom_killable_fn killable, void *arg)
{
	struct task_struct *task, *victim;
	struct oom_candidate *entry;
	struct oom_candidates *list;
	unsigned int i;

	lockdep_assert_held(&oom_lock);

	victim = look_at_terminated(killable, arg);
	if (victim)
		return victim;

	rcu_read_lock();
	list = oom_candidates_get_rcu();
	for (i = 0; list && i < list->nr && !victim; i++) {
		entry = &list->entries[i];
		task = oom_candidate_task(entry);
		if (!task || !killable(task, arg))
			continue;
		WRITE_ONCE(entry->taken, true);
		if (terminate(task, entry->pid)) {
			victim = OOM_CANDIDATE_WAIT;
		} else {
			pr_info("process %d (%s) is number %u of %u listed\n",
				pid_nr(entry->pid), task->comm, i + 1,
				list->nr);
			victim = get_task_struct(task);
		}
	}
	rcu_read_unlock();
	return victim;
}

/**
 * oom_candidates_reserve - may an allocation take from the reserves?
 * @order: of its size
 *
 * A process that was sent SIGTERM cannot handle it while it waits for memory that
 * its own end would free. So it gets a little of what is kept for emergencies,
 * once.
 *
 * Return: whether current is that process, and has something left.
 * Context: oom_lock held.
 */
bool oom_candidates_reserve(unsigned int order)
{
	lockdep_assert_held(&oom_lock);

	if (!terminated || terminated != task_tgid(current) ||
	    term_reserve < 1U << order)
		return false;
	term_reserve -= 1U << order;
	return true;
}

static struct ctl_table oom_candidates_sysctls[] = {
	{
		.procname	= "oom_term_wait_ms",
		.data		= &term_wait_ms,
		.maxlen		= sizeof(term_wait_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= &max_term_wait_ms,
	},
};

static int __init oom_candidates_init(void)
{
	register_sysctl_init("vm", oom_candidates_sysctls);
	return 0;
}
late_initcall(oom_candidates_init);
