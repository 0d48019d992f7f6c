/* SPDX-License-Identifier: GPL-2.0-only */
/* Workers of which the tests of accounts know every page. */
#ifndef GUEST_ACCOUNT_WORKER_H
#define GUEST_ACCOUNT_WORKER_H

#include "lib/memory.h"
#include "lib/user.h"

/*
 * These are for worker_call(). All work on one region of the worker, and return
 * 0.
 */
extern struct region account_region;

long map_pages(long pages);
long touch_pages(long pages);
long drop_pages(long pages);
long unmap_pages(long unused);

/* A page for each of so many page tables */
long touch_sparsely(long tables);

/* Real and effective uid; the saved one stays 0, so that it can go on. */
long change_user(long uid);

/*
 * A worker that has done all of these, so that it touches nothing but the
 * region when it does them again
 */
struct worker start_warm(uid_t uid);

/* Begins a test: has u0_a70 and u0_a60 charged. */
void limit_users(void);

/* Ends a test: nobody is left, so nothing may be charged. */
void unlimit_users(void);

#endif /* GUEST_ACCOUNT_WORKER_H */
