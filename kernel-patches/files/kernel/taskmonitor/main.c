// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task monitor: the module and its parameters.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>

#include "taskmonitor.h"

#define PERIOD_MIN_MS	1
#define PERIOD_MAX_MS	(60 * 60 * 1000)

static struct taskmonitor_store store;

/* The first process to monitor; 0: none */
static pid_t target;

static int period_set(const char *value, const struct kernel_param *param)
{
	int ret = param_set_uint_minmax(value, param, PERIOD_MIN_MS,
					PERIOD_MAX_MS);

	if (!ret)
		taskmonitor_thread_wake();
	return ret;
}

static const struct kernel_param_ops period_ops = {
	.set	= period_set,
	.get	= param_get_uint,
};
module_param_cb(period_ms, &period_ops, &taskmonitor_period_ms, 0644);
MODULE_PARM_DESC(period_ms, "milliseconds from sample to sample: 1 to 3600000 (1000)");

static int max_set(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 1, UINT_MAX);
}

static const struct kernel_param_ops max_ops = {
	.set	= max_set,
	.get	= param_get_uint,
};
module_param_cb(max_samples, &max_ops, &store.max, 0644);
MODULE_PARM_DESC(max_samples, "how many samples are kept (as many as fit a quarter of the memory)");

static int target_set(const char *value, const struct kernel_param *param)
{
	int nr, ret = taskmonitor_parse(value, strlen(value), &nr);

	if (!ret && nr < 0)
		ret = -EINVAL;
	if (!ret)
		target = nr;
	return ret;
}

static const struct kernel_param_ops target_ops = {
	.set	= target_set,
	.get	= param_get_int,
};
module_param_cb(target, &target_ops, &target, 0444);
MODULE_PARM_DESC(target, "number of the first process to monitor");

/**
 * taskmonitor_start - begin to sample a process
 * @nr: its number in the initial pid namespace, whoever asks
 *
 * The first sample is taken at once.
 *
 * Return: 0, -ESRCH if there is no such process, -EEXIST if it is monitored,
 * -ENOMEM.
 */
int taskmonitor_start(pid_t nr)
{
	struct taskmonitor_figures figures;
	struct pid *pid;
	int ret;

	rcu_read_lock();
	pid = get_pid(find_pid_ns(nr, &init_pid_ns));
	rcu_read_unlock();
	if (!pid)
		return -ESRCH;

	ret = -ESRCH;
	if (taskmonitor_measure(pid, &figures))
		ret = taskmonitor_add(&store, pid, &figures);
	put_pid(pid);
	if (!ret)
		taskmonitor_thread_wake();
	return ret;
}

/**
 * taskmonitor_stop - no longer sample a process, and remove its history
 * @nr: its number in the initial pid namespace
 *
 * Return: 0, or -ESRCH if it is not and was not monitored.
 */
int taskmonitor_stop(pid_t nr)
{
	return taskmonitor_remove(&store, nr);
}

static unsigned int samples_in_a_quarter(unsigned int size)
{
	u64 quarter = (u64)totalram_pages() * PAGE_SIZE / 4;

	return clamp_t(u64, div_u64(quarter, size), 1, UINT_MAX);
}

static int __init taskmonitor_init(void)
{
	unsigned int size;
	int ret;

	ret = taskmonitor_store_init(&store, "taskmonitor_sample");
	if (ret)
		return ret;

	size = taskmonitor_sample_size(&store);
	ret = -ENOMEM;
	if (!size)
		goto exit_store;
	pr_info("a sample has %zu bytes and takes %u\n",
		sizeof(struct taskmonitor_sample), size);
	if (!store.max)
		store.max = samples_in_a_quarter(size);

	ret = taskmonitor_shrinker_init(&store);
	if (ret)
		goto exit_store;
	ret = taskmonitor_thread_start(&store);
	if (ret)
		goto exit_shrinker;
	if (target) {
		ret = taskmonitor_start(target);
		if (ret)
			goto exit_thread;
	}
	ret = taskmonitor_sysfs_init(&store);
	if (ret)
		goto exit_thread;
	ret = taskmonitor_debugfs_init(&store);
	if (ret)
		goto exit_sysfs;
	return 0;

exit_sysfs:
	taskmonitor_sysfs_exit();
exit_thread:
	taskmonitor_thread_stop();
exit_shrinker:
	taskmonitor_shrinker_exit();
exit_store:
	taskmonitor_store_exit(&store);
	return ret;
}
module_init(taskmonitor_init);

/* First goes what could bring new work, then what does it. */
static void __exit taskmonitor_exit(void)
{
	taskmonitor_debugfs_exit();
	taskmonitor_sysfs_exit();
	taskmonitor_thread_stop();
	taskmonitor_shrinker_exit();
	taskmonitor_store_exit(&store);
}
module_exit(taskmonitor_exit);

MODULE_DESCRIPTION("Samples CPU time and memory sizes of chosen processes");
MODULE_LICENSE("GPL");
