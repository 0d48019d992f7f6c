// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: the newest samples, in /sys/kernel/taskmonitor.
 *
 * The file has a line for each, newest first: "pid P usr U sys S", CPU times in
 * microseconds; as many whole lines as fit a page.
 */

#include <linux/kobject.h>
#include <linux/math64.h>
#include <linux/sysfs.h>

#include "taskmonitor.h"

/* A line with the longest numbers */
#define LINE_SIZE	(sizeof("pid -2147483648 usr 18446744073709551 sys 18446744073709551\n"))

static struct taskmonitor_store *store;

static ssize_t taskmonitor_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	struct taskmonitor_sample *sample;
	char line[LINE_SIZE];
	int length = 0, more;

	mutex_lock(&store->mutex);
	list_for_each_entry_reverse(sample, &store->order, order) {
		more = scnprintf(line, sizeof(line), "pid %d usr %llu sys %llu\n",
				 sample->figures.pid,
				 div_u64(sample->figures.utime, NSEC_PER_USEC),
				 div_u64(sample->figures.stime, NSEC_PER_USEC));
		/* The last byte of the page is not for us: sysfs ends it there. */
		if (length + more >= PAGE_SIZE)
			break;
		length += sysfs_emit_at(buf, length, "%s", line);
	}
	mutex_unlock(&store->mutex);
	return length;
}

/* Not everybody may read it: its times are finer than those in /proc. */
static struct kobj_attribute taskmonitor_attribute =
	__ATTR_RO_MODE(taskmonitor, 0400);

/**
 * taskmonitor_sysfs_init - make the file
 * @s: what it shows
 *
 * Return: 0 or a negative error.
 */
int taskmonitor_sysfs_init(struct taskmonitor_store *s)
{
	store = s;
	return sysfs_create_file(kernel_kobj, &taskmonitor_attribute.attr);
}

/**
 * taskmonitor_sysfs_exit - remove the file
 *
 * Returns when the last reader has what it asked for.
 */
void taskmonitor_sysfs_exit(void)
{
	sysfs_remove_file(kernel_kobj, &taskmonitor_attribute.attr);
}
