/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges a host program by the TAP that it prints. Pure. */
#ifndef RUNNER_TAP_H
#define RUNNER_TAP_H

#include <stdbool.h>

#include "cases.h"
#include "console.h"
#include "ktap.h"
#include "text.h"

#define CASE_PROGRAM_ENDS "program_ends"

/**
 * struct tap - one host program
 * @selection: only some tests were asked for: none at all is not a fault
 * @cases: the results
 * @outcome: final after tap_end()
 * @ktap: the parser
 * @planned: a plan came
 * @comments: what was printed since the last result
 * @last_failed: the last result is a failure, whose comments may yet come
 * @hang: why it was killed, or empty
 */
struct tap {
	bool selection;
	struct case_list cases;
	enum outcome outcome;
	struct ktap ktap;
	bool planned;
	struct text comments;
	bool last_failed;
	struct text hang;
};

void tap_begin(struct tap *tap);

/* A console_fn; @context is the struct tap. */
void tap_line(void *context, const struct console_line *line);

/* The program is to be killed: says why. */
void tap_hang(struct tap *tap, const char *why);

/* The program ended with the wait() status @status. */
void tap_end(struct tap *tap, int status);
void tap_free(struct tap *tap);

#endif
