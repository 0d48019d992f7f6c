// SPDX-License-Identifier: GPL-2.0-only
/*
 * By what calls hold that are stopped in the middle a user gets no more than its limit.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "ktap/ktap.h"
#include "lib/channel.h"
#include "lib/frozen.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/swap.h"
#include "lib/usage.h"
#include "lib/within.h"

/* A page that nobody supplies, so that whoever touches it goes no further */
static char *missing;
static int userfaultfd;

/* In a worker of root, whose calls may be stopped that way; then it becomes a user's. */
static long prepare_missing(long uid)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .len = PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	missing = (char *)region_map(1).base;
	userfaultfd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	range.range.start = (unsigned long)missing;
	if (userfaultfd < 0 || ioctl(userfaultfd, UFFDIO_API, &api) ||
	    ioctl(userfaultfd, UFFDIO_REGISTER, &range))
		return -errno;
	user_become(uid);
	return become_dumpable(0);
}

static void check_with_missing(worker_fn run)
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, held_limit()), 0);
	worker = worker_start(0);
	ASSERT_EQ(worker_call(&worker, prepare_missing, USER_A), 0);
	within_expect(&worker, held_limit(), run);
	within_end(&worker);
}

_Noreturn static void rest(void)
{
	for (;;)
		pause();
}

#define CALLERS 1024
#define CALLER_STACK 1024

/* How many calls have come back */
static volatile int returned;

/* Starts a thread on a stack of a few words, and waits until its call is stopped or over. */
static bool start_caller(int (*call)(void *), void *argument)
{
	static char stacks[CALLERS][CALLER_STACK] __attribute__((aligned(16)));
	static int callers;
	struct uffd_msg message;

	if (callers == CALLERS || returned ||
	    clone(call, stacks[callers++] + CALLER_STACK,
		  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			  CLONE_THREAD | CLONE_SYSVSEM,
		  argument) < 0)
		return false;
	while (!returned &&
	       read(userfaultfd, &message, sizeof(message)) != sizeof(message))
		usleep(100);
	return true;
}

/* Starts so many, all of which must be stopped. */
static long start_all(int (*call)(void *), long callers)
{
	for (long i = 0; i < callers; i++)
		if (!start_caller(call, NULL) || returned)
			return -EAGAIN;
	return 0;
}

static int come_back(void)
{
	returned++;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

/* Memory that some calls pin while it is dropped */
static struct region pinned;

static int read_pinned(void *unused)
{
	struct iovec to = { missing, 1 };
	struct iovec from = { (void *)pinned.base, pinned.pages * PAGE };

	syscall(SYS_process_vm_readv, getpid(), &to, 1, &from, 1, 0);
	return come_back();
}

/* It has a quarter of the limit itself. */
static long pin_by_process_vm(long limit)
{
	pinned = region_map(limit / 4 / PAGE);
	for (int i = 0; i < 16; i++) {
		region_touch(&pinned, 0, pinned.pages);
		if (!start_caller(read_pinned, NULL))
			break;
		region_drop(&pinned, 0, pinned.pages);
	}
	rest();
}

KTAP_TEST(what_reads_of_other_processes_pin_is_bounded, 30, "held")
{
	check_with_missing(pin_by_process_vm);
}

/* As in <linux/fs.h>, which the headers of a compiler may have no more than this of */
struct page_region {
	uint64_t start, end, categories;
};

struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages,
		category_inverted, category_mask, category_anyof_mask,
		return_mask;
};

#undef PAGEMAP_SCAN
#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_PRESENT (1 << 3)
/* For so many the kernel makes room at once. */
#define SCANNED_REGIONS 512

static int pagemap;

static int scan(void *unused)
{
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = (unsigned long)pinned.base,
		.end = (unsigned long)pinned.base + pinned.pages * PAGE,
		.vec = (unsigned long)missing,
		.vec_len = SCANNED_REGIONS,
		.category_mask = PAGE_IS_PRESENT,
		.return_mask = PAGE_IS_PRESENT,
	};

	ioctl(pagemap, PAGEMAP_SCAN, &arg);
	return come_back();
}

