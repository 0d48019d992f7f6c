// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that the system calls by which a process makes its own memory grow, as fork,
 * mremap and read, stop at the limit.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/rseq.h>
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

/* Reads the areas of the process, for which its lock is taken for reading. */
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
		look_at_areas(worker.pid);
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

/* Memory of which each page needs a table, and where it is moved back and forth */
#define MOVED_TABLES 32
#define MOVED_BYTES (MOVED_TABLES * TABLE_SPAN)
#define MOVED_STEP (TABLE_SPAN / PAGE)
static struct region moved, other;

static long make_moved(long unused)
{
	moved = region_map(MOVED_BYTES / PAGE);
	other = region_map(MOVED_BYTES / PAGE);
	for (size_t page = 0; page < moved.pages; page += MOVED_STEP)
		region_touch(&moved, page, 1);
	return code_make_resident(0);
}

static long move(long unused)
{
	const struct region before = moved;

	if (mremap((void *)moved.base, MOVED_BYTES, MOVED_BYTES,
		   MREMAP_MAYMOVE | MREMAP_FIXED, other.base) == MAP_FAILED)
		return -errno;
	moved = other;
	other = before;
	return 0;
}

/*
 * Returns how many pages are damaged, or not where they were moved to. That takes a
 * page of the kernel's, which is refused at the limit.
 */
static long moved_damage(long unused)
{
	unsigned char resident;
	long damage = 0;

	for (size_t page = 0; page < moved.pages; page += MOVED_STEP) {
		damage += mincore((char *)moved.base + page * PAGE, PAGE,
				  &resident) ||
			  !resident || region_damage(&moved, page, 1);
	}
	return damage;
}

static struct worker start_with_moved(void)
{
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(worker_call(&worker, make_moved, 0), 0);
	return worker;
}

/*
 * What has been moved is moved back before the killer is waited for. On another CPU
 * it may look after that, and see nothing to kill for; when that goes on, the
 * move fails.
 */
