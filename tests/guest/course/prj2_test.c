// SPDX-License-Identifier: GPL-2.0-only
/*
 * prj2_test: limits a user's memory, has processes of that user fill theirs at
 * the same time, and tells which live.
 *
 * The children advance together, one step at a time, and those that are done
 * keep their memory until each of the others is done or dead. So who dies is up
 * to the kernel alone, not to which child the scheduler runs first.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/wait.h>

#include "mmlimit.h"

#define EXIT_USAGE 2

/*
 * A child may be ahead of another by so much. Limits and sizes of the course
 * are multiples of ten of these.
 */
#define STEP_BYTES (1UL << 20)

/* The answer of a child after a step */
#define MORE 'm'
#define DONE 'd'

enum fate {
	GROWING,
	HOLDING,
	ENDED,
};

/**
 * struct child - a process that fills memory
 * @pid: its process id
 * @bytes: how much
 * @go: pipe to it; a byte is a step, the pipe's end its own
 * @said: pipe from it: MORE or DONE after each step
 * @fate: how far it got
 * @status: once it has ended
 */
struct child {
	pid_t pid;
	unsigned long bytes;
	int go;
	int said;
	enum fate fate;
	int status;
};

/* The user that the children become */
struct identity {
	uid_t uid;
	gid_t gid;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static void print_help(void)
{
	puts("Usage: prj2_test USER LIMIT BYTES...\n"
	     "Limit the memory of USER to LIMIT bytes, start one process of that user for each\n"
	     "BYTES, have all of them fill so many bytes at the same time, and tell which were\n"
	     "killed. Those that finish keep their memory until the others have finished or died.\n"
	     "Afterwards the limit is what it was before.\n"
	     "\n"
	     "USER is a name or a number. Must be run as root.\n"
	     "\n"
	     "Exit status: 0 if the run took place, whatever became of the processes; 1 if it\n"
	     "could not; 2 for wrong usage; 128 + N if signal N interrupted it.\n"
	     "\n"
	     "Examples:\n"
	     "  prj2_test u0_a70 100000000 160000000\n"
	     "  prj2_test u0_a70 100000000 40000000 40000000 40000000 40000000");
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "prj2_test: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

static int wrong_usage(const char *what, const char *why)
{
	fprintf(stderr, "prj2_test: %s: %s\nTry 'prj2_test --help'.\n", what,
		why);
	return EXIT_USAGE;
}

/* Decimal bytes; strtoul() alone would take "-1" and " 1" too. */
static bool parse_bytes(const char *text, unsigned long *bytes)
{
	char *end;

	errno = 0;
	*bytes = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

/* In the child */

static bool become_user(const struct identity *user)
{
	return !setgroups(0, NULL) &&
	       !setresgid(user->gid, user->gid, user->gid) &&
	       !setresuid(user->uid, user->uid, user->uid);
}

/* Every byte. The compiler must not know that nobody reads them. */
static void fill(char *memory, unsigned long bytes)
{
	memset(memory, 0x5a, bytes);
	__asm__ volatile("" : : "r"(memory) : "memory");
}

static _Noreturn void be_child(const struct identity *user, unsigned long bytes,
			       int go, int said, pid_t parent)
{
	unsigned long filled = 0, step;
	char order, *memory = NULL;

	if (!become_user(user))
		exit(fail("cannot become the user", strerror(errno)));
	/* Becoming another user has cleared it, so only now. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		exit(EXIT_FAILURE);

	while (read(go, &order, 1) == 1) {
		if (!memory) {
			printf("child process start malloc: pid=%d, uid=%u, mem=%lu\n",
			       getpid(), getuid(), bytes);
			memory = malloc(bytes ? bytes : 1);
			if (!memory)
				exit(fail("malloc", strerror(errno)));
		}
		step = bytes - filled < STEP_BYTES ? bytes - filled :
						     STEP_BYTES;
		fill(memory + filled, step);
		filled += step;
		if (filled == bytes)
			printf("child process finish malloc: pid=%d, uid=%u, mem=%lu\n",
			       getpid(), getuid(), bytes);
		if (write(said, filled == bytes ? "d" : "m", 1) != 1)
			break;
	}
	free(memory);
	exit(EXIT_SUCCESS);
}

/* In the parent */

static bool start_child(struct child *children, size_t number,
			const struct identity *user)
{
	struct child *child = &children[number];
	pid_t parent = getpid();
	int go[2], said[2];

	if (pipe(go) < 0)
		return false;
	if (pipe(said) < 0) {
		close(go[0]);
		close(go[1]);
		return false;
	}
	child->pid = fork();
	if (!child->pid) {
		/* A pipe ends only when nobody can write to it any more. */
		for (size_t i = 0; i < number; i++)
			close(children[i].go);
		close(go[1]);
		close(said[0]);
		be_child(user, child->bytes, go[0], said[1], parent);
	}
	close(go[0]);
	close(said[1]);
	child->go = go[1];
	child->said = said[0];
	return child->pid > 0;
}

/* Waits until a child has made its step or has ended. */
static void hear(struct child *child)
{
	char said;
	ssize_t ret;

	do {
		ret = read(child->said, &said, 1);
	} while (ret < 0 && errno == EINTR && !interrupted);
	if (ret != 1)
		child->fate = ENDED;
	else if (said == DONE)
		child->fate = HOLDING;
}

/* All make one step at the same time. Returns whether any has more to do. */
static bool step_all(struct child *children, size_t count)
{
	bool more = false;

	for (size_t i = 0; i < count; i++)
		if (children[i].fate == GROWING &&
		    write(children[i].go, "g", 1) != 1)
			children[i].fate = ENDED;
	for (size_t i = 0; i < count; i++) {
		if (children[i].fate == GROWING)
			hear(&children[i]);
		more |= children[i].fate == GROWING;
	}
	return more && !interrupted;
}

static void reap(struct child *child)
{
	close(child->go);
	close(child->said);
	while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
		continue;
}

static void tell(const struct child *children, size_t count)
{
	unsigned int finished = 0, killed = 0;

	for (size_t i = 0; i < count; i++) {
		const struct child *child = &children[i];
		int status = child->status;

		printf("child process pid=%d, mem=%lu: ", child->pid,
		       child->bytes);
		if (WIFSIGNALED(status)) {
			printf("died of signal %d (%s)\n", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
			killed++;
		} else if (WEXITSTATUS(status)) {
			printf("failed with status %d\n", WEXITSTATUS(status));
		} else {
			printf("finished\n");
			finished++;
		}
	}
	printf("%zu processes: %u finished, %u died\n", count, finished,
	       killed);
}

static int run(struct child *children, size_t count,
	       const struct identity *user)
{
	int ret = EXIT_SUCCESS;
	size_t started = 0;

	while (started < count && start_child(children, started, user))
		started++;
	if (started < count)
		ret = fail("cannot start a process", strerror(errno));
	else
		while (step_all(children, count))
			continue;
	/*
	 * A child that was killed although it had finished dies before it
	 * notices this.
	 */
	for (size_t i = 0; i < started; i++) {
		if (interrupted)
			kill(children[i].pid, SIGKILL);
		reap(&children[i]);
	}
	if (interrupted)
		return 128 + interrupted;
	if (!ret)
		tell(children, count);
	return ret;
}

static void catch_signals(void)
{
	/* There is no SA_RESTART, so that waiting ends. */
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Lines of several processes must not cut each other. */
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static int run_limited(const struct identity *user, unsigned long limit,
		       struct child *children, size_t count)
{
	struct mm_limit_user before;
	int had_limit = mmlimit_get(user->uid, &before);
	int ret, error;

	error = mmlimit_set(user->uid, limit);
	/* No limit is there if none was before. */
	if (limit == MMLIMIT_NONE && error == -ENODATA)
		error = 0;
	if (error)
		return fail("cannot set the limit", mmlimit_strerror(error));
	ret = run(children, count, user);
	if (had_limit == 0)
		error = mmlimit_set_time(user->uid, before.mm_max,
					 before.time_allow_exceed_ms);
	else if (limit != MMLIMIT_NONE)
		error = mmlimit_remove(user->uid);
	if (error)
		return fail("cannot restore the limit",
			    mmlimit_strerror(error));
	return ret;
}

int main(int argc, char **argv)
{
	struct identity user;
	struct child *children;
	struct passwd *entry;
	unsigned long limit;
	int ret;

	if (argc == 2 &&
	    (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (argc < 4)
		return wrong_usage("USER, LIMIT and BYTES", "missing");
	ret = mmlimit_user(argv[1], &user.uid);
	if (ret)
		return wrong_usage(argv[1], mmlimit_strerror(ret));
	entry = getpwuid(user.uid);
	user.gid = entry ? entry->pw_gid : user.uid;
	if (!parse_bytes(argv[2], &limit))
		return wrong_usage(argv[2], "not a number of bytes");
	children = calloc(argc - 3, sizeof(*children));
	if (!children)
		return fail("calloc", strerror(errno));
	for (int i = 3; i < argc; i++)
		if (!parse_bytes(argv[i], &children[i - 3].bytes))
			return wrong_usage(argv[i], "not a number of bytes");
	if (geteuid())
		return fail("limits", "must be run as root");

	catch_signals();
	ret = run_limited(&user, limit, children, argc - 3);
	free(children);
	return ret;
}
