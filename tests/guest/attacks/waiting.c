// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that nobody waits for a limited user: neither the administrator for a
 * thread that others of the same user keep from running, nor anybody else for a
 * lock that its processes hold. Each time is compared with that of the same
 * machine without the attack, in the same test.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/shm.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/frozen.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/program.h"
#include "lib/usage.h"
#include "lib/user.h"

#define LIMIT (64 * MIB)
#define HOGS 4

static long spin(long unused)
{
	for (;;)
		;
	return 0;
}

/* Runs only when nobody else wants to. */
static void be_starved(void)
{
	const struct sched_param none = { 0 };

	sched_setscheduler(0, SCHED_IDLE, &none);
}

static long change_own_part(long unused)
{
	be_starved();
	for (unsigned int i = 0;; i++)
		mmlimit_set(USER_A, LIMIT - (1 + i % 2) * MIB);
	return 0;
}

static long remove_own_part(long unused)
{
	be_starved();
	for (;;) {
		mmlimit_set(USER_A, LIMIT - MIB);
		mmlimit_remove(USER_A);
	}
	return 0;
}

static long read_own_limit(long unused)
{
	char text[4096];
	int fd = open("/proc/mm_limits", O_RDONLY);

	be_starved();
	for (;;) {
		struct mm_limit_attr attr;

		mmlimit_read(USER_A, &attr);
		if (pread(fd, text, sizeof(text), 0) < 0)
			return -errno;
	}
	return 0;
}

/* The triggers that walk look at each such allocation, one thread at a time. */
static long allocate(long unused)
{
	be_starved();
	for (;;) {
		held_grow(64);
		held_shrink(64);
	}
	return 0;
}

static long read_trigger(long unused)
{
	char text[32];
	int fd = open(TRIGGER, O_RDONLY);

	be_starved();
	while (pread(fd, text, sizeof(text), 0) > 0)
		;
	return -errno;
}

static void change_limit(int i)
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT + i * MIB), 0);
}

static void change_trigger(int unused)
{
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}

typedef void (*change_fn)(int i);

/* The longest of many changes by the administrator, in microseconds */
static uint64_t longest_change(change_fn change)
{
	const int changes = ktap_volume("waits");
	uint64_t longest = 0;

	for (int i = 0; i < changes; i++) {
		uint64_t began = ktap_now_us(), took;

		change(i);
		took = ktap_now_us() - began;
		longest = took > longest ? took : longest;
		/* Let the others come to where it might hurt. */
		usleep(1000 + 300 * i);
	}
	return longest;
}

/* Beside processes of the user that keep the CPU busy, and some that do @attack */
static uint64_t longest_change_beside(change_fn change, worker_fn attack)
{
	struct worker workers[HOGS + 2];
	uint64_t longest;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i] = worker_start(USER_A);
		worker_send(&workers[i], i < HOGS ? spin : attack, 0);
	}
	longest = longest_change(change);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		EXPECT_TRUE(worker_alive(&workers[i]));
		kill(workers[i].pid, SIGKILL);
		worker_wait(&workers[i]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	return longest;
}

static void expect_no_wait_for(worker_fn attack, change_fn change)
{
	uint64_t alone = longest_change_beside(change, spin);
	uint64_t beside = longest_change_beside(change, attack);

	printf("%llu us beside busy processes, %llu us beside the attack\n",
	       (unsigned long long)alone, (unsigned long long)beside);
	/* A turn of the scheduler, which comes when it comes */
	EXPECT_LE(beside, 2 * alone + 10000 * ktap_slowdown());
}

KTAP_TEST(administrator_does_not_wait_for_a_starved_change, 60, "growth")
{
	expect_no_wait_for(change_own_part, change_limit);
}

KTAP_TEST(administrator_does_not_wait_for_a_starved_removal, 60, "growth")
{
	expect_no_wait_for(remove_own_part, change_limit);
}

