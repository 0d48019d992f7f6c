// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: what the kernel refuses, and what helps. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "format.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"

/*
 * The kernel itself is asked, since its answer does not depend on a capability
 * in a user namespace: only a caller that may act on all limits is told that a
 * user has none.
 */
int check_privilege(void)
{
	uid_t somebody = 0x7ffffffe;
	struct mm_limit_attr attr;
	int ret;

	if (getuid() == somebody)
		somebody--;
	ret = mmlimit_read(somebody, &attr);
	return ret == -ENODATA ? 0 : ret;
}

bool is_privileged(void)
{
	return !check_privilege();
}

long long vm_sysctl(const char *name)
{
	long long value = -1;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%lld", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

static void explain_permission(uid_t uid, char text[REFUSAL_SIZE])
{
	char size[MMLIMIT_TEXT_SIZE], grace[MMLIMIT_TEXT_SIZE];
	struct mm_limit_attr attr;

	if (uid != getuid()) {
		snprintf(
			text, REFUSAL_SIZE,
			"it is another user's: that takes CAP_SYS_RESOURCE, as root has it");
		return;
	}
	if (mmlimit_read(uid, &attr) || attr.hard_max == MM_LIMIT_ATTR_NONE) {
		snprintf(text, REFUSAL_SIZE, "%s", mmlimit_strerror(-EPERM));
		return;
	}
	snprintf(
		text, REFUSAL_SIZE,
		"a hard limit of %s stands, with grace %s and policy %s: only CAP_SYS_RESOURCE, as root has it, gets beyond or rid of it",
		size_text(attr.hard_max, false, size),
		mmlimit_format_duration(attr.hard_grace_ms, grace),
		mmlimit_policy_name(attr.policy));
}

/* The narrowest rule that is for a user; of equals the lower one goes. */
static bool find_rule(uid_t uid, struct mm_limit_attr *rule)
{
	struct mm_limit_attr *limits;
	int fd = mmlimit_list_open();
	bool found = false;
	size_t count;

	if (fd < 0)
		return false;
	if (mmlimit_list_read(fd, &limits, &count)) {
		limits = NULL;
		count = 0;
	}
	close(fd);
	for (size_t i = 0; i < count; i++) {
		const struct mm_limit_attr *other = &limits[i];
		uid_t width = other->last - other->first;

		if (!mmlimit_is_rule(other) || uid < other->first ||
		    other->last < uid)
			continue;
		if (!found || width < rule->last - rule->first ||
		    (width == rule->last - rule->first &&
		     other->first < rule->first))
			*rule = *other;
		found = true;
	}
	free(limits);
	return found;
}

/* A user for whom a rule is has no limit of its own, or none yet. */
static void explain_absence(uid_t uid, char text[REFUSAL_SIZE])
{
	struct mm_limit_attr rule;
	char range[USER_TEXT_SIZE];

	if (!find_rule(uid, &rule)) {
		snprintf(
			text, REFUSAL_SIZE,
			"there is no limit; 'mmlimit set' with a size makes one");
		return;
	}
	whose_text(&rule, range);
	snprintf(
		text, REFUSAL_SIZE,
		"there is no limit of its own, and what the rule %s gives it lasts as long as it has processes or memory; 'mmlimit set' with a size makes a limit of its own, 'mmlimit unset %s' takes the rule away",
		range, range);
}

static void explain_invalid_rule(const struct mm_limit_attr *rule,
				 char text[REFUSAL_SIZE])
{
	if (rule->rule == MM_LIMIT_RULE_POOL &&
	    ((rule->flags & MM_LIMIT_RECLAIM) ||
	     (rule->fields & MM_LIMIT_FIELD_SWAP_MAX)))
		snprintf(
			text, REFUSAL_SIZE,
			"a pool cannot reclaim, nor bound what is in swap: leave that out, or let each user have a limit");
	else
		snprintf(text, REFUSAL_SIZE, "%s", mmlimit_strerror(-EINVAL));
}

static void explain_conflict(const struct mm_limit_attr *rule,
			     char text[REFUSAL_SIZE])
{
	char range[USER_TEXT_SIZE];

	whose_text(rule, range);
	snprintf(
		text, REFUSAL_SIZE,
		rule->rule == MM_LIMIT_RULE_POOL ?
			"a rule gives each of these users a limit: 'mmlimit unset %s' before makes room for a pool" :
			"these users share a pool: 'mmlimit unset %s' before makes room for a limit of each, --pool (in a file pool=yes) changes the pool",
		range);
}

/* What is said of rules only. Returns whether it was that. */
static bool explain_rule(const struct mm_limit_attr *rule, int error,
			 char text[REFUSAL_SIZE])
{
	switch (error) {
	case -EPERM:
		snprintf(
			text, REFUSAL_SIZE,
			"it is a rule for many users: that takes CAP_SYS_RESOURCE, as root has it");
		return true;
	case -EEXIST:
		explain_conflict(rule, text);
		return true;
	case -EINVAL:
		explain_invalid_rule(rule, text);
		return true;
	case -ENODATA:
		snprintf(
			text, REFUSAL_SIZE,
			"there is no rule for just these users; 'mmlimit set' with a size makes one, 'mmlimit list' shows those that there are");
		return true;
	}
	return false;
}

char *refusal_of(const struct mm_limit_attr *target, int error,
		 char text[REFUSAL_SIZE])
{
	bool is_rule = mmlimit_is_rule(target);
	uid_t uid = is_rule ? target->first : target->uid;

	if (is_rule && explain_rule(target, error, text))
		return text;
	switch (error) {
	case -EPERM:
		explain_permission(uid, text);
		break;
	case -EACCES:
		snprintf(
			text, REFUSAL_SIZE,
			"uid %u is below vm.mm_limit_min_uid, which is %lld; 'sysctl -w vm.mm_limit_min_uid=%u' would allow it",
			uid, vm_sysctl("mm_limit_min_uid"), uid);
		break;
	case -ENOSPC:
		snprintf(
			text, REFUSAL_SIZE,
			"there are as many limits as vm.mm_limit_max_entries, which is %lld, allows; raise it, or unset one",
			vm_sysctl("mm_limit_max_entries"));
		break;
	case -ENOSYS:
		snprintf(
			text, REFUSAL_SIZE,
			"this kernel has no per-user memory limits: it must be built with CONFIG_MM_LIMIT=y");
		break;
	case -ENODATA:
		explain_absence(uid, text);
		break;
	default:
		snprintf(text, REFUSAL_SIZE, "%s", mmlimit_strerror(error));
	}
	return text;
}

char *refusal_text(uid_t uid, int error, char text[REFUSAL_SIZE])
{
	const struct mm_limit_attr target = { .uid = uid };

	return refusal_of(&target, error, text);
}

__attribute__((format(printf, 3, 0))) static int
tell(const struct mm_limit_attr *target, int error, const char *format,
     va_list args)
{
	char user[USER_TEXT_SIZE], why[REFUSAL_SIZE], what[96];

	vsnprintf(what, sizeof(what), format, args);
	return fail("%s: %s: %s", whose_text(target, user), what,
		    refusal_of(target, error, why));
}

int refused_of(const struct mm_limit_attr *target, int error,
	       const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = tell(target, error, format, args);
	va_end(args);
	return ret;
}

int refused(uid_t uid, int error, const char *format, ...)
{
	const struct mm_limit_attr target = { .uid = uid };
	va_list args;
	int ret;

	va_start(args, format);
	ret = tell(&target, error, format, args);
	va_end(args);
	return ret;
}
