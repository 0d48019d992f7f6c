// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: parsers of what /proc says. */
#define _GNU_SOURCE 1
#include <limits.h>
#include <string.h>

#include "parse.h"

/**
 * struct scan - a place in a text
 * @at: what comes next
 * @end: behind the text
 * @good: nothing was wrong so far
 */
struct scan {
	const char *at;
	const char *end;
	bool good;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
}

/* Takes digits of a base up to 16. What ends them stays. */
static uint64_t scan_digits(struct scan *scan, unsigned int base)
{
	const char *first = scan->at;
	uint64_t number = 0;

	for (; scan->at < scan->end; scan->at++) {
		char c = *scan->at;
		unsigned int digit = c >= '0' && c <= '9' ? c - '0' :
				     c >= 'a' && c <= 'f' ? c - 'a' + 10 :
							    16;

		if (digit >= base)
			break;
		if (__builtin_mul_overflow(number, base, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			scan->good = false;
	}
	if (scan->at == first || scan->at == scan->end)
		scan->good = false;
	return number;
}

/* Takes the next word as a number of at most @max. */
static uint64_t scan_number(struct scan *scan, uint64_t max)
{
	uint64_t number;

	skip_blanks(scan);
	number = scan_digits(scan, 10);
	if (scan->good && (!is_blank(*scan->at) || number > max))
		scan->good = false;
	return number;
}

static long scan_signed(struct scan *scan)
{
	bool negative;
	long number;

	skip_blanks(scan);
	negative = scan->at < scan->end && *scan->at == '-';
	scan->at += negative;
	if (scan->at < scan->end && is_blank(*scan->at))
		scan->good = false;
	number = scan_number(scan, LONG_MAX);
	return negative ? -number : number;
}

static void skip_words(struct scan *scan, unsigned int count)
{
	while (count--) {
		skip_blanks(scan);
		while (scan->at < scan->end && !is_blank(*scan->at))
			scan->at++;
	}
}

static struct scan scan_of(const char *text, size_t size)
{
	return (struct scan){ text, text + size, true };
}

/* A sample: "312 45 6\n" */
bool parse_oom(const char *text, size_t size, uint64_t *ticks)
{
	struct scan scan = scan_of(text, size);
	uint64_t user, system;

	scan_number(&scan, INT_MAX);
	user = scan_number(&scan, UINT64_MAX);
	system = scan_number(&scan, UINT64_MAX);
	if (__builtin_add_overflow(user, system, ticks))
		*ticks = UINT64_MAX;
	return scan.good;
}

/*
 * A sample: "31 (a) b) S 27 31 31 0 -1 4194560 84 0 0 0 0 1 0 0 20 0 1 0 57
 * 2494464 131 ...": the name may hold anything, brackets and newlines, too; what
 * follows it has no brackets.
 */
bool parse_stat(const char *text, size_t size, struct proc_stat *stat)
{
	const char *begin = memchr(text, '(', size);
	const char *end = memrchr(text, ')', size);
	struct scan scan;
	size_t length;

	if (!begin || !end || end < begin)
		return false;
	begin++;
	length = end - begin;
	if (length >= sizeof(stat->name))
		length = sizeof(stat->name) - 1;
	memcpy(stat->name, begin, length);
	stat->name[length] = '\0';

	scan = scan_of(end + 1, text + size - end - 1);
	skip_words(&scan, 6); /* 3 state .. 8 tpgid */
	stat->flags = scan_number(&scan, ULONG_MAX);
	skip_words(&scan, 9); /* 10 minflt .. 18 priority */
	stat->nice = scan_signed(&scan);
	stat->threads = scan_number(&scan, ULONG_MAX);
	skip_words(&scan, 1); /* 21 itrealvalue */
	stat->start = scan_number(&scan, UINT64_MAX);
	return scan.good;
}

/* A sample: "609 131 110 164 0 83 0\n" */
bool parse_statm(const char *text, size_t size, unsigned long *total_vm)
{
	struct scan scan = scan_of(text, size);

	*total_vm = scan_number(&scan, ULONG_MAX);
	return scan.good;
}

bool parse_adj(const char *text, size_t size, long *adj)
{
	struct scan scan = scan_of(text, size);

	*adj = scan_signed(&scan);
	return scan.good;
}

/* A sample: "1234.56 1200.10\n" */
bool parse_uptime(const char *text, size_t size, unsigned long *seconds)
{
	struct scan scan = scan_of(text, size);
	uint64_t number = scan_digits(&scan, 10);

	*seconds = number;
	return scan.good && number <= ULONG_MAX &&
	       (*scan.at == '.' || is_blank(*scan.at));
}

/* Samples: "Uid:\t0\t0\t0\t0\n", "CapEff:\t000001ffffffffff\n" */
static void take_line(struct proc_status *status)
{
	struct scan scan = scan_of(status->line, status->length);

	if (status->length > 4 && !memcmp(status->line, "Uid:", 4)) {
		scan.at += 4;
		status->uid = scan_number(&scan, UINT32_MAX);
		status->euid = scan_number(&scan, UINT32_MAX);
		status->has_uids = scan.good;
	} else if (status->length > 7 && !memcmp(status->line, "CapEff:", 7)) {
		scan.at += 7;
		skip_blanks(&scan);
		status->caps = scan_digits(&scan, 16);
		status->has_caps = scan.good && *scan.at == '\n';
	}
}

void parse_status(struct proc_status *status, const char *piece, size_t size)
{
	for (const char *end = piece + size; piece < end; piece++) {
		if (status->length < sizeof(status->line))
			status->line[status->length++] = *piece;
		if (*piece != '\n')
			continue;
		if (status->line[status->length - 1] == '\n')
			take_line(status);
		status->length = 0;
	}
}

bool parse_status_end(const struct proc_status *status)
{
	return status->has_uids && status->has_caps;
}
