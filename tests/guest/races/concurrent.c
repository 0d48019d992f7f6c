// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests races with the killer under real concurrency, in a guest with several
 * CPUs: processes fork, exec, share memory, change their user and exit while
 * limits come and go.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/random.h"
#include "lib/usage.h"

#define BREEDERS 4
#define AGENT_PAGES (6 * MIB / PAGE)

/* Shared by all: whether to go on, and how many agents there were */
static struct region shared;

static bool go_on(void)
{
	return !__atomic_load_n(&shared.base[0], __ATOMIC_SEQ_CST);
}

static void count(int what)
{
	__atomic_add_fetch(&shared.base[what], 1, __ATOMIC_SEQ_CST);
}

enum { STOP, AGENTS, KILLED };

static struct random numbers;
static struct region memory;

static void touch_some(void)
{
	region_touch(&memory, 0, 1 + random_below(&numbers, AGENT_PAGES));
}

static void end_by_fork(void)
{
	pid_t pid = fork();

	touch_some();
	if (pid > 0 && random_below(&numbers, 2))
		waitpid(pid, NULL, 0);
	_exit(EXIT_SUCCESS);
}

static void end_by_exec(void)
{
	touch_some();
	execl("/bin/true", "true", NULL);
	_exit(EXIT_FAILURE);
}

static void end_by_vfork(void)
{
	pid_t pid = vfork();

	if (!pid) {
		touch_some();
		execl("/bin/true", "true", NULL);
		_exit(EXIT_FAILURE);
	}
	touch_some();
	_exit(EXIT_SUCCESS);
}

static int touch_and_exit(void *unused)
{
	touch_some();
	syscall(SYS_exit_group, 0);
	return 0;
}

/* Each of the two may be the last that has the memory. */
static void end_by_sharing(void)
{
	static char stack[64 * KIB] __attribute__((aligned(16)));
	pid_t pid = clone(touch_and_exit, stack + sizeof(stack),
			  CLONE_VM | SIGCHLD, NULL);

	if (pid > 0 && random_below(&numbers, 2))
		syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL);
	syscall(SYS_exit_group, 0);
}

static void *touch_in_thread(void *unused)
{
	touch_some();
	return NULL;
}

static void end_by_leader_exit(void)
{
	pthread_t thread;

	for (int i = 0; i < 2; i++)
		pthread_create(&thread, NULL, touch_in_thread, NULL);
	syscall(SYS_exit, 0);
}

static void end_by_changing_user(void)
{
	static const uid_t users[] = { USER_A, USER_B, 0 };

	for (int i = 0; i < 6; i++) {
		touch_some();
		process_change_user_raw(users[random_below(&numbers, 3)]);
		region_drop(&memory, 0, AGENT_PAGES / 2);
	}
	_exit(EXIT_SUCCESS);
}

static _Noreturn void live(uint32_t seed)
{
	static void (*const ends[])(void) = {
		end_by_fork,	end_by_exec,	    end_by_vfork,
		end_by_sharing, end_by_leader_exit, end_by_changing_user,
	};

	numbers = random_from(seed);
	if (process_change_user_raw(random_below(&numbers, 2) ? USER_A :
								USER_B))
		_exit(EXIT_FAILURE);
	memory = region_map(AGENT_PAGES);
	touch_some();
	ends[random_below(&numbers, ARRAY_SIZE(ends))]();
	_exit(EXIT_FAILURE);
}

/* In a worker of root's: agents, one after the other */
static long breed(long seed)
{
	struct random seeds = random_from(seed);

	while (go_on()) {
		uint32_t agent_seed = random_next(&seeds);
		pid_t pid = fork();
		int status;

		if (pid < 0)
			return -errno;
		if (!pid)
			live(agent_seed);
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		count(AGENTS);
		if (WIFSIGNALED(status)) {
			EXPECT_EQ(WTERMSIG(status), SIGKILL);
			count(KILLED);
		} else {
			EXPECT_EQ(WEXITSTATUS(status), EXIT_SUCCESS);
		}
	}
	return 0;
}

static void set_trigger(int trigger)
{
	static const char *const names[] = { "exact", "alloc", "hybrid",
					     "periodic" };

	ASSERT_EQ(file_write(TRIGGER, names[trigger]), 0);
}

static void change_some_limit(bool triggers_change)
{
	uid_t uid = random_below(&numbers, 2) ? USER_A : USER_B;
	unsigned long bytes = (2 + random_below(&numbers, 14)) * MIB;

	switch (random_below(&numbers, 8)) {
	case 0:
		mmlimit_remove(uid);
		break;
	case 2:
		if (triggers_change)
			set_trigger(random_below(&numbers, 4));
		break;
	case 1:
		ASSERT_EQ(mmlimit_set_time(uid, bytes,
					   1 + random_below(&numbers, 30)),
			  0);
		break;
	default:
		ASSERT_EQ(mmlimit_set(uid, bytes), 0);
	}
}

static void breed_and_change(bool triggers_change)
{
	const int changes = ktap_volume("changes");
	struct worker breeders[BREEDERS], bystander;

	limits_log_table(false);
	numbers = random_from(ktap_seed());
	shared = region_map_common(1);
	bystander = start_holding(USER_C, 60 * MIB);
	for (int i = 0; i < BREEDERS; i++) {
		breeders[i] = worker_start(0);
		worker_send(&breeders[i], breed, random_next(&numbers));
	}
	for (int round = 0; round < changes; round++) {
		change_some_limit(triggers_change);
		usleep(random_below(&numbers, 20000));
	}
	if (triggers_change)
		set_trigger(0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	ASSERT_EQ(mmlimit_set(USER_B, LIMIT_HUGE), 0);
	__atomic_store_n(&shared.base[STOP], 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < BREEDERS; i++) {
		EXPECT_EQ(worker_receive(&breeders[i]), 0);
		worker_end(&breeders[i]);
	}
	printf("%lu agents, %lu of them killed\n", shared.base[AGENTS],
	       shared.base[KILLED]);
	EXPECT_GT(shared.base[KILLED], 0);
	EXPECT_LT(shared.base[KILLED], shared.base[AGENTS]);
	usage_wait_for(USER_A, 0);
	usage_wait_for(USER_B, 0);
	EXPECT_EQ(worker_call(&bystander, held_damage, 0), 0);
	worker_end(&bystander);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	limits_log_table(true);
}

KTAP_TEST(only_limited_users_die_whatever_they_are_doing, 120, "account_smp")
{
	breed_and_change(false);
}

KTAP_TEST(triggers_change_while_users_do_what_they_like, 120, "account_smp")
{
	breed_and_change(true);
}
