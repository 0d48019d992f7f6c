/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd: memory pressure, as the kernel tells it (PSI). */
#ifndef OOMRANKD_PRESSURE_H
#define OOMRANKD_PRESSURE_H

/*
 * The kernel tells when some tasks have waited for memory for 50 ms in a
 * second. On a machine without swap space little time passes from the first
 * wait to the end.
 */
#define PRESSURE_DEFAULT "some 50000 1000000"

/* Given instead of a trigger if none is wanted */
#define PRESSURE_OFF "off"

/**
 * pressure_open - have the kernel tell
 * @trigger: "some|full STALL WINDOW", in microseconds
 *
 * Return: a file descriptor on which poll() sees POLLPRI at most once in each
 * window; -EINVAL: this is no trigger; -ENOENT, -EOPNOTSUPP: the kernel does not
 * watch pressure; or another negative error.
 */
int pressure_open(const char *trigger);

#endif /* OOMRANKD_PRESSURE_H */
