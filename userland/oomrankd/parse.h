/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * oomrankd: parsers of what /proc says. They take bytes, not strings, and accept
 * nothing that is cut off: a number counts only if something follows it.
 */
#ifndef OOMRANKD_PARSE_H
#define OOMRANKD_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oomrank.h"

/**
 * parse_oom - read /proc/PID/oom: "pid utime stime\n"
 * @text: its text
 * @size: of @text
 * @ticks: gets user and system time together, in clock ticks; UINT64_MAX if it
 *	is more
 *
 * Return: whether it could be read, as that of all parsers here.
 */
bool parse_oom(const char *text, size_t size, uint64_t *ticks);

/**
 * struct proc_stat - what is of interest in /proc/PID/stat
 * @name: of the process
 * @flags: PF_* of the kernel
 * @nice: -20 .. 19
 * @threads: how many, also if their leader is dead already
 * @start: of the process, in clock ticks since boot
 */
struct proc_stat {
	char name[OOMRANK_NAME_SIZE];
	unsigned long flags;
	long nice;
	unsigned long threads;
	uint64_t start;
};

/* A kernel thread (include/linux/sched.h) */
#define PROC_KTHREAD 0x00200000UL

bool parse_stat(const char *text, size_t size, struct proc_stat *stat);

/* The first field of /proc/PID/statm, in pages; 0: no memory of its own */
bool parse_statm(const char *text, size_t size, unsigned long *total_vm);

/* The one number of /proc/PID/oom_score_adj */
bool parse_adj(const char *text, size_t size, long *adj);

/* Seconds since boot, the first number of /proc/uptime, rounded down */
bool parse_uptime(const char *text, size_t size, unsigned long *seconds);

/**
 * struct proc_status - what is of interest in /proc/PID/status
 * @has_uids: whether the next two were seen
 * @has_caps: and the last
 * @uid: the real uid
 * @euid: the effective one
 * @caps: the effective capabilities
 * @length: how much of the line that is not complete yet is in @line
 * @line: its beginning; the rest of a longer one is passed over
 *
 * The file comes in pieces, since one of its lines has no bound: "Groups:" lists
 * up to 65536 of them, before what matters. All 0 at first.
 */
struct proc_status {
	bool has_uids;
	bool has_caps;
	unsigned long uid;
	unsigned long euid;
	uint64_t caps;
	size_t length;
	char line[64];
};

/* Takes the next piece. */
void parse_status(struct proc_status *status, const char *piece, size_t size);

/* Whether all of it was seen */
bool parse_status_end(const struct proc_status *status);

#endif /* OOMRANKD_PARSE_H */
