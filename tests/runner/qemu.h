/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's command line for one guest. Pure. */
#ifndef RUNNER_QEMU_H
#define RUNNER_QEMU_H

#include <stdbool.h>

#include "arguments.h"
#include "suites.h"
#include "text.h"

/**
 * struct qemu_run - what is particular to one run
 * @suite: what runs
 * @test: glob of the tests to run, or NULL
 * @seed: where random numbers start
 * @shift: with icount, one instruction takes 2^shift ns of guest time
 * @slowdown: of the kernel
 * @soak: volumes are multiplied
 * @swap: what qemu_parse() read for a disk to swap to
 */
struct qemu_run {
	const struct suite *suite;
	const char *test;
	unsigned int seed;
	unsigned int shift;
	unsigned int slowdown;
	bool soak;
	const struct arguments *swap;
};

/**
 * qemu_parse() - read a QEMU argument file
 * @arguments: all zero; filled, to be freed also on error
 * @file: its name, for messages
 * @data: its content, NUL-terminated: one argument a line, first the program
 * @why: gets "FILE:LINE: REASON"
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int qemu_parse(struct arguments *arguments, const char *file, const char *data,
	       struct text *why);

/**
 * qemu_arguments() - the command line for one run
 * @arguments: all zero; filled, to be freed also on error
 * @base: what qemu_parse() read
 * @run: what to run, and how
 *
 * The words for the guest are added to what follows -append, where there is
 * one; a FIT image carries its own.
 *
 * Return: 0 or -ENOMEM.
 */
int qemu_arguments(struct arguments *arguments, const struct arguments *base,
		   const struct qemu_run *run);

#endif
