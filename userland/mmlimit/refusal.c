// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: what the kernel refuses, and what helps. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
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

char *refusal_text(uid_t uid, int error, char text[REFUSAL_SIZE])
{
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
		snprintf(
			text, REFUSAL_SIZE,
			"there is no limit; 'mmlimit set' with a size makes one");
		break;
	default:
		snprintf(text, REFUSAL_SIZE, "%s", mmlimit_strerror(error));
	}
	return text;
}

int refused(uid_t uid, int error, const char *format, ...)
{
	char user[USER_TEXT_SIZE], why[REFUSAL_SIZE], what[96];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return fail("%s: %s: %s", user_text(uid, user), what,
		    refusal_text(uid, error, why));
}
