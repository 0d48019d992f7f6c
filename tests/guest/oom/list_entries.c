// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests /proc/oom: which processes are listed, and which users may read it; and
 * /proc/PID/oom.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/crowd.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/processes.h"
#include "lib/user.h"

#define CROWD 300

static long do_nothing(long unused)
{
	return 0;
}

static void *rest(void *tid)
{
	*(volatile pid_t *)tid = syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

/* Returns the new thread's number. */
static long start_thread(long unused)
{
	static volatile pid_t tid;
	pthread_t thread;

	if (pthread_create(&thread, NULL, rest, (void *)&tid))
		return -1;
	while (!tid)
		sched_yield();
	return tid;
}

KTAP_TEST(duplicates_and_strangers_are_left_out, 10, "oomlist")
{
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_A) };
	pid_t thread = worker_call(&w[0], start_thread, 0);

	ASSERT_GT(thread, 0);
	/* Neither its threads, nor numbers that nobody has */
	OOMLIST_SET(w[1].pid, thread, w[1].pid, 32767, 32768, 99999, w[0].pid,
		    2147483647, w[1].pid, w[0].pid);
	OOMLIST_EXPECT(w[1].pid, w[0].pid);
	ASSERT_EQ(kill(w[0].pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	worker_end(&w[1]);
}

/* Backwards, and twice: the second time it is all known. */
KTAP_TEST(list_of_all_numbers_holds_all_processes, 60, "oomlist")
{
	struct crowd crowd = crowd_make(CROWD);
	static pid_t numbers[2 * OOMLIST_MAX], found[OOMLIST_MAX];
	size_t count, at = 0;

	crowd_start(&crowd);
	while (crowd.count < CROWD)
		crowd_add(&crowd, USER_A, do_nothing, 0);
	crowd_settle(&crowd);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		numbers[i] = OOMLIST_MAX - (pid_t)i % OOMLIST_MAX;
	oomlist_set(numbers, ARRAY_SIZE(numbers));

	for (size_t piece = 1; piece <= 65536; piece *= 256) {
		count = oomlist_read_by(piece, found, OOMLIST_MAX);
		ASSERT_GE(count, CROWD);
		for (size_t i = 1; i < count; i++)
			EXPECT_GT(found[i - 1], found[i]);
		EXPECT_EQ(found[count - 1], 1);
		at = 0;
		for (size_t i = CROWD; i--;) {
			while (at < count && found[at] != crowd.pids[i])
				at++;
			ASSERT_LT(at, count);
		}
	}
	crowd_end(&crowd);
	EXPECT_EQ(oomlist_read_by(65536, found, OOMLIST_MAX), count - CROWD);
}

static long leave_a_thread(long unused)
{
	static volatile pid_t tid;
	pthread_t thread;

	if (pthread_create(&thread, NULL, rest, (void *)&tid))
		return -1;
	/* The leader alone, without the answer that the library would give */
	syscall(SYS_exit, 0);
	return 0;
}

KTAP_TEST(process_leaves_the_list_when_it_ends, 10, "oomlist")
{
	struct worker w[3] = { worker_start(USER_A), worker_start(USER_A),
			       worker_start(USER_A) };

	OOMLIST_SET(w[0].pid, w[1].pid, w[2].pid);
	/* A zombie is no process any more, even before somebody waits for it. */
	ASSERT_EQ(kill(w[1].pid, SIGKILL), 0);
	process_wait_for(w[1].pid, 'Z');
	OOMLIST_EXPECT(w[0].pid, w[2].pid);
	EXPECT_TRUE(worker_was_killed(&w[1]));
	OOMLIST_EXPECT(w[0].pid, w[2].pid);

	/* A process with a thread that lives is listed. */
	worker_send(&w[0], leave_a_thread, 0);
	process_wait_for(w[0].pid, 'Z');
	OOMLIST_EXPECT(w[0].pid, w[2].pid);
	OOMLIST_SET(w[2].pid, w[0].pid);
	OOMLIST_EXPECT(w[2].pid, w[0].pid);
	ASSERT_EQ(kill(w[0].pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&w[0]));
	OOMLIST_EXPECT(w[2].pid);
	worker_end(&w[2]);
}

static void *exec_sleep(void *unused)
{
	execlp("sleep", "sleep", "1000", NULL);
	return NULL;
}

/* A thread that is not the leader calls exec, and takes the leader's place. */
static long exec_in_a_thread(long unused)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, exec_sleep, NULL))
		for (;;)
			pause();
	return -1;
}

