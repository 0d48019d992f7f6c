// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: system calls.
 */

#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "limit.h"

static int do_set(uid_t uid, unsigned long mm_max, unsigned int grace_ms,
		  bool evict)
{
	const struct mm_limit_change wanted = {
		.fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE,
		.mm_max = mm_max,
		.grace_ms = grace_ms,
	};
	kuid_t kuid = make_kuid(current_user_ns(), uid);

	if (!uid_valid(kuid))
		return -EINVAL;
	if (mm_max == MM_LIMIT_NONE_ARG)
		return mm_limit_remove(kuid);
	return mm_limit_set(kuid, &wanted, evict);
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
	return do_set(uid, mm_max, 0, false);
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
	return do_set(uid, mm_max, time_allow_exceed_ms, false);
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
	struct mm_limit_part in_force;
	struct mm_limit_user user;
	int ret;

	if (!uid_valid(kuid))
		return -EINVAL;
	ret = mm_limit_get(kuid, &in_force);
	if (ret)
		return ret;
	/* mm_limit_ctl() tells what is beyond that. */
	user = (struct mm_limit_user){
		.mm_max = min_t(u64, in_force.mm_max, MM_LIMIT_NONE_ARG - 1),
		.time_allow_exceed_ms = in_force.time_allow_exceed_ms,
	};
	return copy_to_user(limit, &user, sizeof(user)) ? -EFAULT : 0;
}

/**
 * sys_set_mm_limits - as sys_mm_limit(), and make room for it
 * @uid: the user, in the caller's user namespace
 * @mm_max: bytes; ULONG_MAX removes the limit
 *
 * If the table is full, the limit that was set longest ago gives way; that takes
 * CAP_SYS_RESOURCE.
 *
 * Return: 0, or 1 if a limit was evicted, or a negative error as for
 * sys_mm_limit().
 */
SYSCALL_DEFINE2(set_mm_limits, uid_t, uid, unsigned long, mm_max)
{
	return do_set(uid, mm_max, 0, true);
}

/**
 * sys_mm_limit_kill - run the killer now
 * @policy: enum mm_limit_policy
 *
 * Each user that is above its limit loses processes, whatever the trigger and
 * without regard to graces.
 *
 * Return: how many processes were killed, or -EPERM: no CAP_SYS_RESOURCE;
 * -EINVAL: unknown policy; -ENOMEM.
 */
SYSCALL_DEFINE1(mm_limit_kill, int, policy)
{
	if (policy < MM_LIMIT_POLICY_OWN || policy >= MM_LIMIT_POLICIES)
		return -EINVAL;
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	return mm_limit_kill_all(policy);
}

/* The fields that a structure of this size has */
static u32 fields_of(size_t size)
{
	u32 fields = MM_LIMIT_FIELDS;

	if (size < MM_LIMIT_ATTR_SIZE_VER3)
		fields &= ~(MM_LIMIT_FIELD_WARN | MM_LIMIT_FIELD_TERM);
	if (size < MM_LIMIT_ATTR_SIZE_VER1)
		fields &= MM_LIMIT_FIELDS_VER0;
	return fields;
}

/* Copy to the caller what it knows of the structure. */
static int put_attr(struct mm_limit_attr __user *uattr,
		    struct mm_limit_attr *attr, size_t size)
{
	attr->fields &= fields_of(size);
	if (copy_to_user(uattr, attr, min(size, sizeof(*attr))))
		return -EFAULT;
	/* Fields of a later version */
	if (size > sizeof(*attr) &&
	    clear_user((char __user *)uattr + sizeof(*attr),
		       size - sizeof(*attr)))
		return -EFAULT;
	return 0;
}

/* The user that the caller names */
static int get_kuid(kuid_t *kuid, struct mm_limit_attr __user *uattr)
{
	uid_t uid;

	if (get_user(uid, &uattr->uid))
		return -EFAULT;
	*kuid = make_kuid(current_user_ns(), uid);
	return uid_valid(*kuid) ? 0 : -EINVAL;
}

/* The users that the caller names; it is privileged, so its uids are the kernel's. */
static int get_range(struct mm_limit_range *range,
		     struct mm_limit_attr __user *uattr, size_t size)
{
	u32 rule;

	if (size < MM_LIMIT_ATTR_SIZE_VER4)
		return -EINVAL;
	if (get_user(rule, &uattr->rule) || get_user(range->first, &uattr->first) ||
	    get_user(range->last, &uattr->last))
		return -EFAULT;
	if (rule > MM_LIMIT_RULE_POOL || range->first > range->last ||
	    !uid_valid(KUIDT_INIT(range->last)))
		return -EINVAL;
	range->rule = rule;
	return 0;
}

static int ctl_get(struct mm_limit_attr __user *uattr, size_t size)
{
	struct mm_limit_attr attr;
	kuid_t kuid;
	int ret;

	ret = get_kuid(&kuid, uattr);
	if (!ret)
		ret = mm_limit_read(kuid, &attr);
	if (ret)
		return ret;
	attr.uid = from_kuid(current_user_ns(), kuid);
	if (attr.rule != MM_LIMIT_RULE_NONE) {
		attr.first = from_kuid_munged(current_user_ns(),
					      KUIDT_INIT(attr.first));
		attr.last = from_kuid_munged(current_user_ns(),
					     KUIDT_INIT(attr.last));
	}
	return put_attr(uattr, &attr, size);
}

