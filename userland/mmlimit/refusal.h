/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: what the kernel refuses, and what helps. */
#ifndef MMLIMIT_REFUSAL_H
#define MMLIMIT_REFUSAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "mmlimit.h"

/* Room for what refusal_text() writes */
#define REFUSAL_SIZE 384

/**
 * refusal_text - why the kernel refused something, and what helps
 * @uid: whose limit it is about
 * @error: what it said
 * @text: where to put it
 *
 * Return: @text.
 */
char *refusal_text(uid_t uid, int error, char text[REFUSAL_SIZE]);

/* The same of a user or a rule, as for target_read() */
char *refusal_of(const struct mm_limit_attr *target, int error,
		 char text[REFUSAL_SIZE]);

/*
 * Tells the user what was refused ("cannot set a limit of 100MiB"), and why.
 * Returns EXIT_FAILURE.
 */
int refused(uid_t uid, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int refused_of(const struct mm_limit_attr *target, int error,
	       const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Whether the kernel lets the caller act on everybody's limits: 0, -EPERM, or
 * another error
 */
int check_privilege(void);
bool is_privileged(void);

/* A number from /proc/sys/vm, or -1 */
long long vm_sysctl(const char *name);

#endif /* MMLIMIT_REFUSAL_H */
