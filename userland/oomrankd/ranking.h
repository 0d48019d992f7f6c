/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd: the best of all candidates, in order; allocates once. */
#ifndef OOMRANKD_RANKING_H
#define OOMRANKD_RANKING_H

#include "oomrank.h"

/* Room for the longest pid and a newline */
#define RANKING_LINE 11

/**
 * struct ranking - candidates
 * @room: how many are kept at most
 * @count: how many there are
 * @list: they; while they are added a heap, whose root is the last of all
 * @text: room for what ranking_write() makes of them
 */
struct ranking {
	size_t room;
	size_t count;
	struct oomrank_process *list;
	char *text;
};

/* Returns 0, or -ENOMEM. */
int ranking_make(struct ranking *ranking, size_t room);
void ranking_free(struct ranking *ranking);

void ranking_clear(struct ranking *ranking);

/* Adds a candidate. If there is no room, the last of all leaves. */
void ranking_add(struct ranking *ranking,
		 const struct oomrank_process *process);

/* Puts them in order. None can be added until they are cleared. */
void ranking_sort(struct ranking *ranking);

/*
 * ranking_comes_before - the order: more points, then more memory, then the
 * younger, then the one with the higher pid
 */
bool ranking_comes_before(const struct oomrank_process *a,
			  const struct oomrank_process *b);

/* Writes their pids, one a line, into @text. Returns the length. */
size_t ranking_write(struct ranking *ranking);

#endif /* OOMRANKD_RANKING_H */
