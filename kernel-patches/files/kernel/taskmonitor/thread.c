// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: the thread that samples.
 *
 * Rounds begin at fixed distances, whatever a round takes, so they do not
 * drift. When a round takes longer than that, those that should have begun
 * meanwhile are left out and counted: they do not pile up.
 */

#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "taskmonitor.h"

unsigned int taskmonitor_period_ms = 1000;

static struct task_struct *thread;

/*
 * Woken when there is something to sample again, or the period has changed. The
 * period can change for as long as the module's parameters are there, which is
 * longer than the thread.
 */
static DECLARE_WAIT_QUEUE_HEAD(changes);

/**
 * taskmonitor_thread_wake - there may be another period, or something to do
 */
void taskmonitor_thread_wake(void)
{
	wake_up(&changes);
}

static bool is_idle(struct taskmonitor_store *store)
{
	return !READ_ONCE(store->nr_running) && !kthread_should_stop();
}

/* Is there something else to do than to wait for the next round? */
static bool is_due(struct taskmonitor_store *store, unsigned int period)
{
	return is_idle(store) || kthread_should_stop() ||
	       period != READ_ONCE(taskmonitor_period_ms);
}

static void sample_all(struct taskmonitor_store *store, u64 missed)
{
	struct taskmonitor_figures figures;
	struct taskmonitor_task *task;

	taskmonitor_begin_round(store, missed);
	while (!kthread_should_stop() && (task = taskmonitor_pick(store))) {
		if (taskmonitor_measure(task->pid, &figures))
			taskmonitor_append(store, task, &figures);
		else
			taskmonitor_end(store, task);
		taskmonitor_task_put(task);
		cond_resched();
	}
}

/* Go to the first moment of the grid after now. Return: how many have passed. */
static u64 advance(ktime_t *next, unsigned int period)
{
	u64 period_ns = (u64)period * NSEC_PER_MSEC, passed;
	ktime_t now = ktime_get();

	passed = div64_u64(ktime_to_ns(ktime_sub(now, *next)), period_ns);
	*next = ktime_add_ns(*next, (passed + 1) * period_ns);
	return passed;
}

static int monitor(void *data)
{
	struct taskmonitor_store *store = data;
	unsigned int period = 0; /* none: the grid is to begin anew */
	ktime_t next = 0, left;

	while (!kthread_should_stop()) {
		if (is_idle(store)) {
			period = 0;
			wait_event_interruptible(changes, !is_idle(store));
			continue;
		}
		if (period != READ_ONCE(taskmonitor_period_ms)) {
			period = READ_ONCE(taskmonitor_period_ms);
			next = ktime_add_ms(ktime_get(), period);
		}
		/* Read once: less than nothing would be for ever to a timer. */
		left = ktime_sub(next, ktime_get());
		if (left > 0)
			wait_event_interruptible_hrtimeout(changes,
							   is_due(store, period),
							   left);
		else
			sample_all(store, advance(&next, period));
	}
	return 0;
}

/**
 * taskmonitor_thread_start - begin to sample the tasks of a store
 * @store: the only one
 *
 * Return: 0 or a negative error.
 */
int taskmonitor_thread_start(struct taskmonitor_store *store)
{
	thread = kthread_run(monitor, store, "ktaskmonitord");
	return PTR_ERR_OR_ZERO(thread);
}

/**
 * taskmonitor_thread_stop - end sampling
 *
 * Returns when the thread has ended, which it does after the task at hand.
 */
void taskmonitor_thread_stop(void)
{
	kthread_stop(thread);
}
