// SPDX-License-Identifier: GPL-2.0-only
/*
 * killer_test: the course's checks of the killer, one at a time: the system calls,
 * a limit that is removed in time, what a limit costs, and graces.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "mmlimit.h"

#define EXIT_USAGE 2
#define USER "u0_a70"

#define MIB (1UL << 20)
#define LIMIT (50 * MIB)
/* The excess is so small that it is filled soon after the crossing. */
#define TOO_MUCH (51 * MIB)

/*
 * A death that comes earlier than the end of the grace by so much is early; by
 * so much later, it is late.
 */
#define EARLY_MS 50
#define LATE_MS 200

static uid_t uid;
static bool all_well = true;

static void print_help(void)
{
	puts("Usage: killer_test syscall | race | performance [TIMES] | TIME_MS\n"
	     "Checks the killer with a limit for " USER
	     ", which must have none. Must be run as root.\n"
	     "\n"
	     "  syscall      sets, reads and removes a limit, and makes mistakes\n"
	     "  race         50 MiB with a grace of 2 s are exceeded; after one second the limit\n"
	     "               is removed: the process survives\n"
	     "  performance  256 MiB are filled TIMES times, 1 to 1000 (10), without and with a\n"
	     "               limit: CPU seconds\n"
	     "  TIME_MS      50 MiB with that grace, 100 to 100000 ms: who is below again after\n"
	     "               60 % of it lives; who exceeds anew has all of it, and dies then\n"
	     "\n"
	     "Exit status: 0 if all is as it should be; 1 if not; 2 for wrong usage.");
}

static int wrong_usage(const char *what, const char *why)
{
	fprintf(stderr, "killer_test: %s: %s\nTry 'killer_test --help'.\n",
		what, why);
	return EXIT_USAGE;
}

static _Noreturn void give_up(const char *what, int error)
{
	fprintf(stderr, "killer_test: %s: %s\n", what, mmlimit_strerror(error));
	mmlimit_remove(uid);
	exit(EXIT_FAILURE);
}

static void must(const char *what, int error)
{
	if (error < 0)
		give_up(what, error);
}

/* One line for each thing that was looked at */
__attribute__((format(printf, 2, 3))) static void tell(bool well,
						       const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	puts(well ? ": ok" : ": WRONG");
	all_well &= well;
}

static unsigned long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000UL + now.tv_nsec / 1000000;
}

static void sleep_until(unsigned long ms)
{
	const struct timespec end = { ms / 1000, ms % 1000 * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL))
		continue;
}

/**
 * struct child - a process of the limited user
 * @pid: its process id
 * @go: pipe to it: 'f' fill memory, 'd' drop it; its end ends the process
 * @done: pipe from it, a byte for each
 */
struct child {
	pid_t pid;
	int go;
	int done;
};

