// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that go wrong, each in its own way, for the tests of the runner.
 * MM_TEST selects one at a time; no suite of `make check` has them.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/program.h"
#include "mmlimit.h"

#define PROVOKE "/sys/kernel/debug/provoke-crash/DIRECT"

/* Init prints this when the suite has ended, see tests/README.md. */
#define END_MARKER "mm_limit-check: end misbehave status=0"

KTAP_TEST(passes, 10, "misbehave")
{
}

/* A user without a limit */
KTAP_TEST(helper_fails, 10, "misbehave")
{
	limit_expect(USER_A, 4096, 0);
}

KTAP_TEST(expects_another_answer, 10, "misbehave")
{
	struct worker worker = worker_start(USER_A);

	EXPECT_EQ(worker_call(&worker, held_damage, 0), 1);
	worker_end(&worker);
}

/* A kernel module of the kernel's own crash tests */
static void provoke(const char *what)
{
	char output[PROGRAM_OUTPUT];

	ASSERT_EQ(PROGRAM(output, "insmod", "/lib/modules/lkdtm.ko"), 0);
	ASSERT_EQ(file_write(PROVOKE, what), 0);
}

KTAP_TEST(kernel_panics, 10, "misbehave")
{
	provoke("PANIC");
}

KTAP_TEST(kernel_warns, 10, "misbehave")
{
	provoke("WARNING");
}

/* One CPU in an endless loop, with interrupts off */
KTAP_TEST(kernel_hangs_busy, 10, "misbehave")
{
	provoke("HARDLOCKUP");
}

/* The process that runs the suite says nothing any more, and nothing runs. */
KTAP_TEST(task_hangs_idle, 10, "misbehave")
{
	kill(getppid(), SIGSTOP);
	for (;;)
		pause();
}

KTAP_TEST(prints_garbage, 10, "misbehave")
{
	unsigned char garbage[4096];
	int console = open("/dev/console", O_WRONLY | O_NOCTTY);

	ASSERT_GE(console, 0);
	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = i * 167 + (i >> 8);
	EXPECT_EQ(write(console, garbage, sizeof(garbage)), sizeof(garbage));
}

KTAP_TEST(stops_short_of_plan, 10, "misbehave")
{
	kill(getppid(), SIGKILL);
	for (;;)
		pause();
}

KTAP_TEST(exceeds_timeout, 2, "misbehave")
{
	ktap_waiting_for("something that never comes");
	for (;;)
		pause();
}

/* What a user gets for instructions that nothing handles, and goes on */
static sigjmp_buf after_fault;

static void go_on(int signal)
{
	(void)signal;
	siglongjmp(after_fault, 1);
}

static long fault_often(long times)
{
	volatile long i = 0;

	signal(SIGBUS, go_on);
	sigsetjmp(after_fault, 1);
	if (i++ < times)
		__asm__ volatile("bkpt #0");
	return 0;
}

/* The log is to have few of them. */
KTAP_TEST(user_faults_often, 10, "misbehave")
{
	EXPECT_EQ(user_run(USER_A, fault_often, 1000), 0);
}

KTAP_TEST(leaves_a_limit, 10, "misbehave")
{
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
}

KTAP_TEST(leaves_a_queue, 10, "misbehave")
{
	ASSERT_GE(msgget(IPC_PRIVATE, 0600), 0);
}

KTAP_TEST(leaves_a_segment, 10, "misbehave")
{
	ASSERT_GE(shmget(IPC_PRIVATE, PAGE, 0600), 0);
}

KTAP_TEST(leaves_semaphores, 10, "misbehave")
{
	ASSERT_GE(semget(IPC_PRIVATE, 1, 0600), 0);
}

KTAP_TEST(leaves_nothing_and_finds_nothing, 10, "misbehave")
{
	struct msginfo queues;
	struct shm_info segments;
	struct seminfo semaphores;

	EXPECT_EQ(mmlimit_remove(USER_A), -ENODATA);
	ASSERT_GE(msgctl(0, MSG_INFO, (void *)&queues), 0);
	ASSERT_GE(shmctl(0, SHM_INFO, (void *)&segments), 0);
	ASSERT_GE(semctl(0, 0, SEM_INFO, &semaphores), 0);
	EXPECT_EQ(queues.msgpool, 0);
	EXPECT_EQ(segments.used_ids, 0);
	EXPECT_EQ(semaphores.semusz, 0);
}

/* The end of the suite, forged; then a result that is none. */
KTAP_TEST(forged_end, 10, "misbehave")
{
	ASSERT_EQ(file_write("/dev/kmsg", END_MARKER), 0);
}

KTAP_TEST(user_output_looks_like_a_result, 10, "misbehave")
{
	printf("ok 1 user_output_looks_like_a_result\n");
	printf("\rok 1 user_output_looks_like_a_result\r\n");
	KTAP_FAIL("failed, whatever its output says");
}

/*
 * Runs the process, init's shell here, up to its next system call's beginning
 * or end.
 */
static bool next_stop(pid_t pid)
{
	int status;

	return !ptrace(PTRACE_SYSCALL, pid, NULL, NULL) &&
	       waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

/* Whether the kernel's log has come to the end marker */
static bool ended(int log)
{
	char record[2048];
	ssize_t length;

	while ((length = read(log, record, sizeof(record) - 1)) > 0) {
		record[length] = '\0';
		if (strstr(record, "mm_limit-check: end "))
			return true;
	}
	return false;
}

/* Prints a result between the end marker and what init's shell does next. */
static _Noreturn void print_after_end(pid_t shell, int ready)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	int status;

	lseek(log, 0, SEEK_END);
	if (ptrace(PTRACE_SEIZE, shell, NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, shell, NULL, NULL) ||
	    waitpid(shell, &status, __WALL) != shell)
		_exit(EXIT_FAILURE);
	close(ready);
	while (!ended(log) && next_stop(shell))
		continue;
	file_write("/dev/kmsg", "ok 2 result_after_end");
	ptrace(PTRACE_DETACH, shell, NULL, NULL);
	_exit(EXIT_SUCCESS);
}

KTAP_TEST(result_after_end, 10, "misbehave")
{
	printf("see main()\n");
}

int main(int argc, char **argv)
{
	const char *test = getenv("MM_TEST");
	int ret = ktap_main(argc, argv);
	pid_t shell = getppid();
	int ready[2];
	char none;

	if (!test || strcmp(test, "result_after_end") || pipe(ready))
		return ret;
	if (!fork()) {
		close(ready[0]);
		print_after_end(shell, ready[1]);
	}
	close(ready[1]);
	/* Its end of the pipe closes when it holds the shell. */
	if (read(ready[0], &none, 1) < 0)
		return EXIT_FAILURE;
	return ret;
}
