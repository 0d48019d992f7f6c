// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: system calls.
 */

#include <linux/cred.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "internal.h"

static int do_set(uid_t uid, unsigned long mm_max, unsigned int grace_ms)
{
	const struct mm_limit_user wanted = {
		.mm_max = mm_max,
		.time_allow_exceed_ms = grace_ms,
	};
	kuid_t kuid = make_kuid(current_user_ns(), uid);

	if (!uid_valid(kuid))
		return -EINVAL;
	if (mm_max == MM_LIMIT_NONE)
		return mm_limit_remove(kuid);
	return mm_limit_set(kuid, &wanted);
}

/**
 * sys_mm_limit - limit a user's physical memory, without grace
 * @uid: the user, in the caller's user namespace
 * @mm_max: bytes; ULONG_MAX removes the limit
 *
 * Return: 0, or a negative error: see mm_limit_set() and mm_limit_remove();
 * -EINVAL where @uid has no mapping.
 */
SYSCALL_DEFINE2(mm_limit, uid_t, uid, unsigned long, mm_max)
{
	return do_set(uid, mm_max, 0);
}

/**
 * sys_mm_limit_time - limit a user's physical memory
 * @uid: the user, in the caller's user namespace
 * @mm_max: bytes; ULONG_MAX removes the limit
 * @time_allow_exceed_ms: how long the user may stay above, in milliseconds
 *
 * Return: as for sys_mm_limit().
 */
SYSCALL_DEFINE3(mm_limit_time, uid_t, uid, unsigned long, mm_max,
		unsigned int, time_allow_exceed_ms)
{
	return do_set(uid, mm_max, time_allow_exceed_ms);
}

/**
 * sys_get_mm_limit - read the limit in force for a user
 * @uid: the user, in the caller's user namespace
 * @limit: where to put it
 *
 * Return: 0, or a negative error: see mm_limit_get(); -EINVAL where @uid has no
 * mapping; -EFAULT.
 */
SYSCALL_DEFINE2(get_mm_limit, uid_t, uid, struct mm_limit_user __user *, limit)
{
	kuid_t kuid = make_kuid(current_user_ns(), uid);
	struct mm_limit_user in_force;
	int ret;

	if (!uid_valid(kuid))
		return -EINVAL;
	ret = mm_limit_get(kuid, &in_force);
	if (ret)
		return ret;
	return copy_to_user(limit, &in_force, sizeof(in_force)) ? -EFAULT : 0;
}
