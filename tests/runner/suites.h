/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads suites.conf; tests/README.md describes it. Pure: it gets a buffer. */
#ifndef RUNNER_SUITES_H
#define RUNNER_SUITES_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"
#include "volume.h"

enum suite_kind {
	SUITE_GUEST,
	SUITE_HOST,
};

/**
 * struct suite - one line of suites.conf
 * @heading: what the comment right above it says, on one line, or empty
 * @name: unique; letters, digits, "_" and "-"
 * @kind: where it runs
 * @fit: U-Boot boots the FIT image
 * @swap_disk: it has a disk to swap to
 * @icount: the guest is deterministic
 * @shift: the least of its clock, see options.h; 0: the usual one
 * @timeout: wall-clock backstop in seconds
 * @smp: virtual CPUs
 * @memory: of the guest, in MiB
 * @volumes: how much its tests do
 * @path: host program, or NULL
 * @append: words for the kernel's command line, each after a blank
 * @flavours: kernel flavours that it is for, between blanks; empty: all
 */
struct suite {
	struct text heading;
	char *name;
	enum suite_kind kind;
	bool fit;
	bool swap_disk;
	bool icount;
	unsigned int shift;
	unsigned int timeout;
	unsigned int smp;
	unsigned int memory;
	struct volumes volumes;
	char *path;
	struct text append;
	struct text flavours;
};

struct suites {
	struct suite *suites;
	size_t count;
};

/**
 * suites_parse() - read suites.conf
 * @suites: all zero; filled, to be freed with suites_free() also on error
 * @file: its name, for messages
 * @data: its content, NUL-terminated
 * @why: gets "FILE:LINE: REASON"
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int suites_parse(struct suites *suites, const char *file, const char *data,
		 struct text *why);

/* Is @suite for kernels of this flavour? */
bool suite_is_for(const struct suite *suite, const char *flavour);
void suites_free(struct suites *suites);

#endif
