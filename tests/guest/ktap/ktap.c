// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the tests of a suite, one after the other, and reports the result of
 * each.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "ktap/files.h"
#include "ktap/internal.h"

/* After so many seconds each the guest says that a test still runs. */
#define ALIVE_SECONDS 5

/*
 * A killed process may take so long to be gone. Only a kernel that is broken
 * needs it.
 */
#define REAP_SECONDS 10

/* The exit status that tells the runner so, as a shell's for a missing program */
#define NO_SUCH_SUITE 127

/* The leak detector scans all memory, twice. */
#define LEAKS_SECONDS 60

/* On a soak, tests may take so many times as long. */
#define SOAK_PATIENCE 10

/**
 * struct running - a test that runs
 * @test: which
 * @timeout: guest seconds it may take, the slowdown included
 * @pid: its main process
 * @status: of @pid, as wait() gave it
 * @over: @pid was reaped
 * @timed_out: it was killed after @timeout
 * @pump: its output
 */
struct running {
	const struct ktap_test *test;
	unsigned int timeout;
	pid_t pid;
	int status;
	bool over;
	bool timed_out;
	struct ktap_pump pump;
};

struct ktap_note *ktap_note;

/* Becomes readable when a child ends. */
static int children = -1;

static unsigned long from_environment(const char *name)
{
	const char *text = getenv(name);
	unsigned long value = text ? strtoul(text, NULL, 10) : 0;

	return value ? value : 1;
}

unsigned int ktap_slowdown(void)
{
	return from_environment("MM_SLOWDOWN");
}

unsigned long ktap_seed(void)
{
	return from_environment("MM_SEED");
}

/* What does many times as much may take many times as long. */
static unsigned int patience(void)
{
	return ktap_slowdown() * (getenv("MM_SOAK") ? SOAK_PATIENCE : 1);
}

/* MM_VOLUMES is "NAME:COUNT,NAME:COUNT". */
unsigned int ktap_volume(const char *name)
{
	const char *volumes = getenv("MM_VOLUMES");
	size_t length = strlen(name);

	for (const char *at = volumes; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, length) && at[length] == ':')
			return strtoul(at + length + 1, NULL, 10);
	}
	KTAP_FAIL(
		"no volume '%s' in MM_VOLUMES (%s): tests/suites.conf names it",
		name, volumes ? volumes : "not set");
	ktap_stop();
}

uint64_t ktap_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool ktap_time_is_counted(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) == 1;
}

void ktap_waiting_for(const char *format, ...)
{
	va_list arguments;

	if (!format) {
		ktap_note->waiting[0] = '\0';
		return;
	}
	va_start(arguments, format);
	vsnprintf(ktap_note->waiting, sizeof(ktap_note->waiting), format,
		  arguments);
	va_end(arguments);
}

_Noreturn void ktap_skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ktap_note->reason, sizeof(ktap_note->reason), format,
		  arguments);
	va_end(arguments);
	ktap_note->skipped = true;
	_exit(EXIT_SUCCESS);
}

void ktap_called_from(const struct ktap_place *place)
{
	if (ktap_note)
		ktap_note->caller = place;
}

void ktap_fail(const char *file, int line, const char *format, ...)
{
	const struct ktap_place *caller = ktap_note->caller;
	char text[sizeof(ktap_note->reason) - 112];
	char place[64] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* A macro for a helper may have handed it the test's line already. */
	if (caller && strcmp(caller->file, file))
		snprintf(place, sizeof(place), "%.40s:%d: ", caller->file,
			 caller->line);
	printf("%s%s:%d: %s\n", place, file, line, text);
	fflush(stdout);
	if (!__atomic_exchange_n(&ktap_note->failed, true, __ATOMIC_SEQ_CST))
		snprintf(ktap_note->reason, sizeof(ktap_note->reason),
			 "%s%.40s:%d: %s", place, file, line, text);
}

_Noreturn void ktap_stop(void)
{
	fflush(stdout);
	_exit(EXIT_FAILURE);
}

