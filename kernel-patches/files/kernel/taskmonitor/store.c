// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: tasks and their histories.
 *
 * A sample leaves its history in one of two ways: it is the oldest of all and
 * is given back, or its task is removed. So what was read from a history in
 * order can be read on, whatever has gone meanwhile: all samples that are left
 * of a task are newer than any that went.
 */

#include <linux/pid.h>
#include <linux/sched.h>

#include "taskmonitor.h"

/* So many samples are freed before the mutex is let go. */
#define BATCH	256

/**
 * taskmonitor_store_init - make an empty store
 * @store: zeroed, but for @store->max
 * @name: of its slab cache
 *
 * Return: 0 or -ENOMEM.
 */
int taskmonitor_store_init(struct taskmonitor_store *store, const char *name)
{
	mutex_init(&store->mutex);
	INIT_LIST_HEAD(&store->tasks);
	INIT_LIST_HEAD(&store->running);
	INIT_LIST_HEAD(&store->order);

	/* Not merged with others, so that its figures are those of samples. */
	store->cache = kmem_cache_create(name, sizeof(struct taskmonitor_sample),
					 0, SLAB_NO_MERGE | SLAB_RECLAIM_ACCOUNT,
					 NULL);
	if (!store->cache)
		return -ENOMEM;

	store->pool = mempool_create_slab_pool(TASKMONITOR_RESERVE,
					       store->cache);
	if (!store->pool) {
		kmem_cache_destroy(store->cache);
		return -ENOMEM;
	}
	return 0;
}

/**
 * taskmonitor_sample_size - what a sample takes in its slab
 * @store: where it would be
 *
 * Return: bytes, or 0 if there is no memory to find out.
 */
unsigned int taskmonitor_sample_size(struct taskmonitor_store *store)
{
	void *object = kmem_cache_alloc(store->cache, GFP_KERNEL);
	unsigned int size = ksize(object);

	if (object)
		kmem_cache_free(store->cache, object);
	return size;
}

static void free_sample(struct kref *ref)
{
	struct taskmonitor_sample *sample =
		container_of(ref, struct taskmonitor_sample, ref);

	mempool_free(sample, sample->store->pool);
}

/**
 * taskmonitor_sample_get - keep a sample
 * @sample: the caller has the store's mutex or another reference
 *
 * Return: @sample.
 */
struct taskmonitor_sample *
taskmonitor_sample_get(struct taskmonitor_sample *sample)
{
	kref_get(&sample->ref);
	return sample;
}

/**
 * taskmonitor_sample_put - no longer keep a sample
 * @sample: may be NULL
 *
 * Context: any, with or without the store's mutex.
 */
void taskmonitor_sample_put(struct taskmonitor_sample *sample)
{
	if (sample)
		kref_put(&sample->ref, free_sample);
}

static void free_monitored(struct kref *ref)
{
	struct taskmonitor_task *task =
		container_of(ref, struct taskmonitor_task, ref);

	put_pid(task->pid);
	kfree(task);
}

/**
 * taskmonitor_task_put - no longer keep a task
 * @task: may be NULL
 */
void taskmonitor_task_put(struct taskmonitor_task *task)
{
	if (task)
		kref_put(&task->ref, free_monitored);
}

/* The process has ended, or is not to be sampled any more. */
static void leave_running(struct taskmonitor_store *store,
			  struct taskmonitor_task *task)
{
	lockdep_assert_held(&store->mutex);

	if (list_empty(&task->running))
		return;
	list_del_init(&task->running);
	WRITE_ONCE(store->nr_running, store->nr_running - 1);
}

/* What remains to be done is to put the store's reference. */
static void leave_tasks(struct taskmonitor_store *store,
			struct taskmonitor_task *task)
{
	lockdep_assert_held(&store->mutex);

	leave_running(store, task);
	list_del_init(&task->node);
	store->nr_tasks--;
}

static bool is_removed(struct taskmonitor_task *task)
{
	return list_empty(&task->node);
}

/* A task that has ended goes along with its last sample. */
static void forget_if_over(struct taskmonitor_store *store,
			   struct taskmonitor_task *task)
{
	lockdep_assert_held(&store->mutex);

	if (is_removed(task) || !list_empty(&task->running) ||
	    !list_empty(&task->samples))
		return;
	leave_tasks(store, task);
	taskmonitor_task_put(task);
}

/* Take a sample out of its history. */
static void give_back(struct taskmonitor_store *store,
		      struct taskmonitor_sample *sample)
{
	struct taskmonitor_task *task = sample->task;

	lockdep_assert_held(&store->mutex);

	list_del_init(&sample->node);
	list_del_init(&sample->order);
	sample->task = NULL;
	WRITE_ONCE(store->nr_samples, store->nr_samples - 1);
	taskmonitor_sample_put(sample);
	forget_if_over(store, task);
}

