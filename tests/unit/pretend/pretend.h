/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine that has per-user memory limits, as far as the tools can tell: this folder
 * is linked into them by the linker's --wrap, and answers in the place of the kernel
 * and of the files that the tools read. The environment says what the machine is like:
 *
 *	MM_ROOT	the folder that has its files. Its proc/mm_limits is the table of limits:
 *		system calls read and change it. Without that file the kernel has none.
 *	MM_UID	who runs the program (0)
 *	MM_FAIL	"NAME:NTH:ERRNO ...": the NTH call of a function, or the NTH opening of the
 *		file NAME, fails; 0: each does
 */
#ifndef PRETEND_H
#define PRETEND_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "mmlimit.h"

/* Whether a call of this name fails now; errno says how. */
bool pretend_fails(const char *name);

/* Whether calls may fail; not those that the pretended kernel itself makes */
void pretend_disturb(bool disturb);

/*
 * Where a file of the machine is on this one, in @room if it is elsewhere. Those that
 * are not of the machine's are where they are.
 */
const char *pretend_path(const char *path, char room[PATH_MAX]);

/* Opens a file of the machine; a failure is that of the file. */
FILE *pretend_open(const char *path, const char *mode);

/* Who runs the program, and becoming another one */
uid_t pretend_uid(void);
void pretend_become(uid_t uid);

/* The kernel's answers: 0 or more, or a negative error */
int pretend_set(const struct mm_limit_attr *wanted);
int pretend_get(struct mm_limit_attr *limit);
int pretend_remove(uid_t uid);
int pretend_kill(int policy);

/* Writes the table of limits, the first one first. */
int pretend_write_list(const struct mm_limit_attr *limits, size_t count);

/* From now on poll() tells news of this file, and pread() finds what is new. */
void pretend_watch(int fd, const char *path);

#endif