static int ctl_get_rule(struct mm_limit_attr __user *uattr, size_t size)
{
	struct mm_limit_range range;
	struct mm_limit_attr attr;
	int ret;

	ret = get_range(&range, uattr, size);
	if (!ret)
		ret = mm_limit_read_rule(&range, &attr);
	if (ret)
		return ret;
	attr.uid = (uid_t)-1;
	return put_attr(uattr, &attr, size);
}

/* What the caller wants to change */
static int get_change(struct mm_limit_change *change,
		      struct mm_limit_attr __user *uattr, size_t size)
{
	struct mm_limit_attr attr;
	int ret;

	ret = copy_struct_from_user(&attr, sizeof(attr), uattr, size);
	if (ret)
		return ret;
	if (!attr.fields || attr.fields & ~fields_of(size))
		return -EINVAL;
	if (attr.fields & MM_LIMIT_FIELD_MAX && attr.mm_max == MM_LIMIT_NONE)
		return -EINVAL;
	if (attr.fields & MM_LIMIT_FIELD_GRACE && attr.grace_ms > UINT_MAX)
		return -EINVAL;
	if (attr.fields & MM_LIMIT_FIELD_POLICY &&
	    attr.policy >= MM_LIMIT_POLICIES)
		return -EINVAL;
	if (attr.fields & MM_LIMIT_FIELD_FLAGS &&
	    attr.flags & ~(MM_LIMIT_RECLAIM | MM_LIMIT_DRY_RUN))
		return -EINVAL;
	if (attr.fields & MM_LIMIT_FIELD_WARN && attr.warn > 100)
		return -EINVAL;
	if (attr.fields & MM_LIMIT_FIELD_TERM && attr.term_ms > UINT_MAX)
		return -EINVAL;
	if (attr.fields & MM_LIMIT_FIELD_THRESHOLD &&
	    (!attr.threshold || attr.threshold > 100))
		return -EINVAL;

	*change = (struct mm_limit_change){
		.fields = attr.fields,
		.mm_max = attr.mm_max,
		.grace_ms = attr.grace_ms,
		.settings = {
			.policy = attr.policy,
			.flags = attr.flags,
			.threshold = attr.threshold,
			.swap_max = attr.swap_max,
			.warn = attr.warn,
			.term_ms = attr.term_ms,
		},
	};
	return 0;
}

static int ctl_set(struct mm_limit_attr __user *uattr, size_t size)
{
	struct mm_limit_change change;
	kuid_t kuid;
	int ret;

	ret = get_change(&change, uattr, size);
	if (!ret)
		ret = get_kuid(&kuid, uattr);
	return ret ? ret : mm_limit_set(kuid, &change, false);
}

static int ctl_set_rule(struct mm_limit_attr __user *uattr, size_t size)
{
	struct mm_limit_change change;
	struct mm_limit_range range;
	int ret;

	ret = get_change(&change, uattr, size);
	if (!ret)
		ret = get_range(&range, uattr, size);
	return ret ? ret : mm_limit_set_rule(&range, &change);
}

static int ctl_remove_rule(struct mm_limit_attr __user *uattr, size_t size)
{
	struct mm_limit_range range;
	int ret = get_range(&range, uattr, size);

	return ret ? ret : mm_limit_remove_rule(&range);
}

/**
 * sys_mm_limit_ctl - read or change everything about a limit or a rule
 * @op: MM_LIMIT_CTL_*
 * @attr: the user or the users, and what is read or changed
 * @size: of *@attr, as the caller knows it: MM_LIMIT_ATTR_SIZE_VER0 or more, up
 *	to a page
 *
 * A larger structure than the kernel's is filled up with zeros by GET and GET_RULE, and
 * must have zeros there for SET and SET_RULE.
 *
 * Return: 0, or a negative error as for sys_mm_limit(), and for rules as for
 * mm_limit_set_rule(); -ENODATA: GET: no limit, SET: none to change, and no size;
 * -EINVAL: unknown @op, field, policy, flag or kind of rule, no field, a size, time, range
 * or percentage out of range, an option of reclaim without it, or @size too small;
 * -E2BIG: @size too large, or fields that this kernel does not know; -EFAULT.
 */
SYSCALL_DEFINE3(mm_limit_ctl, int, op, struct mm_limit_attr __user *, attr,
		size_t, size)
{
	BUILD_BUG_ON(offsetofend(struct mm_limit_attr, state) !=
		     MM_LIMIT_ATTR_SIZE_VER0);
	BUILD_BUG_ON(sizeof(struct mm_limit_attr) != MM_LIMIT_ATTR_SIZE_VER5);

	if (size < MM_LIMIT_ATTR_SIZE_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	switch (op) {
	case MM_LIMIT_CTL_GET:
		return ctl_get(attr, size);
	case MM_LIMIT_CTL_SET:
		return ctl_set(attr, size);
	case MM_LIMIT_CTL_GET_RULE:
		return ctl_get_rule(attr, size);
	case MM_LIMIT_CTL_SET_RULE:
		return ctl_set_rule(attr, size);
	case MM_LIMIT_CTL_REMOVE_RULE:
		return ctl_remove_rule(attr, size);
	default:
		return -EINVAL;
	}
}