static unsigned long give_back_oldest(struct taskmonitor_store *store,
				      unsigned long nr)
{
	struct taskmonitor_sample *sample;
	unsigned long given = 0;

	lockdep_assert_held(&store->mutex);

	while (given < nr) {
		sample = list_first_entry_or_null(&store->order,
						  struct taskmonitor_sample,
						  order);
		if (!sample)
			break;
		give_back(store, sample);
		given++;
	}
	return given;
}

/**
 * taskmonitor_shrink - give the oldest samples back
 * @store: the store
 * @nr: how many
 *
 * Does nothing if somebody else is busy with the store.
 *
 * Return: how many were given back.
 * Context: reclaim, or any other that may sleep.
 */
unsigned long taskmonitor_shrink(struct taskmonitor_store *store,
				 unsigned long nr)
{
	unsigned long given;

	if (!mutex_trylock(&store->mutex))
		return 0;
	given = give_back_oldest(store, nr);
	store->counts.shrunk += given;
	mutex_unlock(&store->mutex);
	return given;
}

/*
 * A sample is taken from the slab, from the reserve, or else in place of the oldest,
 * never by waiting for memory. When readers hold that one, another has to go, too.
 */
static struct taskmonitor_sample *alloc_sample(struct taskmonitor_store *store)
{
	struct taskmonitor_sample *sample;
	unsigned long given;
	int tries = 0;

	for (;;) {
		sample = mempool_alloc(store->pool, GFP_NOWAIT | __GFP_NOWARN);
		if (sample || tries++ == TASKMONITOR_RESERVE)
			break;
		mutex_lock(&store->mutex);
		given = give_back_oldest(store, 1);
		store->counts.recycled += given;
		mutex_unlock(&store->mutex);
		if (!given)
			break;
	}
	if (!sample)
		return NULL;

	kref_init(&sample->ref);
	INIT_LIST_HEAD(&sample->node);
	INIT_LIST_HEAD(&sample->order);
	sample->task = NULL;
	sample->store = store;
	return sample;
}

static void link_sample(struct taskmonitor_store *store,
			struct taskmonitor_task *task,
			struct taskmonitor_sample *sample)
{
	unsigned long max = READ_ONCE(store->max), excess;

	lockdep_assert_held(&store->mutex);

	sample->task = task;
	list_add_tail(&sample->node, &task->samples);
	list_add_tail(&sample->order, &store->order);
	WRITE_ONCE(store->nr_samples, store->nr_samples + 1);
	store->counts.taken++;

	/* After the cap was lowered it takes several calls. */
	if (store->nr_samples > max) {
		excess = min(store->nr_samples - max, (unsigned long)BATCH);
		store->counts.capped += give_back_oldest(store, excess);
	}
}

static bool is_running(struct taskmonitor_store *store, struct pid *pid)
{
	struct taskmonitor_task *task;

	lockdep_assert_held(&store->mutex);

	list_for_each_entry(task, &store->running, running)
		if (task->pid == pid)
			return true;
	return false;
}

static int link_task(struct taskmonitor_store *store,
		     struct taskmonitor_task *task,
		     struct taskmonitor_sample *sample)
{
	int ret = -EEXIST;

	mutex_lock(&store->mutex);
	if (!is_running(store, task->pid)) {
		task->id = ++store->last_id;
		/* This round is over for it. */
		task->round = store->round;
		list_add_tail(&task->node, &store->tasks);
		list_add_tail(&task->running, &store->running);
		store->nr_tasks++;
		WRITE_ONCE(store->nr_running, store->nr_running + 1);
		link_sample(store, task, sample);
		ret = 0;
	}
	mutex_unlock(&store->mutex);
	return ret;
}

/**
 * taskmonitor_add - begin with a task
 * @store: the store
 * @pid: of the task; the store takes a reference of its own
 * @figures: its first sample
 *
 * Return: 0, -EEXIST if the task is sampled already, or -ENOMEM.
 */
int taskmonitor_add(struct taskmonitor_store *store, struct pid *pid,
		    const struct taskmonitor_figures *figures)
{
	struct taskmonitor_sample *sample;
	struct taskmonitor_task *task;
	int ret;

	task = kzalloc(sizeof(*task), GFP_KERNEL);
	if (!task)
		return -ENOMEM;
	kref_init(&task->ref);
	INIT_LIST_HEAD(&task->node);
	INIT_LIST_HEAD(&task->running);
	INIT_LIST_HEAD(&task->samples);
	task->pid = get_pid(pid);

	sample = alloc_sample(store);
	if (!sample) {
		taskmonitor_task_put(task);
		return -ENOMEM;
	}
	sample->figures = *figures;

	ret = link_task(store, task, sample);
	if (ret) {
		taskmonitor_sample_put(sample);
		taskmonitor_task_put(task);
	}
	return ret;
}