static _Noreturn void be_child(size_t bytes, int go, int done, pid_t parent)
{
	struct passwd *entry = getpwuid(uid);
	gid_t gid = entry ? entry->pw_gid : uid;
	char order, *memory = MAP_FAILED;

	if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		_exit(EXIT_FAILURE);
	/* Becoming another user has cleared it, so only now. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	while (read(go, &order, 1) == 1) {
		if (order == 'f') {
			memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (memory == MAP_FAILED)
				_exit(EXIT_FAILURE);
			memset(memory, 0x5a, bytes);
		} else {
			munmap(memory, bytes);
		}
		if (write(done, "", 1) != 1)
			break;
	}
	_exit(EXIT_SUCCESS);
}

static struct child start_child(size_t bytes)
{
	const pid_t parent = getpid();
	struct child child;
	int go[2], done[2];

	if (pipe(go) || pipe(done))
		give_up("pipe", -errno);
	child.pid = fork();
	if (child.pid < 0)
		give_up("fork", -errno);
	if (!child.pid) {
		close(go[1]);
		close(done[0]);
		be_child(bytes, go[0], done[1], parent);
	}
	close(go[0]);
	close(done[1]);
	child.go = go[1];
	child.done = done[0];
	return child;
}

/* Returns whether the child has done it, which it may not live to. */
static bool have(struct child *child, char order)
{
	char done;

	return write(child->go, &order, 1) == 1 &&
	       read(child->done, &done, 1) == 1;
}

static bool is_alive(struct child *child)
{
	return !waitpid(child->pid, NULL, WNOHANG);
}

static void end_child(struct child *child)
{
	close(child->go);
	close(child->done);
	waitpid(child->pid, NULL, 0);
}

static void look_at_limit(const char *when, unsigned long max,
			  unsigned int grace_ms)
{
	struct mm_limit_user limit;
	int error = mmlimit_get(uid, &limit);

	tell(!error && limit.mm_max == max &&
		     limit.time_allow_exceed_ms == grace_ms,
	     "get after %s: %s", when,
	     error ? mmlimit_strerror(error) : "a limit");
}

static void test_syscall(void)
{
	struct mm_limit_user limit;
	int error;

	must("set", mmlimit_set(uid, LIMIT));
	look_at_limit("set", LIMIT, 0);
	must("set with time", mmlimit_set_time(uid, 2 * LIMIT, 1000));
	look_at_limit("set with time", 2 * LIMIT, 1000);
	error = mmlimit_get(uid, NULL);
	tell(error == -EFAULT, "get into nowhere: %s", strerror(-error));
	must("remove", mmlimit_remove(uid));
	error = mmlimit_get(uid, &limit);
	tell(error == -ENODATA, "get after removal: %s", strerror(-error));
}

static void test_race(void)
{
	struct child child = start_child(TOO_MUCH);
	unsigned long begin;

	must("set with time", mmlimit_set_time(uid, LIMIT, 2000));
	begin = now_ms();
	tell(have(&child, 'f'), "50 MiB are exceeded for a while");
	sleep_until(begin + 1000);
	must("remove", mmlimit_remove(uid));
	sleep_until(begin + 3000);
	tell(is_alive(&child), "alive after the removal");
	end_child(&child);
}

/* Returns CPU seconds. */
static double fill(unsigned long times, const char *how)
{
	struct rusage before, after;
	double seconds;
	bool well = true;

	getrusage(RUSAGE_CHILDREN, &before);
	for (unsigned long i = 0; i < times; i++) {
		struct child child = start_child(256 * MIB);

		well &= have(&child, 'f');
		end_child(&child);
	}
	getrusage(RUSAGE_CHILDREN, &after);
	seconds = after.ru_utime.tv_sec - before.ru_utime.tv_sec +
		  after.ru_stime.tv_sec - before.ru_stime.tv_sec +
		  (after.ru_utime.tv_usec - before.ru_utime.tv_usec +
		   after.ru_stime.tv_usec - before.ru_stime.tv_usec) /
			  1e6;
	tell(well, "256 MiB %lu times %s: %.3f CPU seconds", times, how,
	     seconds);
	return seconds;
}

static void test_performance(unsigned long times)
{
	double without = fill(times, "without a limit"), with;

	must("set", mmlimit_set(uid, 512 * MIB));
	with = fill(times, "below a limit");
	must("remove", mmlimit_remove(uid));
	printf("difference: %+.2f %%\n", (with / without - 1) * 100);
}

static void test_grace(unsigned long grace)
{
	struct child child = start_child(TOO_MUCH);
	unsigned long begin;

	must("set with time", mmlimit_set_time(uid, LIMIT, grace));
	tell(have(&child, 'f'), "50 MiB are exceeded for a while");
	begin = now_ms();
	sleep_until(begin + grace * 6 / 10);
	tell(have(&child, 'd'), "below again after 60 %% of the grace");
	sleep_until(begin + grace);
	tell(is_alive(&child), "alive at the end of the grace");
	sleep_until(begin + grace * 12 / 10);

	tell(have(&child, 'f'), "exceeded anew");
	begin = now_ms();
	sleep_until(begin + grace - EARLY_MS);
	tell(is_alive(&child), "alive %u ms before the end of the new grace",
	     EARLY_MS);
	sleep_until(begin + grace + LATE_MS);
	tell(!is_alive(&child), "dead %u ms after it", LATE_MS);
	must("remove", mmlimit_remove(uid));
	close(child.go);
	close(child.done);
}

static bool parse_number(const char *text, unsigned long least,
			 unsigned long most, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno &&
	       *number >= least && *number <= most;
}

int main(int argc, char **argv)
{
	struct mm_limit_user limit;
	unsigned long grace = 0, times = 10;
	bool performance;
	int error;

	performance = argc > 1 && !strcmp(argv[1], "performance");
	if (argc < 2)
		return wrong_usage("missing operand",
				   "syscall, race, performance or TIME_MS");
	if (argc > 2 + performance)
		return wrong_usage("unexpected operand", argv[2 + performance]);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (strcmp(argv[1], "syscall") && strcmp(argv[1], "race") &&
	    !performance && !parse_number(argv[1], 100, 100000, &grace))
		return wrong_usage(argv[1],
				   "no test, and no time of 100 to 100000 ms");
	if (argc == 3 && !parse_number(argv[2], 1, 1000, &times))
		return wrong_usage(argv[2],
				   "no number of times from 1 to 1000");

	/* Lines of children that are forked must not appear twice. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	error = mmlimit_user(USER, &uid);
	if (error)
		give_up(USER, error);
	error = mmlimit_get(uid, &limit);
	if (error != -ENODATA) {
		fprintf(stderr, "killer_test: " USER ": %s\n",
			error ? mmlimit_strerror(error) :
				"has a limit: remove it first");
		return EXIT_FAILURE;
	}
	if (grace)
		test_grace(grace);
	else if (!strcmp(argv[1], "syscall"))
		test_syscall();
	else if (!strcmp(argv[1], "race"))
		test_race();
	else
		test_performance(times);
	return all_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
