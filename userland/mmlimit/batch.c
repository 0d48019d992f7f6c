// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: several limits changed together, all of them or none. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "batch.h"
#include "change.h"
#include "format.h"
#include "refusal.h"
#include "say.h"
#include "swapped.h"
#include "target.h"

/* Room for "FILE:LINE: KIND: USER", of which a file's name may be long */
#define PLACE_SIZE 4352

int batch_alloc(struct batch *batch, size_t count)
{
	batch->count = count;
	batch->items = calloc(count + 1, sizeof(*batch->items));
	return batch->items ? 0 : fail("%s", mmlimit_strerror(-ENOMEM));
}

/* What the message is about: "FILE:LINE: KIND: USER", or without the file */
static const char *place(const struct batch_item *item, const char *kind,
			 char text[PLACE_SIZE])
{
	char user[USER_TEXT_SIZE];

	whose_text(&item->attr, user);
	if (item->path)
		snprintf(text, PLACE_SIZE, "%s:%u: %s%s", item->path,
			 item->line, kind, user);
	else
		snprintf(text, PLACE_SIZE, "%s%s", kind, user);
	return text;
}

static int complain(const struct batch_item *item, int error)
{
	char text[PLACE_SIZE], why[REFUSAL_SIZE];

	if (change_lacks_reclaim(&item->attr, error))
		return fail("%s: " CHANGE_LACKS_RECLAIM, place(item, "", text),
			    MM_LIMIT_THRESHOLD_DEFAULT);
	return fail("%s: %s", place(item, "", text),
		    refusal_of(&item->attr, error, why));
}

/* Returns what the kernel would say. */
static int foresee(struct batch_item *item, long long min_uid, bool privileged)
{
	const struct mm_limit_attr *attr = &item->attr;
	int error = limit_save(attr, &item->saved);
	uid_t least = mmlimit_is_rule(attr) ? attr->first : attr->uid;

	if (!error && least < min_uid)
		return -EACCES;
	if (!error && item->saved.stood && mmlimit_is_rule(attr) &&
	    item->saved.attr.rule != attr->rule)
		return -EEXIST;
	if (!error && !privileged && item->saved.stood &&
	    item->saved.attr.hard_max != MM_LIMIT_ATTR_NONE)
		return -EPERM;
	/* A pool gives none of its members a limit that could be changed. */
	if (!error && !(attr->fields & MM_LIMIT_FIELD_MAX) &&
	    (!item->saved.stood ||
	     item->saved.attr.mm_max == MM_LIMIT_ATTR_NONE))
		return -ENODATA;
	return error;
}

int batch_check(struct batch *batch)
{
	long long min_uid = vm_sysctl("mm_limit_min_uid");
	bool privileged = is_privileged();
	int ret = EXIT_SUCCESS;

	for (size_t i = 0; i < batch->count; i++) {
		struct batch_item *item = &batch->items[i];
		int error = foresee(item, min_uid, privileged);

		if (error)
			ret = complain(item, error);
	}
	return ret;
}

void batch_warn(const struct batch *batch)
{
	char text[PLACE_SIZE], what[SWAPPED_SIZE];

	for (size_t i = 0; i < batch->count; i++) {
		const struct batch_item *item = &batch->items[i];

		if (swapped_exceeds(&item->attr, what))
			fail("%s: %s", place(item, "warning: ", text), what);
	}
}

/* Needed if the kernel refuses what batch_check() did not foresee */
static void undo(const struct batch *batch, size_t count)
{
	char user[USER_TEXT_SIZE], why[REFUSAL_SIZE];

	while (count--) {
		const struct saved_limit *saved = &batch->items[count].saved;
		int error = limit_restore(saved);

		if (error)
			fail("%s: cannot put the limit back: %s",
			     whose_text(&saved->attr, user),
			     refusal_of(&saved->attr, error, why));
	}
}

static int apply(const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		int error = target_change(&batch->items[i].attr);

		if (error) {
			complain(&batch->items[i], error);
			undo(batch, i);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}

/* A signal half-way would leave neither all limits nor none. */
int batch_apply(const struct batch *batch)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	ret = apply(batch);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}
