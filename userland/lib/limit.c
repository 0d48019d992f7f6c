// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: the system calls, typed. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sys/syscall.h>

#include "internal.h"
#include "mmlimit.h"

/*
 * syscall(2) answers through errno, which a library should leave as its caller
 * had it.
 */
static int result(long ret, int saved_errno)
{
	int error = ret < 0 ? -errno : ret;

	errno = saved_errno;
	return error;
}

int mmlimit_set(uid_t uid, unsigned long bytes)
{
	int saved_errno = errno;

	return result(syscall(__NR_mm_limit, uid, bytes), saved_errno);
}

int mmlimit_set_time(uid_t uid, unsigned long bytes, unsigned int grace_ms)
{
	int saved_errno = errno;

	return result(syscall(__NR_mm_limit_time, uid, bytes, grace_ms),
		      saved_errno);
}

int mmlimit_remove(uid_t uid)
{
	return mmlimit_set(uid, MMLIMIT_NONE);
}

int mmlimit_get(uid_t uid, struct mm_limit_user *limit)
{
	int saved_errno = errno;

	return result(syscall(__NR_get_mm_limit, uid, limit), saved_errno);
}

int mmlimit_set_evict(uid_t uid, unsigned long bytes)
{
	int saved_errno = errno;

	return result(syscall(__NR_set_mm_limits, uid, bytes), saved_errno);
}

int mmlimit_kill(int policy)
{
	int saved_errno = errno;

	return result(syscall(__NR_mm_limit_kill, policy), saved_errno);
}

int mmlimit_read(uid_t uid, struct mm_limit_attr *attr)
{
	int saved_errno = errno;
	int ret;

	attr->uid = uid;
	ret = result(syscall(__NR_mm_limit_ctl, MM_LIMIT_CTL_GET, attr,
			     sizeof(*attr)),
		     saved_errno);
	/* A kernel that does not know the field has written a zero there. */
	if (!ret && !(attr->fields & MM_LIMIT_FIELD_SWAP_MAX))
		attr->swap_max = MM_LIMIT_ATTR_NONE;
	return ret;
}

/*
 * Older kernels take nothing but zeros where they know of no field, so they get to
 * see no more of a limit than its change is about.
 */
int mmlimit_change(const struct mm_limit_attr *attr)
{
	const unsigned int later = MM_LIMIT_FIELD_THRESHOLD |
				   MM_LIMIT_FIELD_SWAP_MAX;
	const unsigned int latest = MM_LIMIT_FIELD_WARN | MM_LIMIT_FIELD_TERM;
	size_t size = MM_LIMIT_ATTR_SIZE_VER0;
	struct mm_limit_attr silent;
	int saved_errno = errno;
	int ret;

	if (attr->fields & later)
		size = MM_LIMIT_ATTR_SIZE_VER1;
	if (attr->fields & latest)
		size = MM_LIMIT_ATTR_SIZE_VER3;

	ret = result(syscall(__NR_mm_limit_ctl, MM_LIMIT_CTL_SET, attr, size),
		     saved_errno);
	if (ret != -EINVAL || attr->warn || attr->term_ms ||
	    !(attr->fields & latest))
		return ret;
	/* One that does neither need not be told not to. */
	silent = *attr;
	silent.fields &= ~latest;
	return silent.fields ? mmlimit_change(&silent) : ret;
}

const char *mmlimit_strerror(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{ 0, "no error" },
		{ -EACCES,
		  "users below vm.mm_limit_min_uid cannot be limited" },
		{ -EPERM,
		  "not allowed: this takes CAP_SYS_RESOURCE, or goes beyond a hard limit" },
		{ -ENODATA, "the user has no limit" },
		{ -ENOSPC,
		  "the table of limits is full (vm.mm_limit_max_entries)" },
		{ -ENOSYS,
		  "this kernel has no per-user memory limits (CONFIG_MM_LIMIT is off)" },
		{ -EOPNOTSUPP,
		  "this kernel has limits of users, but no rules for many of them" },
		{ -EEXIST, "a rule of the other kind is for just these users" },
		{ -ENOENT, "no such user" },
		{ -EINVAL,
		  "not understood, an unknown setting, or no such user in this user namespace" },
		{ -ERANGE, "out of range" },
		{ -E2BIG, "a setting that this kernel does not know" },
		/* Of the list of limits, or of the kills */
		{ -EPROTO,
		  "what the kernel tells of limits is not understood" },
		{ -EFBIG, "the file is too large" },
		{ -ENOMEM, "out of memory" },
	};
	const char *text;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].error == error)
			return texts[i].text;
	text = error < 0 && error > INT_MIN ? strerrordesc_np(-error) : NULL;
	return text ? text : "unknown error";
}
