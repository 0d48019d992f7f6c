// SPDX-License-Identifier: GPL-2.0-only
/* Tests the killer under real concurrency, in a guest with several CPUs. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/prepared.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "mmlimit.h"

#define WORKERS 6

/* Set by the test to end what the workers do; they share it. */
static struct region shared;

static bool go_on(void)
{
	return !__atomic_load_n(&shared.base[0], __ATOMIC_SEQ_CST);
}

static void let_go_on(bool on)
{
	__atomic_store_n(&shared.base[0], !on, __ATOMIC_SEQ_CST);
}

/* The kernel logs only so many kills of a user in a while, hence one each. */
static uid_t user_of_round(int round)
{
	return TEST_USER_FIRST + 100 + round;
}

static struct random numbers;

/*
 * Mapped by the test, for each worker has its own of it then: a worker could not
 * map anything while others of its user are over a limit.
 */
static struct region churned;

/*
 * Takes some memory and gives it back, over and over, never more than there is;
 * sometimes ends instead.
 */
static long churn(long seed)
{
	numbers = random_from(seed);
	while (go_on()) {
		size_t pages = random_below(&numbers, churned.pages);

		region_touch(&churned, 0, pages);
		if (region_damage(&churned, 0, pages))
			return -1;
		region_drop(&churned, 0, pages);
		if (random_below(&numbers, 16) == 0)
			_exit(EXIT_SUCCESS);
	}
	return 0;
}

static void start_churning(struct worker *worker, uid_t uid)
{
	*worker = worker_start(uid);
	worker_send(worker, churn, random_next(&numbers));
}

/*
 * A worker that has ended did so itself, also because there was no room to answer, or
 * the killer did it.
 */
