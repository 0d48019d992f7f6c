// SPDX-License-Identifier: GPL-2.0-only
/* The system calls of a kernel with limits, on the table that the machine's file has. */
#define _GNU_SOURCE
#include "pretend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/syscall.h>

/**
 * struct table - the table of limits
 * @limits: with room for one more
 * @count: their number
 */
struct table {
	struct mm_limit_attr *limits;
	size_t count;
};

static int read_table(struct table *table)
{
	FILE *file = pretend_open(MMLIMIT_LIST_PATH, "re");
	size_t length = 0, room = 0;
	struct mm_limit_attr *limits;
	char *text = NULL;
	int ret;

	pretend_disturb(false);
	if (!file)
		return -ENOSYS;
	length = getdelim(&text, &room, '\0', file);
	fclose(file);
	ret = mmlimit_list_parse(text, length, &limits, &table->count);
	free(text);
	if (ret)
		return ret;
	table->limits = reallocarray(limits, table->count + 1, sizeof(*limits));
	return 0;
}

static struct mm_limit_attr *find(const struct table *table, uid_t uid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->limits[i].uid == uid)
			return &table->limits[i];
	return NULL;
}

static long long sysctl(const char *name, long long usual)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	file = pretend_open(path, "re");
	if (file) {
		if (fscanf(file, "%lld", &usual) != 1)
			usual = 0;
		fclose(file);
	}
	return usual;
}

static bool is_privileged(void)
{
	return !pretend_uid();
}

static int check(const struct table *table, const struct mm_limit_attr *wanted,
		 const struct mm_limit_attr *limit)
{
	bool reclaims = limit && limit->flags & MM_LIMIT_RECLAIM;

	if (!is_privileged() && wanted->uid != pretend_uid())
		return -EPERM;
	if (wanted->uid < sysctl("mm_limit_min_uid", 10000))
		return -EACCES;
	if (!limit && !(wanted->fields & MM_LIMIT_FIELD_MAX))
		return -ENODATA;
	if (!limit &&
	    (long long)table->count >= sysctl("mm_limit_max_entries", 1024))
		return -ENOSPC;
	if (limit && !is_privileged() &&
	    limit->hard_max != MM_LIMIT_ATTR_NONE &&
	    (wanted->mm_max > limit->hard_max ||
	     wanted->fields & MM_LIMIT_FIELD_POLICY))
		return -EPERM;
	if (wanted->fields & MM_LIMIT_FIELD_FLAGS)
		reclaims = wanted->flags & MM_LIMIT_RECLAIM;
	if (wanted->fields & MM_LIMIT_FIELD_SWAP_MAX && !reclaims)
		return -EINVAL;
	return 0;
}

static void set_part(struct mm_limit_attr *limit,
		     const struct mm_limit_attr *wanted)
{
	bool hard = is_privileged();
	__u64 *max = hard ? &limit->hard_max : &limit->self_max;
	__u64 *grace = hard ? &limit->hard_grace_ms : &limit->self_grace_ms;

	if (wanted->fields & MM_LIMIT_FIELD_MAX) {
		*max = wanted->mm_max;
		*grace = 0;
	}
	if (wanted->fields & MM_LIMIT_FIELD_GRACE)
		*grace = wanted->grace_ms;
	hard = limit->hard_max <= limit->self_max;
	limit->mm_max = hard ? limit->hard_max : limit->self_max;
	limit->grace_ms = hard ? limit->hard_grace_ms : limit->self_grace_ms;
}

static void set_settings(struct mm_limit_attr *limit,
			 const struct mm_limit_attr *wanted)
{
	if (wanted->fields & MM_LIMIT_FIELD_POLICY)
		limit->policy = wanted->policy;
	if (wanted->fields & MM_LIMIT_FIELD_FLAGS)
		limit->flags = wanted->flags;
	if (wanted->fields & MM_LIMIT_FIELD_THRESHOLD)
		limit->threshold = wanted->threshold;
	if (wanted->fields & MM_LIMIT_FIELD_SWAP_MAX)
		limit->swap_max = wanted->swap_max;
	if (wanted->fields & MM_LIMIT_FIELD_WARN)
		limit->warn = wanted->warn;
	if (wanted->fields & MM_LIMIT_FIELD_TERM)
		limit->term_ms = wanted->term_ms;
}