/* In the test's own process. */
static _Noreturn void become_test(const struct ktap_test *test, int output)
{
	int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	/*
	 * Unlike the suite, which init's script has exempted from the kernel's
	 * OOM killer
	 */
	file_write("/proc/self/oom_score_adj", "0");
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	/*
	 * A test may die at any moment; what it printed until then should be
	 * seen.
	 */
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stderr, NULL, _IOLBF, 0);
	test->run();
	ktap_note->finished = true;
	fflush(stdout);
	_exit(EXIT_SUCCESS);
}

static bool start(struct running *running)
{
	int output[2];

	if (pipe2(output, O_CLOEXEC) < 0)
		return false;
	fcntl(output[0], F_SETFL, O_NONBLOCK);
	fflush(stdout);
	running->pid = fork();
	if (!running->pid)
		become_test(running->test, output[1]);
	close(output[1]);
	running->pump.fd = output[0];
	return running->pid > 0;
}

/*
 * Waits for output, for a child's end, or for the moment @until, whatever comes
 * first.
 */
static void wait_for_news(struct running *running, uint64_t until)
{
	struct pollfd fds[] = {
		{ .fd = children, .events = POLLIN },
		{ .fd = running->pump.fd, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	uint64_t now = ktap_now_us();

	poll(fds, ARRAY_SIZE(fds),
	     until > now ? (until - now + 999) / 1000 : 0);
	while (read(children, &info, sizeof(info)) > 0)
		continue;
	ktap_pump(&running->pump);
}

/*
 * Reaps what has ended, orphans too. Returns whether anything is left that may
 * end.
 */
static bool reap(struct running *running)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != running->pid)
			continue;
		running->status = status;
		running->over = true;
	}
	return pid == 0;
}

static void watch(struct running *running)
{
	uint64_t begin = ktap_now_us();
	uint64_t deadline = begin + running->timeout * 1000000ULL;
	unsigned int seconds = ALIVE_SECONDS;

	for (reap(running); !running->over; reap(running)) {
		uint64_t alive = begin + seconds * 1000000ULL;
		uint64_t now = ktap_now_us();

		if (now >= deadline) {
			running->timed_out = true;
			return;
		}
		if (now >= alive) {
			ktap_line("# alive %s %u", running->test->name,
				  seconds);
			seconds = (now - begin) / 1000000 + ALIVE_SECONDS;
			continue;
		}
		wait_for_news(running, alive < deadline ? alive : deadline);
	}
}

/* Ends everything that the test started, also if it ended well. */
static void finish(struct running *running)
{
	uint64_t deadline =
		ktap_now_us() + REAP_SECONDS * 1000000ULL * ktap_slowdown();
	uint64_t again;
	char name[32];
	pid_t left;

	while (reap(running)) {
		left = ktap_kill_descendants(name, sizeof(name));
		if (left && ktap_now_us() > deadline) {
			ktap_line("Bail out! cannot kill process %d (%s) of %s",
				  left, name, running->test->name);
			exit(EXIT_FAILURE);
		}
		/* Each end is news; only what outlives the others is killed again. */
		again = ktap_now_us() + 100000;
		while (reap(running) && ktap_now_us() < again)
			wait_for_news(running, again);
	}
	ktap_pump(&running->pump);
	ktap_pump_close(&running->pump);
}

static bool timed_out(const struct running *running, size_t number)
{
	ktap_line("not ok %zu %s # TIMEOUT after %u s%s%s%s%s", number,
		  running->test->name, running->timeout,
		  *ktap_note->waiting ? ", waiting for " : "",
		  ktap_note->waiting, ktap_note->failed ? "; before: " : "",
		  ktap_note->failed ? ktap_note->reason : "");
	return false;
}