KTAP_TEST(administrator_does_not_wait_for_a_starved_reader, 60, "growth")
{
	expect_no_wait_for(read_own_limit, change_limit);
}

KTAP_TEST(administrator_does_not_wait_for_a_starved_reader_of_the_trigger, 60,
	  "growth")
{
	expect_no_wait_for(read_trigger, change_trigger);
}

KTAP_TEST(administrator_does_not_wait_for_a_starved_walk, 60, "growth")
{
	ASSERT_EQ(file_write(TRIGGER, "alloc"), 0);
	expect_no_wait_for(allocate, change_limit);
	ASSERT_EQ(file_write(TRIGGER, "exact"), 0);
}

#define HELPER "/tmp/becomes_root"

/* Becomes root for good, as an unwise set-user-ID program does. */
KTAP_PROGRAM(becomes_root)
{
	if (argc != 2)
		return 2;
	return process_change_user_raw(0) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static long run_helpers_for_ever(long unused)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			execl(HELPER, HELPER, "", NULL);
			_exit(EXIT_FAILURE);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return 0;
}

/* The same, but that its children are not set-user-ID programs */
static long run_programs_for_ever(long unused)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			execl("/proc/self/exe", "becomes_root", "", NULL);
			_exit(EXIT_FAILURE);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return 0;
}

/* The mean of many logins, in microseconds: a process of root becomes a user. */
static uint64_t login_takes(void)
{
	enum { LOGINS = 20 };
	volatile unsigned long *took = region_map_common(1).base;
	uint64_t all = 0;

	for (int i = 0; i < LOGINS; i++) {
		pid_t pid = fork();

		if (!pid) {
			uint64_t began = ktap_now_us();

			process_change_user_raw(USER_B);
			*took = ktap_now_us() - began;
			_exit(EXIT_SUCCESS);
		}
		ASSERT_EQ(waitpid(pid, NULL, 0), pid);
		all += *took;
	}
	return all / LOGINS;
}

static uint64_t login_beside(worker_fn loop)
{
	const int loops = ktap_volume("loops");
	struct worker *workers = calloc(loops, sizeof(*workers));
	uint64_t took;

	ASSERT_TRUE(workers);
	ASSERT_EQ(mmlimit_set(USER_A, 4 * LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT), 0);
	for (int i = 0; i < loops; i++) {
		workers[i] = worker_start(USER_A);
		worker_send(&workers[i], loop, 0);
	}
	took = login_takes();
	for (int i = 0; i < loops; i++)
		kill(workers[i].pid, SIGKILL);
	for (int i = 0; i < loops; i++)
		worker_wait(&workers[i]);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	free(workers);
	return took;
}

KTAP_TEST(login_of_others_does_not_wait_for_set_user_id_programs, 60, "growth")
{
	uint64_t beside_programs, beside_helpers;

	program_install(HELPER, 04755);
	beside_programs = login_beside(run_programs_for_ever);
	beside_helpers = login_beside(run_helpers_for_ever);
	printf("%llu us beside programs, %llu us beside set-user-ID programs\n",
	       (unsigned long long)beside_programs,
	       (unsigned long long)beside_helpers);
	EXPECT_LE(beside_helpers, 2 * beside_programs + 1000 * ktap_slowdown());
	ASSERT_EQ(unlink(HELPER), 0);
}

/* Forks of a user near its limit, each of which leaves something to a grace period */
#define FORKS 40
#define FORKER_ROOM (256 * KIB)

static long prolong_for_ever(long unused)
{
	frozen_spin(HOGS);
	frozen_prolong();
	for (;;)
		pause();
	return 0;
}

/* Returns the longest of many, in microseconds; it may be refused. */
static long longest_fork(long unused)
{
	uint64_t longest = 0;

	for (int i = 0; i < FORKS; i++) {
		uint64_t began = ktap_now_us(), took;
		pid_t pid = vfork();

		if (!pid)
			_exit(EXIT_SUCCESS);
		took = ktap_now_us() - began;
		longest = took > longest ? took : longest;
		if (pid > 0)
			waitpid(pid, NULL, 0);
		usleep(10000);
	}
	return longest;
}

