// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: pages that were found unused, and wait until somebody
 * swaps them out.
 */

#include <linux/swap.h>

#include "../internal.h"
#include "reclaim.h"

/**
 * mm_limit_queue_init - make a queue
 * @queue: the queue
 */
void mm_limit_queue_init(struct mm_limit_queue *queue)
{
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->folios);
	queue->nr = 0;
	queue->busy = 0;
}

/**
 * mm_limit_queue_push - let a page wait to be swapped out
 * @queue: the queue
 * @folio: the page, isolated
 *
 * Return: false if the queue is full; then the caller keeps the page.
 */
bool mm_limit_queue_push(struct mm_limit_queue *queue, struct folio *folio)
{
	bool room;

	spin_lock(&queue->lock);
	room = queue->nr < MM_LIMIT_QUEUE;
	if (room) {
		list_add_tail(&folio->lru, &queue->folios);
		WRITE_ONCE(queue->nr, queue->nr + 1);
	}
	spin_unlock(&queue->lock);
	return room;
}

/**
 * mm_limit_queue_take - take what has waited longest
 * @queue: the queue
 * @folios: where to append it, in the same order
 * @want: at most so many pages
 *
 * Return: how many; for mm_limit_queue_done(), when they have been dealt with.
 */
unsigned int mm_limit_queue_take(struct mm_limit_queue *queue,
				 struct list_head *folios, unsigned int want)
{
	unsigned int taken;

	spin_lock(&queue->lock);
	for (taken = 0; taken < want && queue->nr; taken++) {
		list_move_tail(queue->folios.next, folios);
		WRITE_ONCE(queue->nr, queue->nr - 1);
	}
	queue->busy += taken;
	spin_unlock(&queue->lock);
	return taken;
}

/**
 * mm_limit_queue_done - pages that were taken have been dealt with
 * @queue: the queue
 * @nr: how many
 */
void mm_limit_queue_done(struct mm_limit_queue *queue, unsigned int nr)
{
	spin_lock(&queue->lock);
	queue->busy -= nr;
	spin_unlock(&queue->lock);
}

/**
 * mm_limit_queue_busy - pages that wait or are being dealt with
 * @queue: the queue
 *
 * Return: how many.
 */
unsigned int mm_limit_queue_busy(struct mm_limit_queue *queue)
{
	unsigned int busy;

	spin_lock(&queue->lock);
	busy = queue->nr + queue->busy;
	spin_unlock(&queue->lock);
	return busy;
}

/**
 * mm_limit_put_back - give isolated pages back to the page replacement
 * @folios: the pages; empty afterwards
 */
void mm_limit_put_back(struct list_head *folios)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, folios, lru) {
		list_del(&folio->lru);
		folio_putback_lru(folio);
	}
}
