// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: limits that are put back as they were. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <unistd.h>

#include <sys/wait.h>

#include "format.h"
#include "mmlimit.h"
#include "refusal.h"
#include "saved.h"
#include "target.h"

int limit_save(const struct mm_limit_attr *target, struct saved_limit *saved)
{
	int ret;

	*saved = (struct saved_limit){ .attr = *target };
	ret = target_read(target, &saved->attr);
	if (ret == -ENODATA)
		return 0;
	saved->stood = !ret;
	return ret;
}

static int remove_if_there(const struct saved_limit *saved)
{
	int ret = target_remove(&saved->attr);

	return ret == -ENODATA ? 0 : ret;
}

/* The fields that are set along with a part of a limit */
static unsigned int settings(const struct mm_limit_attr *attr)
{
	unsigned int fields = MM_LIMIT_FIELD_POLICY | MM_LIMIT_FIELD_FLAGS;

	if (reclaims(attr))
		fields |= MM_LIMIT_FIELD_THRESHOLD | MM_LIMIT_FIELD_SWAP_MAX;
	/* Not all kernels have these. */
	return fields |
	       (attr->fields & (MM_LIMIT_FIELD_WARN | MM_LIMIT_FIELD_TERM));
}

static int set_hard(const struct saved_limit *saved)
{
	struct mm_limit_attr attr = saved->attr;

	attr.mm_max = attr.hard_max;
	attr.grace_ms = attr.hard_grace_ms;
	attr.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
		      settings(&attr);
	return target_change(&attr);
}

static int set_self(const struct saved_limit *saved)
{
	struct mm_limit_attr attr = saved->attr;

	attr.mm_max = attr.self_max;
	attr.grace_ms = attr.self_grace_ms;
	attr.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE;
	/*
	 * Where a hard part stands, the other settings are not the user's to
	 * change.
	 */
	if (attr.hard_max == MM_LIMIT_ATTR_NONE)
		attr.fields |= settings(&attr);
	return mmlimit_change(&attr);
}

/* set_self() by a process that becomes the user, and so has no privilege */
static int set_self_as_user(const struct saved_limit *saved)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		uid_t uid = saved->attr.uid;

		if (setresuid(uid, uid, uid))
			_exit(errno);
		_exit(-set_self(saved));
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ESRCH;
}

static int restore_hard(const struct saved_limit *saved)
{
	int ret;

	/*
	 * Either removes what the user had bound itself to as well. What a rule has
	 * given comes back by itself.
	 */
	if (saved->stood && has_own_hard(&saved->attr))
		ret = set_hard(saved);
	else
		ret = remove_if_there(saved);
	if (ret || !saved->stood || saved->attr.self_max == MM_LIMIT_ATTR_NONE)
		return ret;
	return set_self_as_user(saved);
}

int limit_restore(const struct saved_limit *saved)
{
	if (is_privileged())
		return restore_hard(saved);
	if (saved->stood && saved->attr.self_max != MM_LIMIT_ATTR_NONE)
		return set_self(saved);
	return remove_if_there(saved);
}