KTAP_TEST(fork_of_others_does_not_wait_for_a_prolonged_grace_period, 20,
	  "growth growth_smp")
{
	struct worker attacker, forker;
	long longest;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT_HUGE), 0);
	attacker = worker_start(USER_A);
	forker = start_holding(USER_B, MIB);
	worker_call(&forker, longest_fork, 0);
	ASSERT_EQ(mmlimit_set(USER_B, usage_exact(USER_B) + FORKER_ROOM), 0);
	worker_send(&attacker, prolong_for_ever, 0);
	usleep(200000 * ktap_slowdown());
	longest = worker_call(&forker, longest_fork, 0);
	printf("longest fork: %ld us, refused %llu times\n", longest,
	       (unsigned long long)limit_read(USER_B).refused);
	EXPECT_GE(longest, 0);
	/* By the host's time of several CPUs it is only not for ever. */
	EXPECT_LE(longest, (ktap_time_is_counted() ? 200000 : 1000000) *
				   (long)ktap_slowdown());
	kill(attacker.pid, SIGKILL);
	worker_wait(&attacker);
	worker_end(&forker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

/* A user that makes segments at its limit, and may close files meanwhile */
#define MAKERS 4
#define CLOSED 900
#define MAKER_ROOM (256 * KIB)
#define SEGMENTS 40

static int closed[CLOSED];

static long open_files(long unused)
{
	for (int i = 0; i < CLOSED; i++) {
		closed[i] = open("/dev/null", O_RDONLY);
		if (closed[i] < 0)
			return -errno;
	}
	return 0;
}

/* What was closed may make room for the file of the next segment a grace period later. */
static long make_segments(long closes)
{
	for (int i = 0;; i++) {
		if (closes && i < CLOSED)
			close(closed[i]);
		shmget(IPC_PRIVATE, PAGE, 0600);
		usleep(1000);
	}
	return 0;
}

/* Somebody else's, in microseconds */
static long longest_segment(long unused)
{
	uint64_t longest = 0;

	for (int i = 0; i < SEGMENTS; i++) {
		uint64_t began = ktap_now_us(), took;
		int segment = shmget(IPC_PRIVATE, PAGE, 0600);

		if (segment < 0 || shmctl(segment, IPC_RMID, NULL))
			return -errno;
		took = ktap_now_us() - began;
		longest = took > longest ? took : longest;
		usleep(5000);
	}
	return longest;
}

static long longest_segment_beside(bool closes)
{
	struct worker makers[MAKERS], other = worker_start(USER_B);
	long longest;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	for (int i = 0; i < MAKERS; i++) {
		makers[i] = worker_start(USER_A);
		ASSERT_EQ(worker_call(&makers[i], open_files, 0), 0);
	}
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) + MAKER_ROOM), 0);
	for (int i = 0; i < MAKERS; i++)
		worker_send(&makers[i], make_segments, closes);
	while (!limit_read(USER_A).refused)
		usleep(1000);
	longest = worker_call(&other, longest_segment, 0);
	EXPECT_GE(longest, 0);
	for (int i = 0; i < MAKERS; i++) {
		EXPECT_TRUE(worker_alive(&makers[i]));
		kill(makers[i].pid, SIGKILL);
		worker_wait(&makers[i]);
	}
	worker_end(&other);
	held_remove_ipc();
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	return longest;
}

/* They queue for one lock with all who make segments, and who exit with one. */
KTAP_TEST(segments_of_others_do_not_wait_for_what_a_user_has_closed, 60,
	  "growth")
{
	long alone = longest_segment_beside(false);
	long beside = longest_segment_beside(true);

	printf("longest segment: %ld us, %ld us beside who closes files\n",
	       alone, beside);
	EXPECT_LE(beside, 2 * alone + 10000 * (long)ktap_slowdown());
}
