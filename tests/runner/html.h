/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of index.html. */
#ifndef RUNNER_HTML_H
#define RUNNER_HTML_H

#include <stdint.h>

#include "report.h"
#include "text.h"

/* The style sheet. */
extern const char html_style[];

/*
 * Adds any bytes as the text of an element or the value of an attribute in double
 * quotes.
 */
void html_text(struct text *page, const char *string);

/* Adds "<TAG CLASS>STRING</TAG>"; @class may be NULL. */
void html_element(struct text *page, const char *tag, const char *class,
		  const char *string);

/* Adds a time: "0.8 s", "2 min 5 s", "3 h 20 min". */
void html_time(struct text *page, uint64_t ms);

/* Adds a link to a log, which lies beside the page. */
void html_log(struct text *page, const char *path);

/* html_failures.c: all failures, each with what is known about it */
void html_failures(struct text *page, const struct report *report);

/* html_suites.c: all suites with their tests */
void html_suites(struct text *page, const struct report *report);

#endif