static long scan_pages(long limit)
{
	pinned = region_map(1);
	region_touch(&pinned, 0, 1);
	pagemap = open("/proc/self/pagemap", O_RDONLY);
	if (pagemap < 0)
		return -errno;
	/* A thread takes little beside its buffer: three quarters of the limit */
	while (within_has_room(limit * 3 / 2) && start_caller(scan, NULL))
		;
	rest();
}

KTAP_TEST(buffers_of_scans_of_pages_are_bounded, 30, "held")
{
	check_with_missing(scan_pages);
}

/* So many areas of files; the kernel collects them before it tells of any. */
#define LISTED_AREAS 8192

/* What getdents64() has of "." and "..", which come before the areas are collected */
#define DOTS 48

static int list_areas(void *unused)
{
	char dots[DOTS];
	int folder = open("/proc/self/map_files", O_RDONLY | O_DIRECTORY);

	if (syscall(SYS_getdents64, folder, dots, sizeof(dots)) == DOTS)
		syscall(SYS_getdents64, folder, missing, PAGE);
	return come_back();
}

static long map_areas(long unused)
{
	int file = memfd_create("area", MFD_CLOEXEC);

	if (file < 0 || ftruncate(file, PAGE))
		return -errno;
	/* None is a continuation of the one before. */
	for (int i = 0; i < LISTED_AREAS; i++)
		if (mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0) ==
		    MAP_FAILED)
			return -errno;
	return 0;
}

static long start_listing(long callers)
{
	return start_all(list_areas, callers);
}

/* The kernel notes where each begins and ends, and its mode. */
#define LISTED_BYTES (LISTED_AREAS * 12UL)

KTAP_TEST(lists_of_areas_of_files_are_charged, 30, "held")
{
	const int callers = 4;
	struct worker worker;
	unsigned long before;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(0);
	ASSERT_EQ(worker_call(&worker, prepare_missing, USER_A), 0);
	ASSERT_EQ(worker_call(&worker, map_areas, 0), 0);
	before = usage_exact(USER_A);
	ASSERT_EQ(worker_call(&worker, start_listing, callers), 0);
	EXPECT_GE(usage_exact(USER_A), before + callers * LISTED_BYTES);
	within_end(&worker);
}

/* The kernel makes a body for such a link when somebody reads it. */
#define LINK "/sys/class/mem/null"

static int read_link(void *unused)
{
	syscall(SYS_readlinkat, AT_FDCWD, LINK, missing, PAGE);
	return come_back();
}

/* That needs no memory but its thread's. */
static int get_cpu(void *unused)
{
	syscall(SYS_getcpu, missing, NULL, NULL);
	return come_back();
}

static long start_reading_links(long callers)
{
	return start_all(read_link, callers);
}

static long start_getting_cpus(long callers)
{
	return start_all(get_cpu, callers);
}

/* By how much more a user is charged once its worker has done that */
static unsigned long charged_more_by(struct worker *worker, worker_fn run,
				     long arg)
{
	unsigned long before = usage_exact(USER_A);

	ASSERT_EQ(worker_call(worker, run, arg), 0);
	return usage_exact(USER_A) - before;
}

KTAP_TEST(bodies_of_links_that_are_being_read_are_charged, 30, "held")
{
	/* Charged by the page, of which two may be spare, at both times */
	const unsigned long rounding = 6 * PAGE;
	const long callers = 32;
	struct worker worker;
	unsigned long without, with;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(0);
	ASSERT_EQ(worker_call(&worker, prepare_missing, USER_A), 0);
	/* What is touched for the first time stays. */
	ASSERT_EQ(worker_call(&worker, start_reading_links, 1), 0);
	ASSERT_EQ(worker_call(&worker, start_getting_cpus, 1), 0);
	without = charged_more_by(&worker, start_getting_cpus, callers);
	with = charged_more_by(&worker, start_reading_links, callers);
	printf("%ld threads are charged %lu, with bodies %lu\n", callers,
	       without, with);
	EXPECT_GE(with + rounding, without + callers * PAGE);
	within_end(&worker);
}

/* What is executed, and never comes to run */
#define EXECUTABLE_FOLDER "/usr/lib/mm_limit/tests"
#define EXECUTABLE "guest"

static char program_name[4096];

