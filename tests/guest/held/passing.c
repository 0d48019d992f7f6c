// SPDX-License-Identifier: GPL-2.0-only
/*
 * By what calls hold only while they last a user gets no more than its limit, however many
 * of them are kept from going on.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "ktap/ktap.h"
#include "lib/channel.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/within.h"

_Noreturn static void rest(void)
{
	for (;;)
		pause();
}

/* For as many bytes the kernel makes room before it sees how few there are. */
#define SYSCTL_BYTES (4 * MIB - 2 * PAGE)

static long read_sysctl(long limit)
{
	int file = open("/proc/sys/kernel/ostype", O_RDONLY);
	char *memory = mmap(NULL, SYSCTL_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	for (int i = 0; i < 12 && within_has_room(limit); i++) {
		if (channel_fork(0))
			continue;
		for (;;)
			pread(file, memory, SYSCTL_BYTES, 0);
	}
	rest();
}

/* There is room for one at a time, which counts until all of its 1024 pages are free. */
KTAP_TEST(buffers_of_sysctls_stay_within_the_limit, 20, "held")
{
	const unsigned long limit = SYSCTL_BYTES + MIB;
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker = worker_start(USER_A);
	within_expect(&worker, limit, read_sysctl);
	within_end(&worker);
}

static char attribute[XATTR_SIZE_MAX];
static pthread_rwlock_t start = PTHREAD_RWLOCK_INITIALIZER;

static void *get_attribute(void *unused)
{
	pthread_rwlock_rdlock(&start);
	for (;;)
		getxattr("/", "user.x", attribute, sizeof(attribute));
	return NULL;
}

static long get_attributes(long limit)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16 * KIB);
	/* None of them slows down the start of the others. */
	pthread_rwlock_wrlock(&start);
	for (int i = 0; i < 250 && within_has_room(limit); i++)
		if (pthread_create(&thread, &attr, get_attribute, NULL))
			break;
	pthread_rwlock_unlock(&start);
	rest();
}

KTAP_TEST(buffers_of_attributes_stay_within_the_limit, 20, "held")
{
	within_check(get_attributes);
}

/* A core has the name of the file for each of its areas. */
#define FOLDERS 15
#define FOLDER_NAME 250
#define CORE_AREAS 1000
#define DUMPERS 4

static long enter_deep_folder(void)
{
	char name[FOLDER_NAME + 1];

	memset(name, 'd', FOLDER_NAME);
	name[FOLDER_NAME] = '\0';
	if (chdir("/tmp"))
		return -errno;
	for (int i = 0; i < FOLDERS; i++)
		if (mkdir(name, 0700) || chdir(name))
			return -errno;
	return 0;
}

/* Its core ends after a page. */
static void dump_core(int file)
{
	const struct rlimit page = { PAGE, PAGE };

	prctl(PR_SET_DUMPABLE, 1);
	setrlimit(RLIMIT_CORE, &page);
	for (int i = 0; i < CORE_AREAS; i++)
		mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	signal(SIGABRT, SIG_DFL);
	abort();
}

static long dump_cores(long limit)
{
	long ret = channel_mount_own("tmpfs");
	int file;

	ret = ret ? ret : enter_deep_folder();
	if (ret)
		return ret;
	file = open("file", O_CREAT | O_RDWR, 0600);
	for (int i = 0; i < DUMPERS && within_has_room(limit); i++)
		if (!channel_fork(0))
			dump_core(file);
	rest();
}

KTAP_TEST(notes_of_core_dumps_stay_within_the_limit, 20, "held")
{
	within_check(dump_cores);
}

/**
 * struct unmapping - what processes tell each other of which each unmaps an area
 * @ready: how many have mapped their area
 * @unmaps: the last of them has touched its area, and unmaps it
 * @holds: another one holds the lock of the file that they have mapped behind it
 */
struct unmapping {
	volatile int ready;
	volatile int unmaps;
	volatile bool holds;
};

static struct unmapping *unmapping;

#define UNMAPPERS 8
static pid_t unmappers[UNMAPPERS];
static int turns[2];

/* So many areas of the file are looked for while its lock is held. */
#define FILE_AREAS 1000

/* What is unmapped is freed after it has gone from the list of the file's mappings. */
static void unmap_in_turn(int file, unsigned long bytes)
{
	struct region region = region_map(bytes / PAGE);
	char turn;

	if (mmap((char *)region.base + bytes, PAGE, PROT_READ,
		 MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
		_exit(EXIT_FAILURE);
	__atomic_add_fetch(&unmapping->ready, 1, __ATOMIC_SEQ_CST);
	if (read(turns[0], &turn, 1) != 1)
		_exit(EXIT_FAILURE);
	region_touch(&region, 0, region.pages);
	unmapping->unmaps++;
	munmap((void *)region.base, bytes + PAGE);
	rest();
}

/* Almost always it holds the lock. */
static void hold_lock(int file)
{
	for (int i = 0; i < FILE_AREAS; i++)
		mmap(NULL, PAGE, i % 2 ? PROT_READ : PROT_NONE, MAP_SHARED,
		     file, 0);
	unmapping->holds = true;
	while (!fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  PAGE))
		;
	_exit(EXIT_FAILURE);
}

/* Returns who holds the lock. */
static long prepare_unmapping(long bytes)
{
	int file = channel_memfd();
	pid_t holder;

	if (file < 0 || fallocate(file, 0, 0, PAGE) || pipe(turns))
		return -errno;
	for (int i = 0; i < UNMAPPERS; i++) {
		unmappers[i] = channel_fork(0);
		if (unmappers[i] < 0)
			return -errno;
		if (!unmappers[i])
			unmap_in_turn(file, bytes);
	}
	/* They map the file while nobody holds its lock. */
	while (unmapping->ready < UNMAPPERS)
		usleep(1000);
	holder = channel_fork(0);
	if (!holder)
		hold_lock(file);
	while (holder > 0 && !unmapping->holds)
		usleep(1000);
	return holder;
}

/* The next one takes its turn when the one before sleeps in its call, or has made it. */
static long unmap_all(long unused)
{
	for (int i = 0; i < UNMAPPERS; i++) {
		if (write(turns[1], "x", 1) != 1)
			return -errno;
		while (unmapping->unmaps == i)
			usleep(1000);
		while (process_state(unmappers[i]) == 'R')
			usleep(1000);
	}
	rest();
}

/* Leaves a process that holds a lock next to no time. */
static pid_t keep_busy(pid_t holder)
{
	const struct sched_param none = { 0 };
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	while (!pid)
		;
	ASSERT_EQ(sched_setscheduler(holder, SCHED_IDLE, &none), 0);
	return pid;
}

static void check_unmapping(const char *definition)
{
	const unsigned long room = 2 * held_limit();
	struct worker worker;
	unsigned long limit;
	long holder;
	pid_t busy;

	unmapping = (void *)region_map_common(1).base;
	limits_count(definition);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	holder = worker_call(&worker, prepare_unmapping, room / 4);
	ASSERT_GT(holder, 0);
	limit = limit_read(USER_A).usage + room;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	busy = keep_busy(holder);
	within_expect(&worker, limit, unmap_all);
	kill(busy, SIGKILL);
	within_end(&worker);
	limits_count("held");
}

KTAP_TEST(what_is_unmapped_counts_until_it_is_free, 30, "held")
{
	check_unmapping("held");
}

KTAP_TEST(what_is_unmapped_is_resident_until_it_is_free, 30, "held")
{
	check_unmapping("rss");
}
