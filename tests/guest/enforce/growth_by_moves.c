// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that mremap(), which needs page tables where it moves memory to, stops at the limit
 * and goes on where it was.
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
#include <sys/rseq.h>
#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/frozen.h"
#include "lib/growth.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/user.h"

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

/* Memory that counts among what all together may use */
static long make_reserved(long unused)
{
	void *base = mmap(NULL, MOVED_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return -errno;
	moved = (struct region){ .base = base, .pages = MOVED_BYTES / PAGE };
	for (size_t page = 0; page < moved.pages; page += MOVED_STEP)
		region_touch(&moved, page, 1);
	return code_make_resident(0);
}

static long move_and_grow(long unused)
{
	return mremap((void *)moved.base, MOVED_BYTES, 2 * MOVED_BYTES,
		      MREMAP_MAYMOVE) == MAP_FAILED ?
		       -errno :
		       0;
}

/* In KiB; its limit concerns everybody. */
static long reserved(void)
{
	return memory_info("Committed_AS") / KIB;
}

KTAP_TEST(move_that_fails_reserves_no_memory, 20, "growth growth_smp")
{
	struct worker lingering, worker;
	long before;

	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_reserved, 0), 0);
	lingering = growth_begin_wait(4 * MIB);
	before = reserved();
	ASSERT_EQ(mmlimit_set(USER_A,
			      usage_exact(USER_A) + MOVED_TABLES / 4 * PAGE),
		  0);
	EXPECT_EQ(worker_call(&worker, move_and_grow, 0), -ENOMEM);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	EXPECT_LE(reserved(), before);
	growth_end_wait(&lingering);
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
		growth_look_at_areas(worker.pid);
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
