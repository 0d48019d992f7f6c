/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ktap: the small library that every suite in the guest is written with;
 * tests/README.md describes what it prints.
 *
 * A test registers itself where it is written and says which suites it belongs to.
 * Each runs in a process and session of its own, with its output turned into
 * comments, under a timeout in guest time. Processes that it leaves behind, and
 * whatever else a cleaner knows of, are cleared away before the next one.
 */
#ifndef KTAP_H
#define KTAP_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef __printf
#define __printf(a, b) __attribute__((format(printf, a, b)))
#endif

/**
 * struct ktap_test - one test
 * @name: the property it shows, as an identifier
 * @suites: the names of the suites that it belongs to, with blanks between them
 * @run: returns when the property was seen; else fails an EXPECT or ASSERT on
 *	the way
 * @timeout: guest seconds on a release kernel; multiplied by ktap_slowdown(), and
 *	on a soak by ten
 */
struct ktap_test {
	const char *name;
	const char *suites;
	void (*run)(void);
	unsigned int timeout;
};

/**
 * struct ktap_program - what else the tests' program can be started as
 * @name: the name, argv[0], that it is started under
 * @main: its main()
 */
struct ktap_program {
	const char *name;
	int (*main)(int argc, char **argv);
};

/*
 * What registers itself is collected in a section for each kind, in the order of
 * the files (guest.mk) and of the lines, which the compiler would otherwise choose
 * itself.
 */
#define KTAP_IN_SECTION(name)                            \
	__attribute__((used, no_reorder, section(#name), \
		       aligned(sizeof(void *))))

/*
 * The head of a test, which needs no other mention. The suites are a string:
 * KTAP_TEST(nobody_waits, 20, "growth growth_smp") { ... }
 */
#define KTAP_TEST(function, seconds, in)                                    \
	static void function(void);                                         \
	static const struct ktap_test ktap_test_##function KTAP_IN_SECTION( \
		ktap_tests) = {                                             \
		.name = #function,                                          \
		.suites = in,                                               \
		.run = function,                                            \
		.timeout = seconds,                                         \
	};                                                                  \
	static void function(void)

/*
 * The head of a program of a test's own: KTAP_PROGRAM(helper) { ... }, which is
 * given argc and argv, runs where a test executes the file that it is part of,
 * /proc/self/exe or a copy of that, as "helper".
 */
#define KTAP_PROGRAM(function)                                         \
	static int function(int argc, char **argv);                    \
	static const struct ktap_program ktap_program_##function       \
		KTAP_IN_SECTION(ktap_programs) = { .name = #function,  \
						   .main = function }; \
	static int function(int argc, char **argv)

/**
 * struct ktap_cleaner - clears away something that a test may leave behind
 * @prepare: notes, before the first test, how it should be
 * @restore: puts it back; returns whether it was as it should be, otherwise what
 *	was not in @what
 */
struct ktap_cleaner {
	void (*prepare)(void);
	bool (*restore)(char *what, size_t size);
};

#define KTAP_CLEANER(prepare_, restore_)                                \
	static const struct ktap_cleaner ktap_cleaner_ KTAP_IN_SECTION( \
		ktap_cleaners) = {                                      \
		.prepare = prepare_,                                    \
		.restore = restore_,                                    \
	}

/**
 * ktap_main - be the program that argv[0] names, or run the tests of a suite
 *
 * The suite is the first argument, or else named by MM_CHECK; MM_TEST is a glob
 * that the names of its tests must match.
 *
 * Return: the exit status for main(): 0 when every test passed or was skipped, 1
 * when one failed, 127 when there is no such suite.
 */
int ktap_main(int argc, char **argv);

/*
 * How many times slower than the release kernel this one is, at least 1. Tests
 * multiply the times that they wait by it.
 */
unsigned int ktap_slowdown(void);

/* Where random tests start from; the same seed gives the same run. */
unsigned long ktap_seed(void);

/**
 * ktap_volume - how often or how long to do something
 * @name: of what; the suite's line in suites.conf says volume=NAME:COUNT
 *
 * So that a suite can be short before a commit and long in a soak, no test has
 * such a number of its own. A name that the line lacks fails the test.
 *
 * Return: the count, at least 1.
 */
unsigned int ktap_volume(const char *name);

/* Guest time in microseconds, from an arbitrary start. */
uint64_t ktap_now_us(void);

/*
 * Whether that time counts instructions, as in all guests with one CPU. With several
 * it is the host's, by which anything takes longer on a busy host, so a test may say
 * how long something takes at least, but not at most.
 */
bool ktap_time_is_counted(void);

/*
 * Says what the test is about to wait for, with no bound but its timeout, whose
 * message then has it. NULL says that it no longer waits.
 */
void ktap_waiting_for(const char *format, ...) __printf(1, 2);

