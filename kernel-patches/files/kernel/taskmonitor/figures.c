// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: what a process has used so far.
 */

#include <linux/mm_types.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "taskmonitor.h"

/*
 * The leader may have exited before other threads. A kernel thread has no
 * address space of its own, though it may have borrowed one.
 */
static void measure_sizes(struct task_struct *leader,
			  struct taskmonitor_figures *figures)
{
	struct task_struct *thread;
	struct mm_struct *mm;

	if (leader->flags & PF_KTHREAD)
		return;

	for_each_thread(leader, thread) {
		/* As long as it is held, the thread does not let go of its mm. */
		task_lock(thread);
		mm = thread->mm;
		if (mm) {
			figures->total = READ_ONCE(mm->total_vm);
			figures->stack = READ_ONCE(mm->stack_vm);
			figures->data = READ_ONCE(mm->data_vm);
		}
		task_unlock(thread);
		if (mm)
			break;
	}
}

/**
 * taskmonitor_measure - take the figures of a process
 * @pid: of its leader
 * @figures: filled. Sizes are 0 for kernel threads, and for a process that is
 *	about to end.
 *
 * This takes no reference that the process would notice: it ends when it would
 * anyway, and its memory goes with it.
 *
 * Return: false if there is no such process, or it has ended. A thread other
 * than the leader is none.
 * Context: any that may be preempted; does not sleep.
 */
bool taskmonitor_measure(struct pid *pid, struct taskmonitor_figures *figures)
{
	struct task_struct *leader;
	bool alive;

	*figures = (struct taskmonitor_figures){ .pid = pid_nr(pid) };

	rcu_read_lock();
	leader = pid_task(pid, PIDTYPE_TGID);
	alive = leader && !(READ_ONCE(leader->exit_state) &&
			    thread_group_empty(leader));
	if (alive) {
		figures->time = ktime_get();
		thread_group_cputime_adjusted(leader, &figures->utime,
					      &figures->stime);
		measure_sizes(leader, figures);
	}
	rcu_read_unlock();
	return alive;
}
