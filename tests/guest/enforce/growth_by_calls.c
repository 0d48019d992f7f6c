// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that the system calls by which a process makes its own memory grow, as fork and
 * read, stop at the limit; growth_by_moves.c has mremap.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/frozen.h"
#include "lib/growth.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/user.h"

static long fork_once(long unused)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(EXIT_SUCCESS);
	return pid < 0 ? -errno : waitpid(pid, &status, 0) != pid;
}

static long fork_for_ever(long unused)
{
	while (!fork_once(0))
		;
	return 0;
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

	usage_begin(USER_A);
	worker = start_holding(USER_A, 16 * MIB);
	lingering = growth_begin_wait(40 * MIB);
	worker_send(&worker, fork_for_ever, 0);
	for (int i = 0; i < MOMENTS; i++) {
		usleep(1000 + 700 * i);
		/* Less than there is, by less than is on its way back */
		ASSERT_EQ(mmlimit_set(USER_A, 40 * MIB), 0);
		EXPECT_TRUE(worker_lives_for(&worker, 20 * ktap_slowdown()));
		growth_look_at_areas(worker.pid);
		EXPECT_EQ(limit_read(USER_A).kills, 0);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	}
	growth_end_wait(&lingering);
	kill(worker.pid, SIGKILL);
	worker_wait(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

#define COPIED (32 * MIB)

/*
 * Has an idle worker fork, and returns in the middle of that: so much of what it has was copied,
 * and most was not.
 */
static void begin_fork(struct worker *worker, unsigned long bytes)
{
	const struct sched_param first = { .sched_priority = 1 };
	const struct sched_param as_ever = { .sched_priority = 0 };
	const unsigned long idle = usage_exact(USER_A);
	unsigned long usage;

	ASSERT_EQ(sched_setscheduler(0, SCHED_FIFO, &first), 0);
	ktap_waiting_for("a fork that has begun and is not done");
	for (;;) {
		worker_send(worker, fork_once, 0);
		do {
			usleep(50);
			usage = limit_read(USER_A).usage;
		} while (usage < idle + bytes);
		if (usage < idle + COPIED / 2)
			break;
		ASSERT_EQ(worker_receive(worker), 0);
	}
	ktap_waiting_for(NULL);
	ASSERT_EQ(sched_setscheduler(0, SCHED_OTHER, &as_ever), 0);
}

/*
 * During a grace it goes on beyond the limit. Once the killer is at work, even before that is
 * over because it was told to, it gets no further and gives back what it has copied.
 */
KTAP_TEST(fork_goes_on_in_a_grace_and_is_stopped_when_the_killer_comes, 20,
	  "growth")
{
	const unsigned int grace_ms = 60000 * ktap_slowdown();
	struct worker lingering, worker;
	unsigned long idle;

	usage_begin(USER_A);
	worker = start_holding(USER_A, COPIED);
	lingering = growth_begin_wait(COPIED + 24 * MIB);
	ASSERT_EQ(worker_call(&worker, fork_once, 0), 0);
	idle = usage_exact(USER_A);
	ASSERT_EQ(mmlimit_set_time(USER_A, idle - MIB, grace_ms), 0);
	limit_wait_for_state(USER_A, MM_LIMIT_GRACE);
	EXPECT_EQ(worker_call(&worker, fork_once, 0), 0);
	EXPECT_EQ(limit_read(USER_A).state, MM_LIMIT_GRACE);
	EXPECT_GE(limit_read(USER_A).peak, idle + COPIED);

	begin_fork(&worker, 2 * MIB);
	/* What is on its way back will do, so nobody has to go. */
	EXPECT_EQ(mmlimit_kill(MM_LIMIT_POLICY_OWN), 0);
	EXPECT_EQ(limit_read(USER_A).state, MM_LIMIT_KILLING);
	ktap_waiting_for("the fork to give back what it has copied");
	while (limit_read(USER_A).usage > idle + MIB)
		usleep(1000);
	ktap_waiting_for(NULL);
	EXPECT_TRUE(worker_lives_for(&worker, 100 * ktap_slowdown()));
	EXPECT_LE(limit_read(USER_A).usage, idle + MIB);
	EXPECT_EQ(limit_read(USER_A).state, MM_LIMIT_KILLING);
	/* Then there is room, and it is done after all. */
	growth_end_wait(&lingering);
	EXPECT_EQ(worker_receive(&worker), 0);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/*
 * Its copy alone would be too much, while nobody has to die for the memory that
 * goes by itself.
 */
KTAP_TEST(fork_that_is_too_much_fails_after_some_attempts, 20,
	  "growth growth_smp")
{
	struct worker lingering, worker;
	unsigned long limit;

	usage_begin(USER_A);
	worker = start_holding(USER_A, 16 * MIB);
	lingering = growth_begin_wait(24 * MIB);
	limit = usage_exact(USER_A) + 7 * MIB;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	EXPECT_EQ(worker_call(&worker, fork_once, 0), -ENOMEM);
	EXPECT_LE(limit_read(USER_A).peak, limit + TABLE_SPAN + GROWTH_FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	growth_end_wait(&lingering);
	EXPECT_EQ(worker_call(&worker, fork_once, 0), 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* What is read into fresh memory, twice as much as there is room for */
#define READ_BYTES (8 * MIB)

static long spin_for_others(long threads)
{
	frozen_spin(threads);
	return 0;
}

/* Reads until it has got everything. Returns how many bytes that is, or what went wrong. */
static long read_into_fresh_memory(long unused)
{
	struct region fresh = region_map(READ_BYTES / PAGE);
	int file = open("/dev/zero", O_RDONLY);
	size_t done = 0;
	ssize_t n;

	while (done < READ_BYTES) {
		n = read(file, (char *)fresh.base + done, READ_BYTES - done);
		if (n <= 0)
			return n ? -errno : (long)done;
		done += n;
	}
	return done;
}

/* It is killed, but does not run, so its memory is not there before it is taken from it. */
KTAP_TEST(read_waits_for_memory_of_a_victim_that_cannot_die, 60,
	  "growth growth_smp")
{
	struct worker spinner, victim, reader;
	unsigned long limit;

	usage_begin(USER_A);
	spinner = worker_start(USER_A);
	reader = worker_start(USER_A);
	ASSERT_EQ(worker_call(&reader, code_make_resident, 0), 0);
	victim = start_holding(USER_A, READ_BYTES + MIB);
	ASSERT_EQ(worker_call(&spinner, spin_for_others, 16), 0);
	frozen_stop(victim.pid);
	limit = usage_exact(USER_A) + READ_BYTES / 2;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	EXPECT_EQ(worker_call(&reader, read_into_fresh_memory, 0), READ_BYTES);
	growth_expect_peak(limit + 2 * GROWTH_FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	EXPECT_TRUE(worker_alive(&reader));
	kill(spinner.pid, SIGKILL);
	worker_wait(&spinner);
	EXPECT_TRUE(worker_was_killed(&victim));
	worker_end_or_die(&reader);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A message of the greatest size, which takes three fresh pages */
struct message {
	long type;
	char text[8 * KIB];
};

static int queue;

static long send_message(long unused)
{
	static const struct message message = { .type = 1 };

	queue = msgget(IPC_PRIVATE, 0600);
	if (queue < 0 || msgsnd(queue, &message, sizeof(message.text), 0))
		return -errno;
	return 0;
}

static long receive_into_fresh_memory(long unused)
{
	struct region fresh = region_map(4);
	ssize_t n = msgrcv(queue, (void *)fresh.base,
			   sizeof(((struct message *)0)->text), 0, 0);

	return n < 0 ? -errno : n;
}

static long remove_queue(long unused)
{
	return msgctl(queue, IPC_RMID, NULL);
}

/* What is copied only in part is lost, so the copy waits for a victim to die. */
KTAP_TEST(message_that_somebody_is_killed_for_is_received_whole, 20,
	  "growth growth_smp")
{
	struct worker receiver, victim;
	unsigned long limit;

	usage_begin(USER_A);
	receiver = worker_start(USER_A);
	ASSERT_EQ(worker_call(&receiver, code_make_resident, 0), 0);
	ASSERT_EQ(worker_call(&receiver, send_message, 0), 0);
	victim = start_holding(USER_A, 4 * MIB);
	limit = usage_exact(USER_A);
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	EXPECT_EQ(worker_call(&receiver, receive_into_fresh_memory, 0),
		  8 * KIB);
	EXPECT_TRUE(worker_was_killed(&victim));
	growth_expect_peak(limit + GROWTH_FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 1);
	EXPECT_EQ(worker_call(&receiver, remove_queue, 0), 0);
	worker_end(&receiver);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
