// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: the files in debugfs.
 *
 * taskmonitor: a line for each sample, task by task in the order in which they
 * were started, the oldest first:
 *	pid P time T usr U sys S total N stack N data N
 * Times are in microseconds, T on the clock CLOCK_MONOTONIC; sizes in KiB.
 * A number written to it starts monitoring a process, a negative one ends it.
 *
 * taskmonitor_stats: counts, one a line.
 *
 * Both have an owner, so the module stays as long as somebody has one open.
 */

#include <linux/capability.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "taskmonitor.h"

static struct taskmonitor_store *store;
static struct dentry *history_file;
static struct dentry *stats_file;

/*
 * Wherever a reader seeks to, seq_file comes there from the beginning; otherwise it goes on
 * where the cursor has been left.
 */
static void *history_start(struct seq_file *m, loff_t *pos)
{
	struct taskmonitor_cursor *cursor = m->private;

	if (!*pos)
		taskmonitor_cursor_first(cursor, ktime_get());
	return cursor->sample;
}

static void *history_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct taskmonitor_cursor *cursor = m->private;

	taskmonitor_cursor_next(cursor);
	*pos = cursor->pos;
	return cursor->sample;
}

/* The place is kept for the next read(), along with the references. */
static void history_stop(struct seq_file *m, void *v)
{
}

static unsigned long long to_us(u64 ns)
{
	return div_u64(ns, NSEC_PER_USEC);
}

static unsigned long to_kib(unsigned long pages)
{
	return pages << (PAGE_SHIFT - 10);
}

static int history_show(struct seq_file *m, void *v)
{
	const struct taskmonitor_sample *sample = v;
	const struct taskmonitor_figures *figures = &sample->figures;

	seq_printf(m, "pid %d time %llu usr %llu sys %llu total %lu stack %lu data %lu\n",
		   figures->pid, to_us(ktime_to_ns(figures->time)),
		   to_us(figures->utime), to_us(figures->stime),
		   to_kib(figures->total), to_kib(figures->stack),
		   to_kib(figures->data));
	return 0;
}

static const struct seq_operations history_seq_ops = {
	.start	= history_start,
	.next	= history_next,
	.stop	= history_stop,
	.show	= history_show,
};

static int history_open(struct inode *inode, struct file *file)
{
	struct taskmonitor_cursor *cursor;

	cursor = __seq_open_private(file, &history_seq_ops, sizeof(*cursor));
	if (!cursor)
		return -ENOMEM;
	cursor->store = store;
	return 0;
}

static int history_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	taskmonitor_cursor_release(m->private);
	return seq_release_private(inode, file);
}

/* A call takes one whole command, wherever in the file it is written. */
static ssize_t history_write(struct file *file, const char __user *buffer,
			     size_t count, loff_t *pos)
{
	char text[TASKMONITOR_COMMAND_MAX];
	int number, ret;

	/* Whoever opened it may have handed it to somebody else. */
	if (!file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	if (count > sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buffer, count))
		return -EFAULT;
	ret = taskmonitor_parse(text, count, &number);
	if (ret)
		return ret;

	if (number > 0)
		ret = taskmonitor_start(number);
	else
		ret = taskmonitor_stop(-number);
	return ret ?: count;
}

static const struct file_operations history_fops = {
	.owner		= THIS_MODULE,
	.open		= history_open,
	.read		= seq_read,
	.write		= history_write,
	.llseek		= seq_lseek,
	.release	= history_release,
};

static int stats_show(struct seq_file *m, void *unused)
{
	struct taskmonitor_counts counts;
	unsigned long samples, tasks, running;

	mutex_lock(&store->mutex);
	counts = store->counts;
	samples = store->nr_samples;
	tasks = store->nr_tasks;
	running = store->nr_running;
	mutex_unlock(&store->mutex);

	seq_printf(m, "tasks %lu\nrunning %lu\nsamples %lu\n", tasks, running,
		   samples);
	seq_printf(m, "taken %llu\nshrunk %llu\nrecycled %llu\ncapped %llu\n",
		   counts.taken, counts.shrunk, counts.recycled, counts.capped);
	seq_printf(m, "lost %llu\nmissed %llu\n", counts.lost, counts.missed);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * taskmonitor_debugfs_init - make the files
 * @s: what they show
 *
 * From now on the module may be in use: nothing of its initialization must fail
 * after this.
 *
 * Return: 0 or a negative error.
 */
int taskmonitor_debugfs_init(struct taskmonitor_store *s)
{
	store = s;
	/* Without this the module would be good for nothing. */
	history_file = debugfs_create_file("taskmonitor", 0600, NULL, NULL,
					   &history_fops);
	if (IS_ERR(history_file))
		return PTR_ERR(history_file);
	stats_file = debugfs_create_file("taskmonitor_stats", 0400, NULL, NULL,
					 &stats_fops);
	return 0;
}

/**
 * taskmonitor_debugfs_exit - remove the files
 */
void taskmonitor_debugfs_exit(void)
{
	debugfs_remove(history_file);
	debugfs_remove(stats_file);
}
