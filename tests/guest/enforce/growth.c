// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user that means it makes its memory grow by whatever way there is. However it
 * does, its peak is its limit, and a fault for each thread that runs.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/userfaultfd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/user.h"

/* Arguments of an exec, each of the greatest length */
#define STRINGS ktap_volume("strings")
#define STRING (128 * KIB)

#define LIMIT (16 * MIB)
#define GROWTH (48 * MIB)

/* A fault makes a page resident, and may need a table for it. */
#define FAULT (2 * PAGE)

/* Mapped by the test at the same address in all of its workers */
static struct region target;
static pid_t target_pid;

static long become_accessible(long unused)
{
	return prctl(PR_SET_DUMPABLE, 1) + unused;
}

static void expect_peak(unsigned long bytes)
{
	struct mm_limit_attr attr = limit_read(USER_A);

	printf("peak %llu of %llu\n", (unsigned long long)attr.peak,
	       (unsigned long long)attr.mm_max);
	EXPECT_GT(attr.kills, 0);
	EXPECT_LE(attr.peak, bytes);
}

/* With room for so much beside what the user's workers have, for these are many */
static unsigned long limit_with_room(struct worker *workers, int count,
				     unsigned long bytes)
{
	unsigned long limit;

	for (int i = 0; i < count; i++)
		ASSERT_EQ(worker_call(&workers[i], become_accessible, 0), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	limit = usage_exact(USER_A) + bytes;
	ASSERT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	return limit;
}

/* In one call: 1024 times the same source */
static long write_by_process_vm(long bytes)
{
	static char source[256 * KIB];
	static struct iovec from[1024];
	struct iovec to = { (void *)target.base, bytes };

	for (size_t i = 0; i < ARRAY_SIZE(from); i++)
		from[i] = (struct iovec){ source, sizeof(source) };
	return process_vm_writev(target_pid, from, bytes / sizeof(source), &to,
				 1, 0);
}

/* As large a piece as a single write() takes, from memory that does not count */
static long write_by_proc_mem(long bytes)
{
	static char source[256 * KIB];
	char path[64];
	long done = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", target_pid);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return -errno;
	while (done < bytes) {
		ssize_t wrote =
			pwrite64(fd, source, sizeof(source),
				 (off64_t)(unsigned long)target.base + done);

		if (wrote <= 0)
			return -errno;
		done += wrote;
	}
	return done;
}

static long touch_by_proc_mem(long bytes)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", target_pid);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return -errno;
	for (long done = 0; done < bytes; done += PAGE) {
		char byte = 1;

		if (pwrite64(fd, &byte, 1,
			     (off64_t)(unsigned long)target.base + done) != 1)
			return -errno;
	}
	return bytes;
}

static long write_by_ptrace(long bytes)
{
	int status;

	if (ptrace(PTRACE_SEIZE, target_pid, NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, target_pid, NULL, NULL) ||
	    waitpid(target_pid, &status, __WALL) != target_pid)
		return -errno;
	for (long done = 0; done < bytes; done += PAGE)
		if (ptrace(PTRACE_POKEDATA, target_pid,
			   (char *)target.base + done, (void *)1L))
			return waitpid(target_pid, &status, __WALL) < 0;
	return bytes;
}

/* What the target has opened for others to write to it */
static int *target_fd;

/* In the target: whoever has this may put pages there. */
static long open_for_userfaultfd(long bytes)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (unsigned long)target.base, bytes },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	*target_fd = syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY);
	if (*target_fd < 0 || ioctl(*target_fd, UFFDIO_API, &api) ||
	    ioctl(*target_fd, UFFDIO_REGISTER, &area))
		return -errno;
	return 0;
}

static long write_by_userfaultfd(long bytes)
{
	static char source[256 * KIB] __attribute__((aligned(4096)));
	int process = syscall(SYS_pidfd_open, target_pid, 0);
	int fd = syscall(SYS_pidfd_getfd, process, *target_fd, 0);
	long done = 0;

	if (fd < 0)
		return -errno;
	while (done < bytes) {
		struct uffdio_copy copy = {
			.dst = (unsigned long)target.base + done,
			.src = (unsigned long)source,
			.len = sizeof(source),
		};

		if (ioctl(fd, UFFDIO_COPY, &copy) && errno != EAGAIN)
			return -errno;
		if (copy.copy > 0)
			done += copy.copy;
	}
	return done;
}

