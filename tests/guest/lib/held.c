// SPDX-License-Identifier: GPL-2.0-only
/* See held.h. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/membarrier.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/slabs.h"
#include "lib/usage.h"
#include "mmlimit.h"

#define ACCOUNTS "/sys/kernel/debug/mm_limit/held"

/*
 * What the kernel takes beside what it charges, for objects of slabs: of a slab, the end in
 * which no object fits is a 16th at most (calculate_order() in mm/slub.c begins with that), and
 * the names of those who pay, four bytes for each object, which has 64 and more, are in an
 * array that is twice as large at most, since it comes from kmalloc(): another 16th. What
 * else is not charged, such as trees, is in what the user had before it tried: its own
 * process counts, but does not become more.
 *
 * KASAN keeps what is freed for a while, up to a 32nd of the RAM.
 */
unsigned long held_slack(unsigned long limit)
{
	return limit / 8 +
	       (ktap_slowdown() > 1 ? sysconf(_SC_PHYS_PAGES) * PAGE / 32 : 0);
}

/**
 * struct account - a user's line in the kernel's list
 * @charged: what it is charged, in bytes
 * @walked: what a walk over all pages and objects finds
 * @saved: what swapping out has saved of it, as it is charged
 * @saved_walked: and as a walk over the swap space finds
 */
struct account {
	struct held charged;
	struct held walked;
	long long saved;
	long long saved_walked;
};

/* All zero for a user who is charged nothing */
static struct account account_read(uid_t uid)
{
	unsigned long long file, file_walk, kernel, kernel_walk;
	struct account account = { 0 };
	long long saved, saved_walk;
	unsigned int found;
	char line[256];
	FILE *f = fopen(ACCOUNTS, "re");

	ASSERT_TRUE(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line,
			   "uid=%u file=%llu file_walk=%llu kernel=%llu kernel_walk=%llu saved=%lld saved_walk=%lld",
			   &found, &file, &file_walk, &kernel, &kernel_walk,
			   &saved, &saved_walk) == 7 &&
		    found == uid)
			account = (struct account){ { file, kernel },
						    { file_walk, kernel_walk },
						    saved,
						    saved_walk };
	}
	fclose(f);
	return account;
}

static bool is_exact(const struct account *account)
{
	return account->charged.file == account->walked.file &&
	       account->charged.kernel == account->walked.kernel &&
	       account->saved == account->saved_walked;
}

struct held held_exact(uid_t uid)
{
	struct account account = account_read(uid);

	/*
	 * Threads of the kernel free what processes leave behind, such as stacks, and
	 * may be at it: then a page is no longer its user's, but not yet uncharged.
	 */
	for (int i = 0; i < 20 && !is_exact(&account); i++) {
		grace_periods_pass();
		account = account_read(uid);
	}
	EXPECT_EQ(account.charged.file, account.walked.file);
	EXPECT_EQ(account.charged.kernel, account.walked.kernel);
	EXPECT_EQ(account.saved, account.saved_walked);
	return account.charged;
}

long held_areas(uid_t uid)
{
	long areas = -1, read;
	unsigned int found;
	char line[256];
	FILE *f = fopen(ACCOUNTS, "re");

	ASSERT_TRUE(f);
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, " areas=");

		if (at && sscanf(line, "uid=%u", &found) == 1 && found == uid &&
		    sscanf(at, " areas=%ld", &read) == 1)
			areas = read;
	}
	fclose(f);
	return areas;
}

void held_wait_for_nothing(uid_t uid)
{
	usage_wait_for_nothing(uid);
	held_exact(uid);
}

/* Returns whether there was any. A kernel may have no objects of this kind. */
static bool remove_each(const char *path, int (*remove)(int id))
{
	char line[256];
	FILE *f = fopen(path, "re");
	bool any = false;
	int id;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d %d", &id) == 1)
			any |= !remove(id);
	if (f)
		fclose(f);
	return any;
}

static int remove_segment(int id)
{
	return shmctl(id, IPC_RMID, NULL);
}

static int remove_queue(int id)
{
	return msgctl(id, IPC_RMID, NULL);
}

static int remove_semaphores(int id)
{
	return semctl(id, 0, IPC_RMID);
}

const char *held_remove_ipc(void)
{
	const char *found = NULL;

	if (remove_each("/proc/sysvipc/shm", remove_segment))
		found = "segment of shared memory";
	if (remove_each("/proc/sysvipc/msg", remove_queue))
		found = "message queue";
	if (remove_each("/proc/sysvipc/sem", remove_semaphores))
		found = "set of semaphores";
	return found;
}

/**
 * struct line - a line of /proc/meminfo
 * @name: with its colon
 * @kib: its figure
 */
struct line {
	char name[24];
	long kib;
};

#define LINES 64