static __printf(3, 4) bool failed(const struct running *running, size_t number,
				  const char *format, ...)
{
	char why[sizeof(ktap_note->reason)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	ktap_line("not ok %zu %s # %s", number, running->test->name, why);
	return false;
}

/* Returns whether the test did not fail. */
static bool judge(const struct running *running, size_t number)
{
	int status = running->status;
	char what[200];
	bool clean = ktap_clean(what, sizeof(what));

	if (running->timed_out)
		return timed_out(running, number);
	if (ktap_note->failed)
		return failed(running, number, "%s", ktap_note->reason);
	if (WIFSIGNALED(status))
		return failed(running, number, "died of signal %d (%s)",
			      WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (ktap_note->skipped) {
		ktap_line("ok %zu %s # SKIP %s", number, running->test->name,
			  ktap_note->reason);
		return true;
	}
	if (!ktap_note->finished || WEXITSTATUS(status))
		return failed(running, number,
			      "ended before its end, with status %d",
			      WEXITSTATUS(status));
	if (!clean)
		return failed(running, number, "%s", what);
	ktap_line("ok %zu %s", number, running->test->name);
	return true;
}

static bool run_test(const struct ktap_test *test, size_t number)
{
	struct running running = { .test = test,
				   .timeout = test->timeout * patience() };

	memset(ktap_note, 0, sizeof(*ktap_note));
	ktap_line("# run %s timeout=%u", test->name, running.timeout);
	if (!start(&running)) {
		ktap_line("Bail out! no process for %s: %s", test->name,
			  strerror(errno));
		exit(EXIT_FAILURE);
	}
	watch(&running);
	finish(&running);
	return judge(&running, number);
}

/* The linker's bounds of the sections; there need not be any program. */
extern const struct ktap_test __start_ktap_tests[], __stop_ktap_tests[];
extern const struct ktap_program __start_ktap_programs[] __attribute__((weak));
extern const struct ktap_program __stop_ktap_programs[] __attribute__((weak));

static bool is_in_suite(const struct ktap_test *test, const char *suite)
{
	size_t length = strlen(suite);
	const char *at = test->suites;

	while ((at = strstr(at, suite))) {
		bool begins = at == test->suites || at[-1] == ' ';

		at += length;
		if (begins && (!*at || *at == ' '))
			return true;
	}
	return false;
}

static bool suite_exists(const char *suite)
{
	const struct ktap_test *test;

	for (test = __start_ktap_tests; test < __stop_ktap_tests; test++)
		if (is_in_suite(test, suite))
			return *suite;
	return false;
}

static bool has_name(const struct ktap_test *test)
{
	const char *glob = getenv("MM_TEST");

	return !glob || !*glob || !fnmatch(glob, test->name, 0);
}

static bool selected(const struct ktap_test *test, const char *suite)
{
	return is_in_suite(test, suite) && has_name(test);
}

static bool prepare(void)
{
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	children = signalfd(-1, &chld, SFD_NONBLOCK | SFD_CLOEXEC);
	ktap_note = mmap(NULL, sizeof(*ktap_note), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ktap_clean_prepare();
	return children >= 0 && ktap_note != MAP_FAILED &&
	       !prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static size_t count_selected(const char *suite)
{
	const struct ktap_test *test;
	size_t count = 0;

	for (test = __start_ktap_tests; test < __stop_ktap_tests; test++)
		count += selected(test, suite);
	return count;
}

static int run_suite(const char *suite)
{
	static const struct ktap_test leaks = {
		.name = "no_kernel_memory_leaks",
		.run = no_kernel_memory_leaks,
		.timeout = LEAKS_SECONDS,
	};
	bool check_leaks = has_name(&leaks) && ktap_leaks_prepare();
	size_t planned = count_selected(suite) + check_leaks, number = 0;
	const struct ktap_test *test;
	bool passed = true;

	ktap_console_open();
	ktap_line("KTAP version 1");
	ktap_line("1..%zu%s", planned,
		  planned ? "" : " # SKIP no test of this name");
	if (!prepare()) {
		ktap_line("Bail out! %s", strerror(errno));
		return EXIT_FAILURE;
	}
	for (test = __start_ktap_tests; test < __stop_ktap_tests; test++)
		if (selected(test, suite))
			passed = run_test(test, ++number) && passed;
	if (check_leaks)
		passed = run_test(&leaks, ++number) && passed;
	return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}

int ktap_main(int argc, char **argv)
{
	const char *suite = argc > 1 ? argv[1] : getenv("MM_CHECK");
	const struct ktap_program *program;

	for (program = __start_ktap_programs; program < __stop_ktap_programs;
	     program++)
		if (!strcmp(program->name, basename(argv[0])))
			return program->main(argc, argv);
	if (suite && suite_exists(suite))
		return run_suite(suite);
	fprintf(stderr, "%s: no suite of this name: %s\n", argv[0],
		suite ? suite : "(none)");
	return NO_SUCH_SUITE;
}
