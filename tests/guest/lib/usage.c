// SPDX-License-Identifier: GPL-2.0-only
/* What users are charged, as the kernel's account says and as /proc does. */
#define _GNU_SOURCE 1
#include <ctype.h>
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/usage.h"
#include "mmlimit.h"

bool usage_shown(void)
{
	return !access(USAGE_ACCOUNTS, R_OK);
}

/*
 * A sample line: "uid=10070 usage=4194304 walk=4194304 mms=2 swap=8192
 * swap_walk=8192"
 */
bool usage_for_each(void (*visit)(uid_t uid, const struct usage *usage,
				  void *data),
		    void *data)
{
	FILE *file = fopen(USAGE_ACCOUNTS, "re");
	char line[160];
	unsigned int uid;

	while (file && fgets(line, sizeof(line), file)) {
		struct usage usage;

		ASSERT_EQ(
			sscanf(line,
			       "uid=%u usage=%lu walk=%lu mms=%u swap=%lu swap_walk=%lu",
			       &uid, &usage.charged, &usage.walked, &usage.mms,
			       &usage.swap, &usage.swap_walked),
			6);
		visit(uid, &usage, data);
	}
	if (file)
		fclose(file);
	return file;
}

struct search {
	uid_t uid;
	struct usage *usage;
	bool found;
};

static void look_for(uid_t uid, const struct usage *usage, void *data)
{
	struct search *search = data;

	if (uid != search->uid)
		return;
	*search->usage = *usage;
	search->found = true;
}

bool usage_read(uid_t uid, struct usage *usage)
{
	struct search search = { .uid = uid, .usage = usage };

	*usage = (struct usage){ 0 };
	ASSERT_TRUE(usage_for_each(look_for, &search));
	return search.found;
}

struct sum {
	unsigned long long bytes;
	unsigned int users;
};

static void add_exact(uid_t uid, const struct usage *usage, void *data)
{
	struct sum *sum = data;

	if (usage->charged != usage->walked)
		KTAP_FAIL("user %u: charged %lu, walked %lu", uid,
			  usage->charged, usage->walked);
	if (usage->swap != usage->swap_walked)
		KTAP_FAIL("user %u: swap charged %lu, walked %lu", uid,
			  usage->swap, usage->swap_walked);
	sum->bytes += usage->charged;
	sum->users++;
}

unsigned long long usage_exact_of_all(unsigned int *users)
{
	struct sum sum = { 0 };

	ASSERT_TRUE(usage_for_each(add_exact, &sum));
	*users = sum.users;
	return sum.bytes;
}

unsigned long usage_exact(uid_t uid)
{
	struct usage usage;

	ASSERT_TRUE(usage_read(uid, &usage));
	EXPECT_EQ(usage.charged, usage.walked);
	EXPECT_EQ(usage.swap, usage.swap_walked);
	return usage.charged;
}

void usage_run_on_each_cpu(void)
{
	cpu_set_t all, one;

	ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	}
	ASSERT_EQ(sched_setaffinity(0, sizeof(all), &all), 0);
}

void usage_wait_for(uid_t uid, unsigned long bytes)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	struct usage usage;

	usage_run_on_each_cpu();
	while (usage_read(uid, &usage) && usage.charged != bytes) {
		ktap_waiting_for(
			"user %u to be charged %lu bytes, not %lu of %lu", uid,
			bytes, usage.charged, usage.walked);
		/* What goes seconds later is not looked at in each millisecond. */
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 50000000)
			pause.tv_nsec += pause.tv_nsec / 8;
		usage_run_on_each_cpu();
	}
	ktap_waiting_for(NULL);
}

void usage_wait_for_nothing(uid_t uid)
{
	struct usage usage;

	usage_wait_for(uid, 0);
	/* A user that has its limit from a rule goes when nothing is left. */
	if (!usage_read(uid, &usage))
		return;
	EXPECT_EQ(usage.charged, 0);
	EXPECT_EQ(usage.walked, 0);
	EXPECT_EQ(usage.swap, usage.swap_walked);
}

void usage_begin(uid_t uid)
{
	ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
	usage_wait_for_nothing(uid);
	ASSERT_EQ(mmlimit_remove(uid), 0);
	ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
}

/*
 * A sample: "Uid:\t10070\t10070\t10070\t10070", "VmRSS:\t     996 kB"; kernel
 * threads have no Vm lines.
 */
static unsigned long read_status(const char *pid, uid_t *uid)
{
	unsigned long kib, sum = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmRSS: %lu kB", &kib) == 1 ||
		    sscanf(line, "VmSwap: %lu kB", &kib) == 1)
			sum += kib * KIB;
		else if (sscanf(line, "VmPTE: %lu kB", &kib) == 1)
			/* Shown is the half that holds Linux's entries. */
			sum += 2 * kib * KIB;
		else
			sscanf(line, "Uid: %u", uid);
	}
	if (file)
		fclose(file);
	return sum;
}

unsigned long usage_of_process(pid_t pid)
{
	char text[16];
	uid_t uid;

	snprintf(text, sizeof(text), "%d", pid);
	return read_status(text, &uid);
}

unsigned long usage_of_processes(uid_t uid)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned long sum = 0;

	ASSERT_TRUE(proc);
	while ((entry = readdir(proc))) {
		uid_t owner = -1;
		unsigned long bytes;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		bytes = read_status(entry->d_name, &owner);
		if (owner == uid)
			sum += bytes;
	}
	closedir(proc);
	return sum;
}

/*
 * Each of four counters may hold back a batch per CPU (mm/memory.c,
 * lib/percpu_counter.c: 32 pages, or twice the CPUs).
 */
unsigned long usage_slack(void)
{
	return 4 * 32 * PAGE * sysconf(_SC_NPROCESSORS_ONLN);
}