KTAP_TEST(tables_of_a_move_are_stopped_at_the_limit, 20, "growth growth_smp")
{
	struct worker worker;
	unsigned long limit;
	long ret;

	usage_begin(USER_A);
	worker = start_with_moved();
	limit = usage_exact(USER_A) + MOVED_TABLES / 4 * PAGE;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	ret = worker_call(&worker, move, 0);
	if (ret == WORKER_DIED) {
		EXPECT_TRUE(worker_was_killed(&worker));
		growth_expect_peak(limit + GROWTH_FAULT);
	} else {
		EXPECT_EQ(ret, -ENOMEM);
		EXPECT_LE(limit_read(USER_A).peak, limit + GROWTH_FAULT);
		EXPECT_EQ(limit_read(USER_A).kills, 0);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
		EXPECT_EQ(worker_call(&worker, moved_damage, 0), 0);
		worker_end(&worker);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Nobody has to die for the memory that goes by itself, so it fails, and undoes what it did. */
KTAP_TEST(move_that_is_too_much_fails_and_moves_nothing, 20,
	  "growth growth_smp")
{
	struct worker lingering, worker;
	unsigned long limit;

	usage_begin(USER_A);
	worker = start_with_moved();
	lingering = growth_begin_wait(4 * MIB);
	limit = usage_exact(USER_A) + MOVED_TABLES / 4 * PAGE;
	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	EXPECT_EQ(worker_call(&worker, move, 0), -ENOMEM);
	EXPECT_LE(limit_read(USER_A).peak, limit + GROWTH_FAULT);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	growth_end_wait(&lingering);
	EXPECT_EQ(worker_call(&worker, moved_damage, 0), 0);
	EXPECT_EQ(worker_call(&worker, move, 0), 0);
	EXPECT_EQ(worker_call(&worker, moved_damage, 0), 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Counts its moves, and returns 0 when it is told to by another word, or what went wrong. */
static long move_for_ever(long words)
{
	volatile unsigned long *common = (void *)words;
	long ret = 0;

	while (!ret && !common[1]) {
		ret = move(0);
		common[0]++;
	}
	return ret ? ret : moved_damage(0);
}

/* Wherever in a move it is when the limit falls, it waits, and all of it is moved in the end. */
KTAP_TEST(move_waits_for_memory_on_its_way_back, 60, "growth growth_smp")
{
	enum { MOMENTS = 12 };
	struct region common = region_map_common(1);
	struct worker lingering, worker;
	unsigned long limit, moves;

	usage_begin(USER_A);
	worker = start_with_moved();
	lingering = growth_begin_wait(4 * MIB);
	limit = usage_exact(USER_A) - MIB;
	worker_send(&worker, move_for_ever, (long)common.base);
	for (int i = 0; i < MOMENTS; i++) {
		usleep(1000 + 300 * i);
		/* Less than there is, by less than is on its way back */
		ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
		EXPECT_TRUE(worker_lives_for(&worker, 20 * ktap_slowdown()));
		look_at_areas(worker.pid);
		EXPECT_EQ(limit_read(USER_A).kills, 0);
		ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
		/* None is stopped twice, for it fails after some attempts. */
		moves = common.base[0];
		ktap_waiting_for("the move to be made");
		while (common.base[0] < moves + 2)
			usleep(1000);
		ktap_waiting_for(NULL);
	}
	common.base[1] = true;
	EXPECT_EQ(worker_receive(&worker), 0);
	growth_end_wait(&lingering);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* What the C library registers of each thread, in bytes */
#define RSEQ_AREA 32

/* What the test and a thread that moves tell each other */
enum { MOVE_TID, MOVE_GO, MOVE_DONE, MOVE_RESULT };

static volatile unsigned long *common_words;

static void *move_when_told(void *unused)
{
	common_words[MOVE_TID] = syscall(SYS_gettid);
	while (!common_words[MOVE_GO])
		sched_yield();
	common_words[MOVE_RESULT] = move(0);
	common_words[MOVE_DONE] = true;
	return NULL;
}

/* Maps where memory is going to be moved to. Returns whether nothing was there. */
static long map_target(long unused)
{
	void *at = mmap((void *)other.base, MOVED_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				MAP_FIXED_NOREPLACE,
			-1, 0);

	if (at == MAP_FAILED)
		return errno == EEXIST ? 0 : -errno;
	return at == (void *)other.base ? 1 : -EINVAL;
}

/*
 * What the C library has registered for restartable sequences has each thread look for
 * its limit whenever it is preempted. Users can do without.
 */
static long forget_sequences(void)
{
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	if (!__rseq_size)
		return 0;
	return syscall(__NR_rseq, area, RSEQ_AREA, RSEQ_FLAG_UNREGISTER,
		       RSEQ_SIG) ?
		       -errno :
		       0;
}

/* Moves there and back once, so that all that the thread needs is there; it returns its tid. */
static long start_mover(long words)
{
	pthread_t thread;
	int error;

	common_words = (void *)words;
	if (move(0) || move(0) || map_target(0) != 1)
		return -EINVAL;
	error = forget_sequences();
	if (error)
		return error;
	error = pthread_create(&thread, NULL, move_when_told, NULL);
	if (error)
		return -error;
	while (!common_words[MOVE_TID])
		sched_yield();
	return common_words[MOVE_TID];
}

/* What is in the first word where memory was moved to, or to be moved to */
static long read_target(long unused)
{
	return common_words[MOVE_RESULT] ? other.base[0] : moved.base[0];
}

/*
 * What was there goes first. While the move waits, others who look for room must not find
 * any there, or else keep what they find.
 */
KTAP_TEST(move_that_waits_takes_no_place_that_another_thread_has_got, 30,
	  "growth growth_smp")
{
	struct region common = region_map_common(1);
	struct worker lingering, worker;
	long tid, got;

	/* Of kernel memory nothing is refused to the other thread. */
	limits_count("rss");
	usage_begin(USER_A);
	worker = start_with_moved();
	tid = worker_call(&worker, start_mover, (long)common.base);
	ASSERT_GT(tid, 0);
	/* Less than there is, by less than is on its way back */
	lingering = growth_begin_wait(4 * MIB);
	ASSERT_EQ(mmlimit_set(USER_A, usage_exact(USER_A) - MIB), 0);
	common.base[MOVE_GO] = true;
	ktap_waiting_for("the move to wait, or to be made");
	while (!common.base[MOVE_DONE] && process_state(tid) != 'D')
		usleep(1000);
	ktap_waiting_for(NULL);
	got = worker_call(&worker, map_target, 0);
	EXPECT_GE(got, 0);

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ktap_waiting_for("the move to be made");
	while (!common.base[MOVE_DONE])
		usleep(1000);
	ktap_waiting_for(NULL);
	growth_end_wait(&lingering);
	/* Nobody has written to what was mapped there. */
	if (got > 0)
		EXPECT_EQ(worker_call(&worker, read_target, 0), 0);
	else
		EXPECT_EQ(common.base[MOVE_RESULT], 0);
	EXPECT_EQ(worker_call(&worker, moved_damage, 0), 0);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limits_count("held");
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
