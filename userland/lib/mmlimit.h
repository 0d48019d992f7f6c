/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmmlimit: per-user limits on physical memory, from user space.
 *
 * No function here prints, exits or changes errno on purpose: each returns 0,
 * or a negative errno value that mmlimit_strerror() puts into words. All are
 * thread-safe.
 *
 * Sizes are bytes of physical memory, times are milliseconds, users are those
 * of the caller's user namespace.
 */
#ifndef MMLIMIT_H
#define MMLIMIT_H

#include <limits.h>
#include <sys/types.h>

#include <linux/mm_limit.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * No limit, as a size. One byte less is a limit like any other, if a huge one;
 * so is 0.
 */
#define MMLIMIT_NONE ULONG_MAX

/**
 * mmlimit_set - limit a user's memory, without grace
 * @uid: the user
 * @bytes: the limit; MMLIMIT_NONE removes it
 *
 * With CAP_SYS_RESOURCE the limit is a hard one, for any user. Without, a
 * process may limit its own real user only, and never beyond a hard limit.
 * Lowering a limit below what the user has kills at once.
 *
 * Return: 0, or -EACCES (the uid is below vm.mm_limit_min_uid), -EPERM (not
 * allowed), -ENODATA (nothing to remove), -ENOSPC (the table is full), -EINVAL
 * (no such uid in this namespace), -ENOMEM, or -ENOSYS (the kernel has no
 * limits).
 */
int mmlimit_set(uid_t uid, unsigned long bytes);

/**
 * mmlimit_set_time - limit a user's memory, with grace
 * @uid: the user
 * @bytes: the limit; MMLIMIT_NONE removes it
 * @grace_ms: how long the user may stay above @bytes before the killer acts; 0
 *	is not at all
 *
 * Return: as mmlimit_set().
 */
int mmlimit_set_time(uid_t uid, unsigned long bytes, unsigned int grace_ms);

/**
 * mmlimit_remove - take a user's limit away
 * @uid: the user
 *
 * Nothing that this limit set in motion kills any more once the call has
 * returned.
 *
 * Return: as mmlimit_set().
 */
int mmlimit_remove(uid_t uid);

/**
 * mmlimit_get - read the limit in force for a user
 * @uid: the user: one's own real one, or any with CAP_SYS_RESOURCE
 * @limit: where to put it; untouched if the call fails
 *
 * Return: 0, or -EACCES, -EPERM, -ENODATA (the user has no limit), -EINVAL,
 * -EFAULT or -ENOSYS.
 */
int mmlimit_get(uid_t uid, struct mm_limit_user *limit);

/**
 * mmlimit_set_evict - as mmlimit_set(), and make room for it
 * @uid: the user
 * @bytes: the limit; MMLIMIT_NONE removes it
 *
 * If the table is full, the limit that was set longest ago gives way. That
 * takes CAP_SYS_RESOURCE; without, a full table stays -ENOSPC.
 *
 * Return: as mmlimit_set(), or 1 if a limit was evicted.
 */
int mmlimit_set_evict(uid_t uid, unsigned long bytes);

/**
 * mmlimit_kill - run the killer now
 * @policy: enum mm_limit_policy, for all users; MM_LIMIT_POLICY_OWN: each
 *	limit's own
 *
 * Each user that is above its limit loses processes until it no longer is,
 * whatever the trigger and without regard to graces. Takes CAP_SYS_RESOURCE.
 *
 * Return: how many processes were killed, or -EPERM, -EINVAL (no such policy),
 * -ENOMEM or -ENOSYS.
 */
int mmlimit_kill(int policy);

/**
 * mmlimit_read - read everything about a limit
 * @uid: as for mmlimit_get()
 * @attr: where to put it
 *
 * Return: as mmlimit_get().
 */
int mmlimit_read(uid_t uid, struct mm_limit_attr *attr);

/**
 * mmlimit_change - set or change a limit
 * @attr: the user, which fields, and their values
 *
 * Fields that are not named stay as they are; a user without a limit gets one if
 * the size is named. Policy and flags of a limit with a hard part are changed
 * only with CAP_SYS_RESOURCE.
 *
 * Return: as mmlimit_set(); -ENODATA if there is no limit to change; -EINVAL for
 * an unknown policy, flag or field, or a size of MMLIMIT_NONE.
 */
int mmlimit_change(const struct mm_limit_attr *attr);

/**
 * mmlimit_user - find a user by name or number
 * @name: a login name, or else a decimal uid; a name made of digits wins over
 *	the number, as with chown(1)
 * @uid: where to put the user's number
 *
 * Return: 0, -ENOENT (neither a user nor a number a uid can have), or -ENOMEM.
 */
int mmlimit_user(const char *name, uid_t *uid);

/**
 * mmlimit_strerror - say what went wrong, in terms of limits
 * @error: what a function of this library returned
 *
 * Return: a sentence without a full stop, never NULL; it is constant.
 */
const char *mmlimit_strerror(int error);

#ifdef __cplusplus
}
#endif

#endif /* MMLIMIT_H */