/**
 * taskmonitor_append - put a sample into the history of a task
 * @store: the store
 * @task: the caller has a reference
 * @figures: newer than those before
 *
 * Nothing happens if the task was removed.
 */
void taskmonitor_append(struct taskmonitor_store *store,
			struct taskmonitor_task *task,
			const struct taskmonitor_figures *figures)
{
	struct taskmonitor_sample *sample = alloc_sample(store);
	bool linked = false;

	if (sample)
		sample->figures = *figures;

	mutex_lock(&store->mutex);
	if (!list_empty(&task->running)) {
		if (sample)
			link_sample(store, task, sample);
		else
			store->counts.lost++;
		linked = sample;
	}
	mutex_unlock(&store->mutex);
	if (!linked)
		taskmonitor_sample_put(sample);
}

/**
 * taskmonitor_end - the process of a task has ended
 * @store: the store
 * @task: the caller has a reference
 *
 * It keeps its history.
 */
void taskmonitor_end(struct taskmonitor_store *store,
		     struct taskmonitor_task *task)
{
	mutex_lock(&store->mutex);
	leave_running(store, task);
	forget_if_over(store, task);
	mutex_unlock(&store->mutex);
}

static struct taskmonitor_task *find_number(struct taskmonitor_store *store,
					    pid_t nr)
{
	struct taskmonitor_task *task;

	lockdep_assert_held(&store->mutex);

	list_for_each_entry(task, &store->tasks, node)
		if (pid_nr(task->pid) == nr)
			return task;
	return NULL;
}

/* Remove the history of a task that was removed. The mutex is let go meanwhile. */
static void remove_history(struct taskmonitor_store *store,
			   struct taskmonitor_task *task)
{
	struct taskmonitor_sample *sample;
	unsigned int left = BATCH;

	lockdep_assert_held(&store->mutex);

	while (!list_empty(&task->samples)) {
		sample = list_first_entry(&task->samples,
					  struct taskmonitor_sample, node);
		give_back(store, sample);
		if (--left)
			continue;
		mutex_unlock(&store->mutex);
		cond_resched();
		left = BATCH;
		mutex_lock(&store->mutex);
	}
}

/**
 * taskmonitor_remove - stop sampling, and remove the history
 * @store: the store
 * @nr: number of the process. If it was recycled and monitored again, all
 *	that had it are removed.
 *
 * Return: 0, or -ESRCH if there is none.
 * Context: process; may sleep.
 */
int taskmonitor_remove(struct taskmonitor_store *store, pid_t nr)
{
	struct taskmonitor_task *task;
	int ret = -ESRCH;

	mutex_lock(&store->mutex);
	while ((task = find_number(store, nr))) {
		leave_tasks(store, task);
		remove_history(store, task);
		taskmonitor_task_put(task);
		ret = 0;
	}
	mutex_unlock(&store->mutex);
	return ret;
}

/**
 * taskmonitor_begin_round - sample all tasks once
 * @store: the store
 * @missed: how many rounds there should have been since the last one
 *
 * This is for the only caller of taskmonitor_pick(), which goes through the round.
 */
void taskmonitor_begin_round(struct taskmonitor_store *store, u64 missed)
{
	mutex_lock(&store->mutex);
	store->round++;
	store->counts.missed += missed * store->nr_running;
	mutex_unlock(&store->mutex);
}

/**
 * taskmonitor_pick - the next task of the round
 * @store: the store
 *
 * Tasks may come and go meanwhile. Those that come have been sampled.
 *
 * Return: a task, with a reference, or NULL when all have been sampled.
 */
struct taskmonitor_task *taskmonitor_pick(struct taskmonitor_store *store)
{
	struct taskmonitor_task *task;

	mutex_lock(&store->mutex);
	task = list_first_entry_or_null(&store->running,
					struct taskmonitor_task, running);
	if (task && task->round == store->round)
		task = NULL;
	if (task) {
		task->round = store->round;
		list_move_tail(&task->running, &store->running);
		kref_get(&task->ref);
	}
	mutex_unlock(&store->mutex);
	return task;
}

/**
 * taskmonitor_store_exit - free everything
 * @store: nobody uses it any more, nor any sample of it
 */
void taskmonitor_store_exit(struct taskmonitor_store *store)
{
	struct taskmonitor_task *task;

	mutex_lock(&store->mutex);
	while ((task = list_first_entry_or_null(&store->tasks,
						struct taskmonitor_task,
						node))) {
		leave_tasks(store, task);
		remove_history(store, task);
		taskmonitor_task_put(task);
	}
	mutex_unlock(&store->mutex);
	mempool_destroy(store->pool);
	kmem_cache_destroy(store->cache);
	mutex_destroy(&store->mutex);
}
