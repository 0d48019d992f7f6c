/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd: memory pressure, as the kernel tells who waits for it (PSI). */
#ifndef OOMRANKD_PRESSURE_H
#define OOMRANKD_PRESSURE_H

/*
 * Some tasks wait for memory 50 ms in a second. On a machine without swap space
 * little time passes from the first wait to the end.
 */
#define PRESSURE_DEFAULT "some 50000 1000000"

/* Instead of a trigger: none is wanted. */
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