/* A new limit comes first. */
static struct mm_limit_attr *add(struct table *table, uid_t uid)
{
	memmove(table->limits + 1, table->limits,
		table->count++ * sizeof(*table->limits));
	table->limits[0] =
		(struct mm_limit_attr){ .uid = uid,
					.hard_max = MM_LIMIT_ATTR_NONE,
					.self_max = MM_LIMIT_ATTR_NONE,
					.swap_max = MM_LIMIT_ATTR_NONE };
	return table->limits;
}

int pretend_set(const struct mm_limit_attr *wanted)
{
	struct mm_limit_attr *limit;
	struct table table;
	int ret;

	if (pretend_fails("set"))
		return -errno;
	ret = read_table(&table);
	if (ret)
		return ret;
	limit = find(&table, wanted->uid);
	ret = check(&table, wanted, limit);
	if (!ret) {
		limit = limit ? limit : add(&table, wanted->uid);
		set_part(limit, wanted);
		set_settings(limit, wanted);
		ret = pretend_write_list(table.limits, table.count);
	}
	free(table.limits);
	return ret;
}

int pretend_get(struct mm_limit_attr *limit)
{
	const struct mm_limit_attr *found;
	struct table table;
	int ret;

	if (pretend_fails("get"))
		return -errno;
	ret = read_table(&table);
	if (ret)
		return ret;
	found = find(&table, limit->uid);
	if (!is_privileged() && limit->uid != pretend_uid())
		ret = -EPERM;
	else if (found)
		*limit = *found;
	else
		ret = -ENODATA;
	free(table.limits);
	return ret;
}

int pretend_remove(uid_t uid)
{
	struct mm_limit_attr *limit;
	struct table table;
	int ret;

	if (pretend_fails("remove"))
		return -errno;
	ret = read_table(&table);
	if (ret)
		return ret;
	limit = find(&table, uid);
	if (!is_privileged() && uid != pretend_uid()) {
		ret = -EPERM;
	} else if (!limit) {
		ret = -ENODATA;
	} else if (!is_privileged() && limit->hard_max != MM_LIMIT_ATTR_NONE) {
		ret = -EPERM;
	} else {
		table.count--;
		memmove(limit, limit + 1,
			(table.limits + table.count - limit) * sizeof(*limit));
		ret = pretend_write_list(table.limits, table.count);
	}
	free(table.limits);
	return ret;
}

/* How many are killed is what the file killed says, or -1, which is EPERM. */
int pretend_kill(int policy)
{
	FILE *file = pretend_open("/proc/mm_killed", "re");
	int killed = 0;

	if (pretend_fails("kill"))
		return -errno;
	if (policy > MM_LIMIT_USER_RANKED)
		return -EINVAL;
	if (file) {
		if (fscanf(file, "%d", &killed) != 1)
			killed = 0;
		fclose(file);
	}
	return is_privileged() ? killed : -EPERM;
}

/* A module is loaded when its folder is there. */
static int load_module(void)
{
	char room[PATH_MAX];

	if (pretend_fails("finit_module"))
		return -errno;
	return mkdir(pretend_path("/sys/module/taskmonitor", room), 0755) ?
		       -errno :
		       0;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	struct mm_limit_attr wanted = { .fields = MM_LIMIT_FIELD_MAX };
	long args[4], ret;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 4; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	switch (number) {
	case __NR_mm_limit:
		ret = pretend_remove(args[0]);
		break;
	case __NR_mm_limit_kill:
		ret = pretend_kill(args[0]);
		break;
	case __NR_mm_limit_ctl:
		if (args[0] == MM_LIMIT_CTL_GET) {
			ret = pretend_get((void *)args[1]);
		} else {
			memcpy(&wanted, (void *)args[1], args[2]);
			ret = pretend_set(&wanted);
		}
		break;
	case SYS_finit_module:
		ret = load_module();
		break;
	default:
		return pretend_fails("syscall") ?
			       -1 :
			       __real_syscall(number, args[0], args[1], args[2],
					      args[3]);
	}
	pretend_disturb(true);
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}
