/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: several limits changed together, all of them or none. */
#ifndef MMLIMIT_BATCH_H
#define MMLIMIT_BATCH_H

#include "mmlimit.h"
#include "saved.h"

/**
 * struct batch_item - one change
 * @attr: for target_change()
 * @path: of the file that asks for it, or NULL
 * @line: where it stands there
 * @saved: what the limit was before
 */
struct batch_item {
	struct mm_limit_attr attr;
	const char *path;
	unsigned int line;
	struct saved_limit saved;
};

/**
 * struct batch - changes to be made together
 * @items: by batch_alloc(), to be freed with free()
 * @count: their number
 */
struct batch {
	struct batch_item *items;
	size_t count;
};

/* Makes room. Returns 0, or EXIT_FAILURE after the user was told. */
int batch_alloc(struct batch *batch, size_t count);

/**
 * batch_check - find out what the kernel would refuse
 * @batch: whose limits are noted as they are
 *
 * To put a limit back does not bring back to life the processes that it has killed.
 *
 * Return: 0, or EXIT_FAILURE: the user was told of each that would be refused.
 */
int batch_check(struct batch *batch);

/* Tells what would be killed for what is in swap. */
void batch_warn(const struct batch *batch);

/*
 * Makes the changes, after batch_check(). Returns 0, or EXIT_FAILURE after the user
 * was told why all is as it was.
 */
int batch_apply(const struct batch *batch);

#endif /* MMLIMIT_BATCH_H */