static void name_program(bool is_long)
{
	size_t length = 0;

	if (is_long)
		for (; length + 2 + sizeof(EXECUTABLE) <= sizeof(program_name);
		     length += 2)
			memcpy(program_name + length, "./", 2);
	memcpy(program_name + length, EXECUTABLE, sizeof(EXECUTABLE));
}

_Noreturn static void execute(int folder)
{
	char *arguments[] = { EXECUTABLE, NULL }, *none[] = { NULL };

	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	syscall(SYS_execveat, folder, program_name, arguments, none, 0);
	_exit(EXIT_FAILURE);
}

/* A process that its tracer has stop at the end of such a call */
static bool stop_in_exec(int folder)
{
	pid_t pid = channel_fork(0);
	int status;

	if (!pid)
		execute(folder);
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFSTOPPED(status) &&
	       !ptrace(PTRACE_SETOPTIONS, pid, NULL,
		       PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) &&
	       !ptrace(PTRACE_CONT, pid, NULL, NULL) &&
	       waitpid(pid, &status, 0) == pid &&
	       status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
}

#define EXECUTED 8

static long stop_in_execs(long is_long)
{
	int folder = open(EXECUTABLE_FOLDER, O_PATH | O_DIRECTORY);

	if (folder < 0)
		return -errno;
	name_program(is_long);
	for (int i = 0; i < EXECUTED; i++)
		if (!stop_in_exec(folder))
			return -EAGAIN;
	close(folder);
	return 0;
}

/*
 * The kernel makes a name of the folder's descriptor and of the name, longer than a page; that
 * is in the new stack, too, which has a page more for it, or two.
 */
#define EXECUTED_BYTES (2 * PAGE + PAGE)

KTAP_TEST(names_of_programs_that_are_being_executed_are_charged, 30, "held")
{
	unsigned long with_short, with_long;
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, stop_in_execs, true), 0);
	with_short = charged_more_by(&worker, stop_in_execs, false);
	with_long = charged_more_by(&worker, stop_in_execs, true);
	printf("%d processes are charged %lu, with long names %lu\n", EXECUTED,
	       with_short, with_long);
	EXPECT_GE(with_long + 6 * PAGE, with_short + EXECUTED * EXECUTED_BYTES);
	within_end(&worker);
}

/* How many threads spin beside those that are stopped */
#define SPINNERS 6

/**
 * struct pageout - a thread that swaps out
 * @region: this memory
 * @tid: it, once it runs
 */
struct pageout {
	struct region region;
	volatile pid_t tid;
};

static void *page_out(void *data)
{
	struct pageout *pageout = data;

	pageout->tid = syscall(SYS_gettid);
	madvise((void *)pageout->region.base, pageout->region.pages * PAGE,
		MADV_PAGEOUT);
	return NULL;
}

/* In a process of its own, since areas cannot change while they are swapped out. */
_Noreturn static void stop_in_pageout(size_t pages, int told)
{
	static struct pageout pageout;
	pthread_t thread;

	pageout.region = region_map(pages);
	region_touch(&pageout.region, 0, pages);
	if (pthread_create(&thread, NULL, page_out, &pageout))
		_exit(EXIT_FAILURE);
	while (!pageout.tid)
		usleep(50);
	usleep(200);
	frozen_stop(pageout.tid);
	region_drop(&pageout.region, 0, pages);
	(void)!write(told, "x", 1);
	rest();
}

static long stop_in_pageouts(long limit)
{
	int ends[2];
	char byte;

	if (pipe(ends))
		return -errno;
	frozen_spin(SPINNERS);
	/* Five eighths, for a process drops its quarter of the limit only in the end */
	while (within_has_room(limit * 5 / 4)) {
		pid_t pid = channel_fork(0);

		if (pid < 0)
			break;
		if (!pid)
			stop_in_pageout(limit / 4 / PAGE, ends[1]);
		(void)!read(ends[0], &byte, 1);
	}
	rest();
}

KTAP_TEST(what_is_being_swapped_out_while_it_is_dropped_is_bounded, 60, "held")
{
	swap_on(64 * MIB);
	within_check(stop_in_pageouts);
	EXPECT_EQ(swap_remove(), 0);
}