static void check_end(struct worker *worker)
{
	int status = worker_wait(worker);

	EXPECT_TRUE(WIFEXITED(status) ||
		    (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

static void replace_dead(struct worker *workers, const uid_t *users)
{
	for (int i = 0; i < WORKERS; i++) {
		if (worker_alive(&workers[i]))
			continue;
		check_end(&workers[i]);
		start_churning(&workers[i], users[i]);
	}
}

static void change_some_limit(void)
{
	uid_t uid = random_below(&numbers, 2) ? USER_A : USER_B;
	unsigned long bytes = random_below(&numbers, 36) * MIB;

	switch (random_below(&numbers, 4)) {
	case 0:
		mmlimit_remove(uid);
		break;
	case 1:
		ASSERT_EQ(mmlimit_set_time(uid, bytes,
					   random_below(&numbers, 30)),
			  0);
		break;
	default:
		ASSERT_EQ(mmlimit_set(uid, bytes), 0);
	}
}

/* Stops all, and takes what answers. Returns how many live. */
static int stop_churning(struct worker *workers)
{
	int live = 0;

	let_go_on(false);
	for (int i = 0; i < WORKERS; i++) {
		long answer = worker_receive(&workers[i]);

		if (answer == WORKER_DIED) {
			check_end(&workers[i]);
			continue;
		}
		EXPECT_EQ(answer, 0);
		worker_end(&workers[i]);
		live++;
	}
	return live;
}

KTAP_TEST(limits_come_and_go_while_users_allocate, 120, "enforce_smp")
{
	static const uid_t users[WORKERS] = { USER_A, USER_B, USER_A,
					      USER_B, USER_A, USER_B };
	const int changes = ktap_volume("changes");
	struct worker workers[WORKERS], bystander;

	limits_log_table(false);
	numbers = random_from(ktap_seed());
	shared = region_map_common(1);
	churned = region_map(12 * MIB / PAGE);
	bystander = worker_start(USER_C);
	ASSERT_EQ(worker_call(&bystander, held_grow, 60 * MIB / PAGE), 0);
	for (int i = 0; i < WORKERS; i++)
		start_churning(&workers[i], users[i]);

	for (int round = 0; round < changes; round++) {
		change_some_limit();
		usleep(random_below(&numbers, 5000));
		replace_dead(workers, users);
	}
	/* Whatever is going on, this ends it, and leaves nothing behind. */
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT_HUGE), 0);
	replace_dead(workers, users);
	stop_churning(workers);
	usage_wait_for_nothing(USER_A);
	usage_wait_for_nothing(USER_B);
	EXPECT_EQ(worker_call(&bystander, held_damage, 0), 0);
	worker_end(&bystander);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	limits_log_table(true);
}

/* Reads the log up to the removal, and on: nobody is killed after it. */
static void expect_no_kill_after_removal(struct klog *log, uid_t uid)
{
	struct kill_line kill;
	bool removed = false;
	char line[32];

	snprintf(line, sizeof(line), "Removed: uid=%u", uid);
	while (klog_next(log)) {
		if (strstr(log->text, line))
			removed = true;
		else if (removed && klog_is_kill(log, &kill))
			KTAP_FAIL("killed after the removal: %s", log->text);
	}
	EXPECT_TRUE(removed);
}

/*
 * Removes the limit when the worker that grows has so many pages left to it.
 * Returns whether the worker lives.
 */
static bool remove_close_to_the_limit(uid_t uid, unsigned long pages_left)
{
	const unsigned long room = 1000;
	struct worker worker;
	bool lives;

	ASSERT_EQ(mmlimit_set(uid, LIMIT_HUGE), 0);
	worker = start_prepared(uid, 2000);
	ASSERT_EQ(worker_call(&worker, grow_and_count, 2), 0);
	ASSERT_EQ(mmlimit_set(uid, usage_exact(uid) + room * PAGE), 0);
	*kill_progress = 0;
	worker_send(&worker, grow_and_count, room + 500);
	ktap_waiting_for("the worker to come close to its limit");
	while (*kill_progress < room - pages_left)
		continue;
	ktap_waiting_for(NULL);
	ASSERT_EQ(mmlimit_remove(uid), 0);
	lives = worker_receive(&worker) == 0;
	if (lives)
		worker_end(&worker);
	else
		EXPECT_TRUE(worker_was_killed(&worker));
	return lives;
}

KTAP_TEST(nobody_is_killed_after_the_removal, 60, "enforce_smp")
{
	const int rounds = ktap_volume("removals");
	unsigned int live = 0;
	struct klog log;

	share_progress();
	for (int round = 0; round < rounds; round++) {
		log = klog_open();
		live += remove_close_to_the_limit(user_of_round(round), round);
		expect_no_kill_after_removal(&log, user_of_round(round));
		klog_close(&log);
	}
	printf("%u of %d lived\n", live, rounds);
}

#define WORKQUEUES "/sys/devices/virtual/workqueue/cpumask"

static void run_on(unsigned int first, unsigned int last)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (unsigned int cpu = first; cpu <= last; cpu++)
		CPU_SET(cpu, &cpus);
	ASSERT_EQ(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
}

/* Leaves a CPU to nobody else but for what the scheduler sees to. */
static long occupy(long cpu)
{
	const struct sched_param real_time = { .sched_priority = 50 };

	run_on(cpu, cpu);
	ASSERT_EQ(sched_setscheduler(0, SCHED_FIFO, &real_time), 0);
	while (go_on())
		continue;
	return 0;
}

static long read_zeros(long bytes)
{
	struct region region = region_map(bytes / PAGE);
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	return read(fd, (void *)region.base, bytes);
}

/* Returns the process of a name, or 0. */
static pid_t process_of_name(const char *name)
{
	char path[32], comm[32];
	pid_t pid;

	for (pid = 2; pid < 200; pid++) {
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		if (!file_read(path, comm, sizeof(comm)) && !strcmp(comm, name))
			return pid;
	}
	return 0;
}

static long limit_oneself(long bytes)
{
	return mmlimit_set(getuid(), bytes);
}

/*
 * Code that runs on other CPUs may only change while they stand still. That all
 * places change for the first limit, and back after the last, must not take a
 * stop for each: any user may set and remove a limit of its own, over and over.
 * The thread that makes a CPU stand still sleeps again after each.
 */
KTAP_TEST(first_limit_stops_the_machine_a_few_times_at_most, 60, "enforce_smp")
{
	const pid_t stopper = process_of_name("migration/1\n");
	const unsigned int attempts = ktap_volume("stops");
	unsigned long before, stops = 0;

	ASSERT_TRUE(stopper);
	for (unsigned int attempt = 0; attempt < attempts; attempt++) {
		/* What an earlier limit made change goes back a second after it. */
		sleep(2);
		before = process_status(stopper, "voluntary_ctxt_switches:");
		ASSERT_EQ(user_run(USER_A, limit_oneself, 16 * MIB), 0);
		ASSERT_EQ(mmlimit_remove(USER_A), 0);
		sleep(2);
		stops += process_status(stopper, "voluntary_ctxt_switches:") -
			 before;
	}
	EXPECT_LE(stops, attempts * 16);
	/* On 64 bits code changes without. */
	if (sizeof(long) == 4)
		EXPECT_GE(stops, attempts);
}

/* The killer's work may only run where real-time tasks of others keep it from it. */
KTAP_TEST(killer_that_is_starved_wins_a_user_nothing, 30, "enforce_smp")
{
	const unsigned int last = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	struct worker hog, reader;
	struct mm_limit_attr attr;
	char all[16];

	shared = region_map_common(1);
	ASSERT_EQ(file_read(WORKQUEUES, all, sizeof(all)), 0);
	run_on(1, last);
	hog = worker_start(0);
	reader = worker_start(USER_A);
	ASSERT_EQ(mmlimit_set(USER_A, 16 * MIB), 0);
	ASSERT_EQ(file_write(WORKQUEUES, "1"), 0);
	worker_send(&hog, occupy, 0);
	worker_send(&reader, read_zeros, 48 * MIB);
	/*
	 * This is longer than the reader's faults wait for the killer to look.
	 */
	usleep(3000000);
	let_go_on(false);
	EXPECT_EQ(worker_receive(&hog), 0);
	worker_end(&hog);
	ASSERT_EQ(file_write(WORKQUEUES, all), 0);
	run_on(0, last);
	EXPECT_TRUE(worker_was_killed(&reader));
	attr = limit_read(USER_A);
	EXPECT_LE(attr.peak, 16 * MIB + 2 * PAGE);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