/* @prepare: what the one that grows has to do for it, or NULL */
static void grow_another(worker_fn prepare, worker_fn write)
{
	struct worker worker, writer;

	target = region_map(GROWTH / PAGE);
	worker = worker_start(USER_A);
	target_pid = worker.pid;
	writer = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_accessible, 0), 0);
	if (prepare)
		ASSERT_EQ(worker_call(&worker, prepare, GROWTH), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	/* The writer lives, but finds nobody any more to write to. */
	EXPECT_LT(worker_call(&writer, write, GROWTH), GROWTH);
	EXPECT_TRUE(worker_was_killed(&worker));
	EXPECT_TRUE(worker_alive(&writer));
	expect_peak(LIMIT + FAULT);
	worker_end(&writer);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	region_unmap(&target);
}

#define KILL_WAIT "/proc/sys/vm/mm_limit_kill_wait_ms"

static long leave(long status)
{
	_exit(status);
}

/* A process that is on its way out, with all of its memory, until it is let go */
static struct worker start_lingering(unsigned long bytes)
{
	struct worker worker = start_holding(USER_A, bytes);
	int status;

	ASSERT_EQ(ptrace(PTRACE_SEIZE, worker.pid, NULL, PTRACE_O_TRACEEXIT),
		  0);
	worker_send(&worker, leave, 0);
	ASSERT_EQ(waitpid(worker.pid, &status, __WALL), worker.pid);
	ASSERT_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	return worker;
}

/* Lets it go, with all that it has. */
static void let_go(struct worker *lingering)
{
	ASSERT_EQ(ptrace(PTRACE_CONT, lingering->pid, NULL, NULL), 0);
	EXPECT_EQ(worker_wait(lingering), 0);
	ASSERT_EQ(file_write(KILL_WAIT, "100"), 0);
}

/*
 * There is memory on its way back, so nobody has to be killed; but it is not there
 * yet, so @grower must get no further, whose-ever memory it is that it makes grow.
 */
static void expect_to_wait(struct worker *lingering, struct worker *grower,
			   worker_fn grow, long argument)
{
	unsigned long limit;

	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	/* In the middle of what one call writes */
	limit = usage_exact(USER_A) + 2 * MIB + 25 * PAGE;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker_send(grower, grow, argument);
	ktap_waiting_for("the grower to come to its limit");
	while (limit_read(USER_A).usage <= limit)
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_TRUE(worker_lives_for(grower, 300 * ktap_slowdown()));
	EXPECT_LE(usage_exact(USER_A), limit + FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	let_go(lingering);
}

static void write_waits_for_memory_on_its_way_back(worker_fn write)
{
	struct worker lingering, worker, writer;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	target = region_map(8 * MIB / PAGE);
	worker = worker_start(USER_A);
	target_pid = worker.pid;
	writer = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_accessible, 0), 0);
	ASSERT_EQ(worker_call(&writer, become_accessible, 0), 0);
	lingering = start_lingering(16 * MIB);
	expect_to_wait(&lingering, &writer, write, 8 * MIB);
	EXPECT_EQ(worker_receive(&writer), 8 * MIB);
	worker_end(&writer);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	region_unmap(&target);
}

KTAP_TEST(writing_by_process_vm_waits_for_memory_on_its_way_back, 20,
	  "growth growth_smp")
{
	write_waits_for_memory_on_its_way_back(write_by_process_vm);
}

KTAP_TEST(writing_by_proc_mem_waits_for_memory_on_its_way_back, 20,
	  "growth growth_smp")
{
	write_waits_for_memory_on_its_way_back(write_by_proc_mem);
}

KTAP_TEST(writing_by_process_vm_is_stopped_at_the_limit, 20,
	  "growth growth_smp")
{
	grow_another(NULL, write_by_process_vm);
}

KTAP_TEST(writing_by_proc_mem_is_stopped_at_the_limit, 20, "growth growth_smp")
{
	grow_another(NULL, write_by_proc_mem);
}

KTAP_TEST(touching_by_proc_mem_is_stopped_at_the_limit, 20, "growth growth_smp")
{
	grow_another(NULL, touch_by_proc_mem);
}

KTAP_TEST(copying_by_userfaultfd_is_stopped_at_the_limit, 20,
	  "growth growth_smp")
{
	struct region shared = region_map_shared(1);

	target_fd = (int *)shared.base;
	grow_another(open_for_userfaultfd, write_by_userfaultfd);
	region_unmap(&shared);
}

KTAP_TEST(poking_by_ptrace_is_stopped_at_the_limit, 20, "growth growth_smp")
{
	grow_another(NULL, write_by_ptrace);
}