#define CPU_LISTS "CPUs' lists:"

long held_cpu_lists(void)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	long count, pages = 0;
	char text[128];

	ASSERT_TRUE(f);
	while (fgets(text, sizeof(text), f))
		if (sscanf(text, " count: %ld", &count) == 1)
			pages += count;
	fclose(f);
	return pages * (PAGE / KIB);
}

static void read_meminfo(struct line lines[LINES])
{
	FILE *f = fopen("/proc/meminfo", "re");
	char text[128];
	int i = 0;

	ASSERT_TRUE(f);
	memset(lines, 0, LINES * sizeof(*lines));
	while (i < LINES - 1 && fgets(text, sizeof(text), f))
		if (sscanf(text, "%23s %ld", lines[i].name, &lines[i].kib) == 2)
			i++;
	fclose(f);
	strcpy(lines[i].name, CPU_LISTS);
	lines[i].kib = held_cpu_lists();
}

/* By how many KiB a figure has grown */
static long grown(const struct line before[LINES],
		  const struct line after[LINES], const char *name)
{
	for (int i = 0; i < LINES; i++)
		if (!strcmp(before[i].name, name))
			return after[i].kib - before[i].kib;
	KTAP_FAIL("/proc/meminfo has no %s", name);
	return 0;
}

static void show_meminfo(const struct line before[LINES],
			 const struct line after[LINES])
{
	for (int i = 0; i < LINES; i++)
		if (labs(after[i].kib - before[i].kib) >= 256)
			printf("%s %+ld KiB\n", before[i].name,
			       after[i].kib - before[i].kib);
}

void grace_periods_pass(void)
{
	for (int i = 0; i < 5; i++)
		syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	usleep(50000);
}

long held_fill_and_tell(long fill)
{
	int room = syscall(SYS_memfd_create, "room", 0);
	long came_to;

	if (room < 0 || fallocate(room, 0, 0, 256 * KIB))
		return -errno;
	came_to = ((worker_fn)fill)(0);
	close(room);
	return came_to;
}

unsigned long held_limit(void)
{
	return ktap_volume("mib") * MIB;
}

/**
 * struct attempt - a user's, to hold as much as it can
 * @before: /proc/meminfo
 * @after: likewise
 * @slabs_before: /proc/slabinfo
 * @slabs_after: likewise
 * @came_to: what the way returned
 * @kib: what the machine holds more
 */
struct attempt {
	struct line before[LINES], after[LINES];
	struct slab_cache slabs_before[SLABS_CACHES], slabs_after[SLABS_CACHES];
	long came_to;
	long kib;
};

/* What is not free afterwards is held: there is no disk to read it from again. */
void held_drop_caches(void)
{
	/* Dentries and inodes */
	ASSERT_EQ(file_write("/proc/sys/vm/drop_caches", "2"), 0);
	grace_periods_pass();
}

static void try_channel(struct attempt *attempt, struct worker *worker,
			worker_fn fill)
{
	held_drop_caches();
	slabs_read(attempt->slabs_before);
	read_meminfo(attempt->before);
	attempt->came_to = worker_call(worker, held_fill_and_tell, (long)fill);
	held_drop_caches();
	read_meminfo(attempt->after);
	slabs_read(attempt->slabs_after);
	attempt->kib = -grown(attempt->before, attempt->after, "MemFree:") -
		       grown(attempt->before, attempt->after, CPU_LISTS);
}

void held_remove_all(void)
{
	held_remove_ipc();
	unlink("/tmp/channel");
}

void held_check_channel(const char *name, worker_fn fill)
{
	const unsigned long limit = held_limit();
	struct worker worker, bystander = worker_start(USER_B);
	struct mm_limit_attr attr;
	static struct attempt attempt;
	struct held held;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker = worker_start(USER_A);
	try_channel(&attempt, &worker, fill);
	held = held_exact(USER_A);
	attr = limit_read(USER_A);
	printf("%s: came to %ld KiB and was refused %llu times; the machine holds %ld KiB more, charged %lu of files and %lu of the kernel\n",
	       name, attempt.came_to / (long)KIB,
	       (unsigned long long)attr.refused, attempt.kib, held.file / KIB,
	       held.kernel / KIB);

	EXPECT_GE(attempt.came_to, 0);
	show_meminfo(attempt.before, attempt.after);
	slabs_show_grown(attempt.slabs_before, attempt.slabs_after, 64);
	EXPECT_LE(attempt.kib, (long)((limit + held_slack(limit)) / KIB));
	EXPECT_LE(attr.peak, limit + PAGE);
	EXPECT_EQ(attr.kills, 0);
	EXPECT_TRUE(worker_alive(&worker));
	EXPECT_TRUE(worker_alive(&bystander));

	worker_end(&worker);
	worker_end(&bystander);
	held_remove_all();
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
