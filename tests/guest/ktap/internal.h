/* SPDX-License-Identifier: GPL-2.0-only */
/* Declares what the parts of ktap share; tests have no use for it. */
#ifndef KTAP_INTERNAL_H
#define KTAP_INTERNAL_H

#include <sys/types.h>

#include "ktap/ktap.h"

/*
 * The kernel cuts a record of /dev/kmsg at 1024 bytes, its own prefix included.
 */
#define KTAP_LINE_MAX 800

/**
 * struct ktap_note - what the processes of a test tell the parent, in memory
 * they share
 * @failed: an expectation failed; its first one wrote @reason
 * @skipped: the test cannot run here; @reason says why
 * @finished: the test's function returned
 * @caller: the line of the test that called a helper last, or NULL; it is the
 *	same in all of its processes, which are forks of one another
 * @reason: of the first failure, or of the skip
 * @waiting: what the test waits for, or empty
 */
struct ktap_note {
	bool failed;
	bool skipped;
	bool finished;
	const struct ktap_place *caller;
	char reason[320];
	char waiting[128];
};

extern struct ktap_note *ktap_note;

/* ktap_console.c: lines to the console, whole. */
void ktap_console_open(void);
void ktap_line(const char *format, ...) __printf(1, 2);

/**
 * struct ktap_pump - turns a test's output into comments, line by line
 * @fd: the reading end of the pipe, not blocking; -1 once it is at its end
 * @length: bytes of the line begun
 * @line: the line begun
 */
struct ktap_pump {
	int fd;
	size_t length;
	char line[KTAP_LINE_MAX];
};

void ktap_pump(struct ktap_pump *pump);
void ktap_pump_close(struct ktap_pump *pump);

/* ktap_clean.c: what a test may leave behind. */
void ktap_clean_prepare(void);
pid_t ktap_kill_descendants(char *name, size_t size);
bool ktap_clean(char *what, size_t size);

/* ktap_leaks.c: the kernel's own leak detector, where there is one. */
bool ktap_leaks_prepare(void);
void no_kernel_memory_leaks(void);

#endif /* KTAP_INTERNAL_H */