/* A read() that does not come back before all of it is there */
static long read_much(long bytes)
{
	struct region region = region_map(bytes / PAGE);

	return read(open("/dev/zero", O_RDONLY), (void *)region.base, bytes);
}

static long exec_with(long strings)
{
	static char text[STRING];
	const struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };
	char *words[64] = { "true" };

	memset(text, '0', sizeof(text) - 1);
	setrlimit(RLIMIT_STACK, &most);
	for (long i = 1; i <= strings; i++)
		words[i] = text;
	execv("/bin/true", words);
	return -errno;
}

KTAP_TEST(arguments_of_an_exec_are_stopped_at_the_limit, 10,
	  "growth growth_smp")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, 3 * MIB), 0);
	worker_send(&worker, exec_with, STRINGS);
	EXPECT_TRUE(worker_was_killed(&worker));
	expect_peak(3 * MIB + FAULT);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(exec_waits_for_memory_on_its_way_back, 20, "growth growth_smp")
{
	struct worker lingering, worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_accessible, 0), 0);
	lingering = start_lingering(16 * MIB);
	expect_to_wait(&lingering, &worker, exec_with, STRINGS);
	EXPECT_EQ(worker_wait(&worker), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

static long fork_once(long unused)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(EXIT_SUCCESS);
	return pid < 0 ? -errno : waitpid(pid, &status, 0) != pid || unused;
}

/* Of the process, which takes its lock for reading */
static void look_at_areas(pid_t pid)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
}

static long fork_for_ever(long unused)
{
	while (!fork_once(0))
		;
	return unused;
}

/*
 * It lets go of what it has copied, and of the locks: wherever in a fork it is when
 * the limit falls, others can look at the process while it waits.
 */
