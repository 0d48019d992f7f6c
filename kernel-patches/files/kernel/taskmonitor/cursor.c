// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: reading histories without locking out those who write them.
 */

#include "taskmonitor.h"

/* The first task behind that of the cursor */
static struct taskmonitor_task *next_task(struct taskmonitor_cursor *cursor)
{
	struct taskmonitor_store *store = cursor->store;
	struct taskmonitor_task *task = cursor->task;

	lockdep_assert_held(&store->mutex);

	if (!task)
		return list_first_entry_or_null(&store->tasks,
						struct taskmonitor_task, node);
	if (!list_empty(&task->node))
		return list_is_last(&task->node, &store->tasks) ?
			       NULL : list_next_entry(task, node);
	/* It was removed: the place is where it was. */
	list_for_each_entry(task, &store->tasks, node)
		if (task->id > cursor->task->id)
			return task;
	return NULL;
}

/* The first sample of @task behind that of the cursor, unless it was taken too late */
static struct taskmonitor_sample *
next_sample(struct taskmonitor_cursor *cursor, struct taskmonitor_task *task)
{
	struct taskmonitor_sample *sample = cursor->sample;

	lockdep_assert_held(&cursor->store->mutex);

	/* One that was given back was older than all that are left. */
	if (task != cursor->task || list_empty(&sample->node))
		sample = list_first_entry_or_null(&task->samples,
						  struct taskmonitor_sample,
						  node);
	else if (list_is_last(&sample->node, &task->samples))
		sample = NULL;
	else
		sample = list_next_entry(sample, node);

	if (sample && ktime_after(sample->figures.time, cursor->until))
		return NULL;
	return sample;
}

static void move_to(struct taskmonitor_cursor *cursor,
		    struct taskmonitor_task *task,
		    struct taskmonitor_sample *sample)
{
	if (task)
		kref_get(&task->ref);
	if (sample)
		taskmonitor_sample_get(sample);
	taskmonitor_sample_put(cursor->sample);
	taskmonitor_task_put(cursor->task);
	cursor->task = task;
	cursor->sample = sample;
}

static void advance(struct taskmonitor_cursor *cursor)
{
	struct taskmonitor_sample *sample = NULL;
	struct taskmonitor_task *task = cursor->task;

	mutex_lock(&cursor->store->mutex);
	if (task)
		sample = next_sample(cursor, task);
	while (!sample) {
		task = next_task(cursor);
		if (!task)
			break;
		sample = next_sample(cursor, task);
		if (!sample)
			move_to(cursor, task, NULL);
	}
	move_to(cursor, task, sample);
	mutex_unlock(&cursor->store->mutex);
}

/**
 * taskmonitor_cursor_first - go to the first sample
 * @cursor: zeroed but for @cursor->store, or in use
 * @until: leave out samples taken later
 */
void taskmonitor_cursor_first(struct taskmonitor_cursor *cursor, ktime_t until)
{
	taskmonitor_cursor_release(cursor);
	cursor->until = until;
	cursor->pos = 0;
	advance(cursor);
}

/**
 * taskmonitor_cursor_next - go to the next sample
 * @cursor: @cursor->sample is not NULL; it is behind the last one
 */
void taskmonitor_cursor_next(struct taskmonitor_cursor *cursor)
{
	advance(cursor);
	cursor->pos++;
}

/**
 * taskmonitor_cursor_release - no longer keep what a cursor points at
 * @cursor: any; taskmonitor_cursor_first() may follow
 */
void taskmonitor_cursor_release(struct taskmonitor_cursor *cursor)
{
	move_to(cursor, NULL, NULL);
}
