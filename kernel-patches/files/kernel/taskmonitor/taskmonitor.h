/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Task monitor: samples of processes, and where they are kept.
 */
#ifndef _TASKMONITOR_H
#define _TASKMONITOR_H

#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mempool.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/types.h>

struct pid;

/**
 * struct taskmonitor_figures - what is known of a process at a moment
 * @time: the moment, CLOCK_MONOTONIC
 * @utime: CPU time in user mode so far, of all threads, in nanoseconds
 * @stime: the same in the kernel
 * @total: size of the address space, in pages
 * @stack: of that, stacks
 * @data: of that, private and writable
 * @pid: its number in the initial pid namespace
 */
struct taskmonitor_figures {
	ktime_t time;
	u64 utime;
	u64 stime;
	unsigned long total;
	unsigned long stack;
	unsigned long data;
	pid_t pid;
};

/**
 * struct taskmonitor_sample - figures in a history
 * @ref: the history has a reference, and so has whoever reads the sample
 *	without the mutex
 * @node: in the history of its task, oldest first; empty once given back
 * @order: among all samples of the store, oldest first
 * @task: whose history it is in; NULL once given back
 * @store: where it came from, and goes back to
 * @figures: do not change any more
 *
 * The store's mutex guards @node, @order and @task.
 */
struct taskmonitor_sample {
	struct kref ref;
	struct list_head node;
	struct list_head order;
	struct taskmonitor_task *task;
	struct taskmonitor_store *store;
	struct taskmonitor_figures figures;
};

/**
 * struct taskmonitor_task - a process that is, or was, monitored
 * @ref: the store has a reference
 * @node: among the tasks of the store, by @id; empty once removed
 * @running: among those that are sampled; empty once it has ended or is removed
 * @samples: its history, oldest first
 * @pid: with a reference, so a recycled number is another process
 * @id: larger than that of any task started before
 * @round: in which it was sampled last
 *
 * The store's mutex guards all but @ref, @pid and @id, which do not change.
 */
struct taskmonitor_task {
	struct kref ref;
	struct list_head node;
	struct list_head running;
	struct list_head samples;
	struct pid *pid;
	u64 id;
	unsigned long round;
};

/**
 * struct taskmonitor_counts - what has happened to samples so far
 * @taken: put into a history
 * @shrunk: given back because the system is short of memory
 * @recycled: given back for a newer one that there was no memory for
 * @capped: given back because there were more than allowed
 * @lost: not taken, for there was no memory at all
 * @missed: moments at which a task should have been sampled, but the last
 *	round was not over
 */
struct taskmonitor_counts {
	u64 taken;
	u64 shrunk;
	u64 recycled;
	u64 capped;
	u64 lost;
	u64 missed;
};

/**
 * struct taskmonitor_store - all tasks and their histories
 * @mutex: guards the lists, the numbers and the counts; no memory is allocated
 *	with it held, and nobody waits, so reclaim may take it
 * @cache: of samples
 * @pool: on top of @cache
 * @tasks: in the order in which they were started
 * @running: those that are sampled; in front those whose turn is next
 * @order: all samples, oldest first
 * @max: how many samples there may be; changed and read at any time
 * @nr_samples: how many there are; may be read without @mutex
 * @nr_tasks: length of @tasks
 * @nr_running: length of @running; may be read without @mutex
 * @last_id: of the task started last
 * @round: see taskmonitor_pick()
 * @counts: what has happened
 */
struct taskmonitor_store {
	struct mutex mutex; /* see above */
	struct kmem_cache *cache;
	mempool_t *pool;
	struct list_head tasks;
	struct list_head running;
	struct list_head order;
	unsigned int max;
	unsigned long nr_samples;
	unsigned long nr_tasks;
	unsigned long nr_running;
	u64 last_id;
	unsigned long round;
	struct taskmonitor_counts counts;
};

/* Samples that are kept for when there is no memory and no history either */
#define TASKMONITOR_RESERVE	64

/**
 * struct taskmonitor_cursor - a place in all the histories, task by task
 * @store: whose
 * @until: samples taken later are left out, so that every reading has an end
 * @task: with a reference; NULL behind the last one, and before the first
 * @sample: with a reference; NULL if @task is
 * @pos: number of the sample
 *
 * Whoever reads locks out nobody: samples and tasks may come and go, and no
 * sample that stays is left out or comes twice.
 */
struct taskmonitor_cursor {
	struct taskmonitor_store *store;
	ktime_t until;
	struct taskmonitor_task *task;
	struct taskmonitor_sample *sample;
	loff_t pos;
};

/* store.c */
int taskmonitor_store_init(struct taskmonitor_store *store, const char *name);
void taskmonitor_store_exit(struct taskmonitor_store *store);
unsigned int taskmonitor_sample_size(struct taskmonitor_store *store);

int taskmonitor_add(struct taskmonitor_store *store, struct pid *pid,
		    const struct taskmonitor_figures *figures);
int taskmonitor_remove(struct taskmonitor_store *store, pid_t nr);
void taskmonitor_end(struct taskmonitor_store *store,
		     struct taskmonitor_task *task);
void taskmonitor_append(struct taskmonitor_store *store,
			struct taskmonitor_task *task,
			const struct taskmonitor_figures *figures);

void taskmonitor_begin_round(struct taskmonitor_store *store, u64 missed);
struct taskmonitor_task *taskmonitor_pick(struct taskmonitor_store *store);
void taskmonitor_task_put(struct taskmonitor_task *task);

struct taskmonitor_sample *
taskmonitor_sample_get(struct taskmonitor_sample *sample);
void taskmonitor_sample_put(struct taskmonitor_sample *sample);
unsigned long taskmonitor_shrink(struct taskmonitor_store *store,
				 unsigned long nr);

/* cursor.c */
void taskmonitor_cursor_first(struct taskmonitor_cursor *cursor,
			      ktime_t until);
void taskmonitor_cursor_next(struct taskmonitor_cursor *cursor);
void taskmonitor_cursor_release(struct taskmonitor_cursor *cursor);

/* figures.c */
bool taskmonitor_measure(struct pid *pid, struct taskmonitor_figures *figures);

/* command.c */
#define TASKMONITOR_COMMAND_MAX	32
int taskmonitor_parse(const char *text, size_t length, int *number);

/* main.c */
int taskmonitor_start(pid_t nr);
int taskmonitor_stop(pid_t nr);

/* thread.c */
extern unsigned int taskmonitor_period_ms;
int taskmonitor_thread_start(struct taskmonitor_store *store);
void taskmonitor_thread_stop(void);
void taskmonitor_thread_wake(void);

/* shrinker.c */
int taskmonitor_shrinker_init(struct taskmonitor_store *store);
void taskmonitor_shrinker_exit(void);

/* debugfs.c, sysfs.c */
int taskmonitor_debugfs_init(struct taskmonitor_store *store);
void taskmonitor_debugfs_exit(void);
int taskmonitor_sysfs_init(struct taskmonitor_store *store);
void taskmonitor_sysfs_exit(void);

#endif /* _TASKMONITOR_H */
