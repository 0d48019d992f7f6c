// SPDX-License-Identifier: GPL-2.0-only
/*
 * oomrankd: keeps the best of all candidates, in order, in a heap, since few
 * are to be kept of many and qsort() may allocate memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ranking.h"

bool ranking_comes_before(const struct oomrank_process *a,
			  const struct oomrank_process *b)
{
	if (a->points != b->points)
		return a->points > b->points;
	if (a->facts.total_vm != b->facts.total_vm)
		return a->facts.total_vm > b->facts.total_vm;
	if (a->facts.run_s != b->facts.run_s)
		return a->facts.run_s < b->facts.run_s;
	return a->pid > b->pid;
}

static void swap(struct ranking *ranking, size_t a, size_t b)
{
	struct oomrank_process other = ranking->list[a];

	ranking->list[a] = ranking->list[b];
	ranking->list[b] = other;
}

/* Puts @at, which may come before its children, where it belongs. */
static void sink(struct ranking *ranking, size_t count, size_t at)
{
	const struct oomrank_process *list = ranking->list;
	size_t child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count &&
		    ranking_comes_before(&list[child], &list[child + 1]))
			child++;
		if (!ranking_comes_before(&list[at], &list[child]))
			return;
		swap(ranking, at, child);
		at = child;
	}
}

static void rise(struct ranking *ranking, size_t at)
{
	while (at) {
		size_t parent = (at - 1) / 2;

		if (!ranking_comes_before(&ranking->list[parent],
					  &ranking->list[at]))
			return;
		swap(ranking, at, parent);
		at = parent;
	}
}

int ranking_make(struct ranking *ranking, size_t room)
{
	ranking->room = room;
	ranking->count = 0;
	ranking->list = calloc(room, sizeof(*ranking->list));
	ranking->text = malloc(room * RANKING_LINE + 2);
	if (ranking->list && ranking->text)
		return 0;
	ranking_free(ranking);
	return -ENOMEM;
}

void ranking_free(struct ranking *ranking)
{
	free(ranking->list);
	free(ranking->text);
	ranking->list = NULL;
	ranking->text = NULL;
}

void ranking_clear(struct ranking *ranking)
{
	ranking->count = 0;
}

void ranking_add(struct ranking *ranking, const struct oomrank_process *process)
{
	if (ranking->count < ranking->room) {
		ranking->list[ranking->count] = *process;
		rise(ranking, ranking->count++);
	} else if (ranking_comes_before(process, &ranking->list[0])) {
		ranking->list[0] = *process;
		sink(ranking, ranking->count, 0);
	}
}

void ranking_sort(struct ranking *ranking)
{
	for (size_t left = ranking->count; left > 1; left--) {
		swap(ranking, 0, left - 1);
		sink(ranking, left - 1, 0);
	}
}

size_t ranking_write(struct ranking *ranking)
{
	size_t length = 0;

	for (size_t i = 0; i < ranking->count; i++)
		length += snprintf(ranking->text + length, RANKING_LINE + 1,
				   "%d\n", ranking->list[i].pid);
	/* A list without candidates takes a write, too. */
	if (!length)
		length += snprintf(ranking->text, 2, "\n");
	return length;
}