static bool is_named(pid_t pid, const char *name)
{
	char path[32], comm[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	return !file_read(path, comm, sizeof(comm)) && !strcmp(comm, name);
}

KTAP_TEST(process_stays_listed_through_an_exec, 10, "oomlist")
{
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_A) };

	OOMLIST_SET(w[0].pid, w[1].pid);
	worker_send(&w[1], exec_in_a_thread, 0);
	ktap_waiting_for("the exec");
	while (!is_named(w[1].pid, "sleep\n"))
		usleep(1000);
	ktap_waiting_for(NULL);
	OOMLIST_EXPECT(w[0].pid, w[1].pid);
	ASSERT_EQ(kill(w[1].pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&w[1]));
	OOMLIST_EXPECT(w[0].pid);
	worker_end(&w[0]);
}

KTAP_TEST(recycled_number_is_nobody, 10, "oomlist")
{
	struct worker w = worker_start(USER_A), other = worker_start(USER_A);
	pid_t pid;

	OOMLIST_SET(w.pid, other.pid);
	worker_end(&w);
	pid = oomlist_fork_as(w.pid);
	if (!pid) {
		for (;;)
			pause();
	}
	ASSERT_EQ(pid, w.pid);
	OOMLIST_EXPECT(other.pid);
	/* It is on the list only when it is listed itself. */
	OOMLIST_SET(other.pid, pid);
	OOMLIST_EXPECT(other.pid, pid);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_EQ(waitpid(pid, NULL, 0), pid);
	worker_end(&other);
}

/* Reads the file whole, in pieces; after the first one, @then is listed. */
static void expect_one_list(struct worker *w, pid_t then)
{
	char expected[64], text[64];
	size_t length = snprintf(expected, sizeof(expected), "%d\n%d\n%d\n",
				 w[0].pid, w[1].pid, w[2].pid);
	int fd;

	for (size_t piece = 1; piece <= length; piece++) {
		size_t at = 0;

		OOMLIST_SET(w[0].pid, w[1].pid, w[2].pid);
		fd = open(OOMLIST, O_RDONLY);
		ASSERT_GE(fd, 0);
		while (at < length) {
			size_t left = length - at;

			ASSERT_EQ(read(fd, text + at,
				       left < piece ? left : piece),
				  left < piece ? left : piece);
			at += left < piece ? left : piece;
			OOMLIST_SET(then);
		}
		EXPECT_EQ(read(fd, text + at, 1), 0);
		text[at] = '\0';
		EXPECT_STREQ(text, expected);

		/* From its start it is what it is now. */
		EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
		at = snprintf(expected, sizeof(expected), "%d\n", then);
		EXPECT_EQ(read(fd, text, sizeof(text)), at);
		EXPECT_TRUE(!memcmp(text, expected, at));
		close(fd);
		snprintf(expected, sizeof(expected), "%d\n%d\n%d\n", w[0].pid,
			 w[1].pid, w[2].pid);
	}
}

KTAP_TEST(any_piece_of_a_read_is_of_one_list, 10, "oomlist")
{
	struct worker w[3] = { worker_start(USER_A), worker_start(USER_A),
			       worker_start(USER_A) };
	char text[64], expected[64];
	int fd;

	expect_one_list(w, getpid());

	OOMLIST_SET(w[0].pid, w[1].pid, w[2].pid);
	fd = open(OOMLIST, O_RDONLY);
	snprintf(expected, sizeof(expected), "%d\n%d\n%d\n", w[0].pid, w[1].pid,
		 w[2].pid);
	for (size_t i = 0; i < strlen(expected); i++) {
		memset(text, 0, sizeof(text));
		EXPECT_EQ(pread(fd, text, sizeof(text) - 1, i),
			  strlen(expected) - i);
		EXPECT_STREQ(text, expected + i);
	}
	EXPECT_EQ(pread(fd, text, sizeof(text), strlen(expected)), 0);
	EXPECT_EQ(pread(fd, text, sizeof(text), 100000), 0);
	close(fd);
	for (int i = 0; i < 3; i++)
		worker_end(&w[i]);
}

static const char mount_point[] = "/tmp/proc";

/* For a root worker: mounts a proc that is not seen outside. */
static long mount_proc(const char *options)
{
	if (mkdir(mount_point, 0755) && errno != EEXIST)
		return -errno;
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", mount_point, "proc", 0, options))
		return -errno;
	return 0;
}

static long mount_own_proc(long unused)
{
	long ret = mount_proc(NULL);

	return ret ? ret : getpid();
}

static long expect_inside(long unused)
{
	char text[64];

	EXPECT_EQ(file_read("/tmp/proc/oom", text, sizeof(text)), 0);
	EXPECT_STREQ(text, worker_parcel);
	return 0;
}

static long write_inside(long unused)
{
	return file_write("/tmp/proc/oom", worker_parcel);
}

