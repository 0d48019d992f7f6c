// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many processes, of one user or each of its own, that all start at one moment,
 * do one thing each, and then rest.
 */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/futex.h>

#include "ktap/ktap.h"
#include "lib/crowd.h"

#define WORDS_PER_PAGE (PAGE / sizeof(unsigned long))

/* The first word that members share says what they may do now. */
enum phase { WAIT, GO, END };

static unsigned long *word(const struct crowd *crowd, size_t index)
{
	return (unsigned long *)crowd->shared.base + index;
}

static void set_state(const struct crowd *crowd, size_t member,
		      enum crowd_state state)
{
	__atomic_store_n(word(crowd, 1 + member), state, __ATOMIC_SEQ_CST);
}

enum crowd_state crowd_state(const struct crowd *crowd, size_t member)
{
	return __atomic_load_n(word(crowd, 1 + member), __ATOMIC_SEQ_CST);
}

static void set_phase(const struct crowd *crowd, enum phase phase)
{
	__atomic_store_n(word(crowd, 0), phase, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word(crowd, 0), FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void wait_for(const struct crowd *crowd, enum phase phase)
{
	unsigned long now;

	while ((now = __atomic_load_n(word(crowd, 0), __ATOMIC_SEQ_CST)) <
	       phase)
		syscall(SYS_futex, word(crowd, 0), FUTEX_WAIT, now, NULL, NULL,
			0);
}

struct crowd crowd_make(size_t room)
{
	struct crowd crowd = { .room = room };

	crowd.pids = calloc(room, sizeof(*crowd.pids));
	ASSERT_TRUE(crowd.pids);
	crowd.shared = region_map_common(1 + room / WORDS_PER_PAGE);
	return crowd;
}

static _Noreturn void be_member(const struct crowd *crowd, size_t member,
				worker_fn function, long argument)
{
	enum crowd_state state = CROWD_DONE;

	set_state(crowd, member, CROWD_WAITING);
	wait_for(crowd, GO);
	if (function(argument))
		state = CROWD_FAILED;
	set_state(crowd, member, state);
	wait_for(crowd, END);
	_exit(state == CROWD_DONE ? EXIT_SUCCESS : EXIT_FAILURE);
}

void crowd_add(struct crowd *crowd, uid_t uid, worker_fn function,
	       long argument)
{
	size_t member = crowd->count;
	pid_t pid;

	ASSERT_LT(member, crowd->room);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		user_become(uid);
		be_member(crowd, member, function, argument);
	}
	crowd->pids[member] = pid;
	crowd->count++;
}

void crowd_start(struct crowd *crowd)
{
	set_phase(crowd, GO);
}

/* Notes it if a member has ended. */
static void look_at(struct crowd *crowd, size_t member, int options)
{
	int status;

	if (!crowd->pids[member])
		return;
	if (waitpid(crowd->pids[member], &status, options) !=
	    crowd->pids[member])
		return;
	crowd->pids[member] = 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		set_state(crowd, member, CROWD_KILLED);
	else if (status)
		set_state(crowd, member, CROWD_FAILED);
}

size_t crowd_number(struct crowd *crowd, enum crowd_state state)
{
	size_t number = 0;

	for (size_t i = 0; i < crowd->count; i++) {
		look_at(crowd, i, WNOHANG);
		number += crowd_state(crowd, i) == state;
	}
	return number;
}

static void wait_until_beyond(struct crowd *crowd, size_t member,
			      enum crowd_state state)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	ktap_waiting_for("member %zu of %zu", member, crowd->count);
	while (look_at(crowd, member, WNOHANG),
	       crowd_state(crowd, member) <= state)
		nanosleep(&pause, NULL);
	ktap_waiting_for(NULL);
}

void crowd_await(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++)
		wait_until_beyond(crowd, i, CROWD_BORN);
}

void crowd_settle(struct crowd *crowd)
{
	for (; crowd->settled < crowd->count; crowd->settled++)
		wait_until_beyond(crowd, crowd->settled, CROWD_WAITING);
}

void crowd_end(struct crowd *crowd)
{
	size_t killed = crowd_number(crowd, CROWD_KILLED);

	set_phase(crowd, END);
	for (size_t i = 0; i < crowd->count; i++)
		look_at(crowd, i, 0);
	EXPECT_EQ(crowd_number(crowd, CROWD_KILLED), killed);
	EXPECT_EQ(crowd_number(crowd, CROWD_FAILED), 0);
	region_unmap(&crowd->shared);
	free(crowd->pids);
}
