/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random operations on memory and processes, done by workers: maps, touches,
 * unmaps, forks, execs, exits, changes of user, memory shared by processes,
 * swapping, and what is held beside address spaces (holding.h).
 */
#ifndef GUEST_OPERATIONS_H
#define GUEST_OPERATIONS_H

#include <sys/types.h>

/* The users that workers become */
#define OPERATIONS_USERS 3
extern const uid_t operations_users[OPERATIONS_USERS];

/**
 * enum operations_mix - what kind of operations
 * @MIX_LARGE: large ranges, and many new processes
 * @MIX_SMALL: mostly on a few pages, to get many done
 */
enum operations_mix { MIX_LARGE, MIX_SMALL };

/* Must come before the first worker. */
void operations_prepare(enum operations_mix mix);

/*
 * In a worker that was started as root, for worker_call(); they return 0. First
 * begin, with a seed, then do, as often as wanted, then end.
 */
long operations_begin(long seed);
long operations_do(long count);
long operations_end(long unused);

/* How much all workers have done since the preparation */
unsigned long operations_done(void);
unsigned long operations_processes(void);

/*
 * Prints how often each kind of operation was done. One that never was is a
 * failure of the test.
 */
void operations_report(void);

#endif /* GUEST_OPERATIONS_H */