KTAP_TEST(numbers_are_those_of_the_proc_they_go_through, 10, "oomlist")
{
	struct worker outside = worker_start(USER_A), w[2];

	/* From now on children are born into a namespace of their own. */
	ASSERT_EQ(unshare(CLONE_NEWPID), 0);
	for (int i = 0; i < 2; i++)
		w[i] = worker_start(0);
	ASSERT_EQ(worker_call(&w[0], mount_own_proc, 0), 1);

	OOMLIST_SET(outside.pid, w[1].pid, w[0].pid);
	strcpy(worker_parcel, "2\n1\n");
	ASSERT_EQ(worker_call(&w[0], expect_inside, 0), 0);
	strcpy(worker_parcel, "1\n2\n");
	ASSERT_EQ(worker_call(&w[0], write_inside, 0), 0);
	OOMLIST_EXPECT(w[0].pid, w[1].pid);
	worker_end(&w[1]);
	worker_end(&w[0]);
	worker_end(&outside);
}

static long mount_hiding(long mode)
{
	char options[16];

	snprintf(options, sizeof(options), "hidepid=%ld", mode);
	return mount_proc(options);
}

/* A change of user forbids others of that user to look into a process. */
static long allow_looks(long allowed)
{
	return prctl(PR_SET_DUMPABLE, allowed);
}

static long become(long uid)
{
	user_become(uid);
	return 0;
}

/* A reader that becomes a user's sees what this mode hides no longer. */
static void expect_hidden(long mode)
{
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_B) };
	struct worker reader = worker_start(0);

	OOMLIST_SET(1, w[0].pid, w[1].pid);
	ASSERT_EQ(worker_call(&w[0], allow_looks, 1), 0);
	ASSERT_EQ(worker_call(&w[1], allow_looks, 1), 0);
	ASSERT_EQ(worker_call(&reader, mount_hiding, mode), 0);
	snprintf(worker_parcel, sizeof(worker_parcel), "1\n%d\n%d\n", w[0].pid,
		 w[1].pid);
	EXPECT_EQ(worker_call(&reader, expect_inside, 0), 0);
	ASSERT_EQ(worker_call(&reader, become, USER_B), 0);
	snprintf(worker_parcel, sizeof(worker_parcel), "%d\n", w[1].pid);
	EXPECT_EQ(worker_call(&reader, expect_inside, 0), 0);
	worker_end(&reader);
	worker_end(&w[0]);
	worker_end(&w[1]);
}

KTAP_TEST(hidden_processes_are_not_shown, 10, "oomlist")
{
	expect_hidden(2); /* invisible */
	expect_hidden(4); /* not ptraceable */
}

static long spin(long ms)
{
	uint64_t end_us = ktap_now_us() + 1000ULL * ms;

	while (ktap_now_us() < end_us)
		getppid();
	return 0;
}

static void *spin_in_thread(void *ms)
{
	spin((long)ms);
	return NULL;
}

static long spin_in_threads(long ms)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, spin_in_thread, (void *)ms))
		return -1;
	pthread_join(thread, NULL);
	return spin(ms);
}

/* Fields 14 and 15, as a line of /proc/<pid>/oom */
static void read_times(pid_t pid, char *line, size_t size)
{
	unsigned long user, system;
	char path[32], stat[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	ASSERT_EQ(file_read(path, stat, sizeof(stat)), 0);
	ASSERT_EQ(
		sscanf(strrchr(stat, ')'),
		       ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
		       &user, &system),
		2);
	snprintf(line, size, "%d %lu %lu\n", pid, user, system);
}

static void expect_times(pid_t pid)
{
	char path[32], before[64], found[64], after[64];

	snprintf(path, sizeof(path), "/proc/%d/oom", pid);
	/* It may run meanwhile. */
	do {
		read_times(pid, before, sizeof(before));
		ASSERT_EQ(file_read(path, found, sizeof(found)), 0);
		read_times(pid, after, sizeof(after));
	} while (strcmp(before, after));
	EXPECT_STREQ(found, before);
	printf("%s", found);
}

static long expect_times_of(long pid)
{
	expect_times(pid);
	return 0;
}

KTAP_TEST(times_are_those_of_stat, 10, "oomlist")
{
	struct worker w = worker_start(USER_A), reader = worker_start(USER_B);
	const long ms = 200 * ktap_slowdown();
	struct stat status;
	char path[32];

	expect_times(w.pid);
	ASSERT_EQ(worker_call(&w, spin_in_threads, ms), 0);
	expect_times(w.pid);
	/* Everybody may know, as of stat. */
	EXPECT_EQ(worker_call(&reader, expect_times_of, w.pid), 0);
	snprintf(path, sizeof(path), "/proc/%d/oom", w.pid);
	ASSERT_EQ(stat(path, &status), 0);
	EXPECT_EQ(status.st_mode, S_IFREG | 0444);
	EXPECT_EQ(stat(OOMLIST, &status), 0);
	EXPECT_EQ(status.st_mode, S_IFREG | 0644);
	expect_times(1);
	expect_times(2);

	ASSERT_EQ(kill(w.pid, SIGKILL), 0);
	process_wait_for(w.pid, 'Z');
	expect_times(w.pid);
	EXPECT_TRUE(worker_was_killed(&w));
	EXPECT_EQ(stat(path, &status), -1);
	worker_end(&reader);
}