/*
 * Ends the test: it cannot be had here, for this reason. Never for something
 * that the project's own image should have.
 */
_Noreturn void ktap_skip(const char *format, ...) __printf(1, 2);

/**
 * struct ktap_place - a line of a test
 * @file: without its folder
 * @line: from 1
 */
struct ktap_place {
	const char *file;
	int line;
};

/*
 * A helper, a function that many tests share, is called from here: what fails in
 * it is the failure of this line, and is reported with both. callers.h sees to
 * it; NULL: it is no helper that fails now. Several processes of a test may call:
 * the last one counts, and all of them do what the same test told them.
 */
void ktap_called_from(const struct ktap_place *place);

#define KTAP_CALL(call)                                   \
	({                                                \
		static const struct ktap_place place_ = { \
			__FILE__,                         \
			__LINE__,                         \
		};                                        \
		ktap_called_from(&place_);                \
		call;                                     \
	})

/*
 * Fails the test and goes on; may be called in any of its processes. The first
 * failure becomes the test's reason: "TEST.c:12: HELPER.c:34: TEXT", or without
 * the helper's line.
 */
void ktap_fail(const char *file, int line, const char *format, ...)
	__printf(3, 4);

/* Ends the calling process of the test; what an ASSERT does after it failed. */
_Noreturn void ktap_stop(void);

#define KTAP_FAIL(...) ktap_fail(__FILE__, __LINE__, __VA_ARGS__)

/*
 * Numbers are compared as signed 64-bit ones, which holds everything a 32-bit
 * system calls long, signed or not. What stands in the test is taken as text by
 * the macros below, before any macro in it is replaced.
 */
#define KTAP_COMPARE(actual, text, op, expected, stop)                         \
	do {                                                                   \
		long long actual_ = (long long)(actual);                       \
		long long expected_ = (long long)(expected);                   \
		if (!(actual_ op expected_)) {                                 \
			KTAP_FAIL("%s: expected %s %lld, got %lld", text, #op, \
				  expected_, actual_);                         \
			if (stop)                                              \
				ktap_stop();                                   \
		}                                                              \
	} while (0)

#define KTAP_TRUE(condition, text, stop)                                   \
	do {                                                               \
		if (!(condition)) {                                        \
			KTAP_FAIL("expected %s, got false (errno %d, %s)", \
				  text, errno, strerror(errno));           \
			if (stop)                                          \
				ktap_stop();                               \
		}                                                          \
	} while (0)

#define KTAP_STREQ(actual, text, expected, stop)                           \
	do {                                                               \
		const char *actual_ = (actual);                            \
		const char *expected_ = (expected);                        \
		if (strcmp(actual_, expected_)) {                          \
			KTAP_FAIL("%s: expected \"%s\", got \"%s\"", text, \
				  expected_, actual_);                     \
			if (stop)                                          \
				ktap_stop();                               \
		}                                                          \
	} while (0)

/* A failed EXPECT is noted, and the test goes on. */
#define EXPECT_EQ(actual, expected) \
	KTAP_COMPARE(actual, #actual, ==, expected, false)
#define EXPECT_NE(actual, expected) \
	KTAP_COMPARE(actual, #actual, !=, expected, false)
#define EXPECT_LT(actual, expected) \
	KTAP_COMPARE(actual, #actual, <, expected, false)
#define EXPECT_LE(actual, expected) \
	KTAP_COMPARE(actual, #actual, <=, expected, false)
#define EXPECT_GT(actual, expected) \
	KTAP_COMPARE(actual, #actual, >, expected, false)
#define EXPECT_GE(actual, expected) \
	KTAP_COMPARE(actual, #actual, >=, expected, false)
#define EXPECT_TRUE(condition) KTAP_TRUE(condition, #condition, false)
#define EXPECT_STREQ(actual, expected) \
	KTAP_STREQ(actual, #actual, expected, false)

/* A failed ASSERT ends the process. */
#define ASSERT_EQ(actual, expected) \
	KTAP_COMPARE(actual, #actual, ==, expected, true)
#define ASSERT_NE(actual, expected) \
	KTAP_COMPARE(actual, #actual, !=, expected, true)
#define ASSERT_LT(actual, expected) \
	KTAP_COMPARE(actual, #actual, <, expected, true)
#define ASSERT_LE(actual, expected) \
	KTAP_COMPARE(actual, #actual, <=, expected, true)
#define ASSERT_GT(actual, expected) \
	KTAP_COMPARE(actual, #actual, >, expected, true)
#define ASSERT_GE(actual, expected) \
	KTAP_COMPARE(actual, #actual, >=, expected, true)
#define ASSERT_TRUE(condition) KTAP_TRUE(condition, #condition, true)
#define ASSERT_STREQ(actual, expected) \
	KTAP_STREQ(actual, #actual, expected, true)

#endif /* KTAP_H */