KTAP_TEST(fork_waits_for_memory_on_its_way_back_without_a_lock, 20,
	  "growth growth_smp")
{
	enum { MOMENTS = 12 };
	struct worker lingering, worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = start_holding(USER_A, 16 * MIB);
	lingering = start_lingering(40 * MIB);
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	worker_send(&worker, fork_for_ever, 0);
	for (int i = 0; i < MOMENTS; i++) {
		usleep(1000 + 700 * i);
		/* Less than there is, by less than is on its way back */
		ASSERT_EQ(mmlimit_set(USER_A, 40 * MIB), 0);
		EXPECT_TRUE(worker_lives_for(&worker, 20 * ktap_slowdown()));
		look_at_areas(worker.pid);
		EXPECT_EQ(limit_read(USER_A).kills, 0);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	}
	let_go(&lingering);
	kill(worker.pid, SIGKILL);
	worker_wait(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Whose copy alone would be too much, while nobody has to die for what goes by itself */
KTAP_TEST(fork_that_is_too_much_fails_after_some_attempts, 20,
	  "growth growth_smp")
{
	struct worker lingering, worker;
	unsigned long limit;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = start_holding(USER_A, 16 * MIB);
	lingering = start_lingering(24 * MIB);
	ASSERT_EQ(file_write(KILL_WAIT, "60000"), 0);
	limit = usage_exact(USER_A) + 7 * MIB;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	EXPECT_EQ(worker_call(&worker, fork_once, 0), -ENOMEM);
	EXPECT_LE(limit_read(USER_A).peak, limit + TABLE_SPAN + FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	let_go(&lingering);
	EXPECT_EQ(worker_call(&worker, fork_once, 0), 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(arguments_of_many_execs_are_stopped_at_the_limit, 20,
	  "growth growth_smp")
{
	const int count = ktap_volume("execs");
	struct worker *workers = calloc(count, sizeof(*workers));
	unsigned long limit;

	ASSERT_TRUE(workers);
	for (int i = 0; i < count; i++)
		workers[i] = worker_start(USER_A);
	/* A fifth of what all of them ask for */
	limit = limit_with_room(workers, count, count * MIB);
	for (int i = 0; i < count; i++)
		worker_send(&workers[i], exec_with, STRINGS);
	for (int i = 0; i < count; i++) {
		long ret = worker_receive(&workers[i]);

		/* It is killed, or another program by now. */
		EXPECT_EQ(ret, WORKER_DIED);
		worker_wait(&workers[i]);
	}
	expect_peak(limit + count * FAULT);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	free(workers);
}

/* The arguments are held once, where the new program will have them. */
KTAP_TEST(arguments_of_an_exec_are_charged_once, 10, "growth growth_smp")
{
	struct worker worker = worker_start(USER_A);
	struct mm_limit_attr attr;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker_send(&worker, exec_with, STRINGS);
	EXPECT_EQ(worker_wait(&worker), 0);
	attr = limit_read(USER_A);
	EXPECT_GE(attr.peak, STRINGS * STRING);
	EXPECT_LT(attr.peak, 2 * STRINGS * STRING);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Changes the user's own part, again and again, in both directions. */
static long toggle(long limit)
{
	for (unsigned int i = 0;; i++)
		mmlimit_set(USER_A, limit - (1 + i % 2) * MIB);
	return 0;
}

/* Prolongs grace periods of RCU: long walks over paths, by a process that is preempted. */
static long walk_paths(long unused)
{
	static char path[4000];

	for (size_t i = 0; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "./", 2);
	nice(19);
	for (;;)
		access(path, F_OK);
	return unused;
}

static void grow_while_toggled(int togglers, int walkers)
{
	const int count = togglers + walkers;
	struct worker *workers = calloc(count, sizeof(*workers));
	struct worker reader;
	unsigned long limit;
	uint64_t began_us;

	ASSERT_TRUE(workers);
	for (int i = 0; i < count; i++)
		workers[i] = worker_start(USER_A);
	reader = worker_start(USER_A);
	ASSERT_EQ(worker_call(&reader, become_accessible, 0), 0);
	limit = limit_with_room(workers, count, LIMIT);
	for (int i = 0; i < count; i++)
		worker_send(&workers[i], i < togglers ? toggle : walk_paths,
			    limit);
	began_us = ktap_now_us();
	worker_send(&reader, read_much, GROWTH);
	EXPECT_TRUE(worker_was_killed(&reader));
	printf("dead after %llu us\n",
	       (unsigned long long)(ktap_now_us() - began_us));
	/* The reader is not stopped in the middle of its call, but it is killed. */
	expect_peak(limit + (count + 1) * FAULT);
	for (int i = 0; i < count; i++)
		kill(workers[i].pid, SIGKILL);
	for (int i = 0; i < count; i++)
		worker_wait(&workers[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	free(workers);
}

KTAP_TEST(toggling_its_own_part_wins_a_user_nothing, 20, "growth growth_smp")
{
	grow_while_toggled(1, 0);
}

KTAP_TEST(many_that_toggle_win_a_user_nothing, 30, "growth growth_smp")
{
	grow_while_toggled(ktap_volume("togglers"), 0);
}

KTAP_TEST(stretching_grace_periods_wins_a_user_nothing, 30, "growth growth_smp")
{
	grow_while_toggled(4, ktap_volume("walkers"));
}

/* Root's word is not put off by who changes its own part in a loop. */
KTAP_TEST(administrator_gets_through_to_a_toggling_user, 30,
	  "growth growth_smp")
{
	enum { CHANGES = 20 };
	const int togglers = ktap_volume("togglers");
	struct worker *workers = calloc(togglers, sizeof(*workers));
	unsigned long limit;
	uint64_t began_us;

	ASSERT_TRUE(workers);
	for (int i = 0; i < togglers; i++)
		workers[i] = worker_start(USER_A);
	limit = limit_with_room(workers, togglers, LIMIT);
	for (int i = 0; i < togglers; i++)
		worker_send(&workers[i], toggle, limit);
	began_us = ktap_now_us();
	for (int i = 0; i < CHANGES; i++)
		ASSERT_EQ(mmlimit_set(USER_A, limit + i * MIB), 0);
	printf("%d changes in %llu us\n", CHANGES,
	       (unsigned long long)(ktap_now_us() - began_us));
	for (int i = 0; i < togglers; i++) {
		EXPECT_TRUE(worker_alive(&workers[i]));
		kill(workers[i].pid, SIGKILL);
		worker_wait(&workers[i]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	free(workers);
}

/* What an administrator sets replaces what the user bound itself to. */
KTAP_TEST(privileged_set_is_final, 10, "growth growth_smp")
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, 20 * MIB), 0);
	ASSERT_EQ(limit_call_by(&worker, SET(USER_A, 10 * MIB)), 0);
	limit_expect(USER_A, 10 * MIB, 0);
	ASSERT_EQ(mmlimit_set(USER_A, 30 * MIB), 0);
	limit_expect(USER_A, 30 * MIB, 0);
	EXPECT_EQ(limit_read(USER_A).self_max, MM_LIMIT_ATTR_NONE);
	/* It may bind itself anew, below that. */
	ASSERT_EQ(limit_call_by(&worker, SET(USER_A, 12 * MIB)), 0);
	limit_expect(USER_A, 12 * MIB, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
