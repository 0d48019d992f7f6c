/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random operations on what users hold beside their address spaces; part of
 * operations.c. Each takes one of a few objects, makes it if it is not there, and
 * adds to it, takes from it, or removes it.
 */
#ifndef GUEST_HOLDING_H
#define GUEST_HOLDING_H

#include "lib/random.h"

/* Where the operations have their numbers from; must come before them. */
void holding_begin(struct random *numbers);

/* memfds: written to, punched, truncated */
void hold_file(void);

/* System V segments: attached and touched */
void hold_segment(void);

/* Pipes: written to, read from, teed from one to the other, spliced from memory */
void hold_pipe(void);

/* System V message queues */
void hold_messages(void);

/* What open files are made of */
void hold_events(void);

/* Removes all. */
void holding_end(void);

#endif /* GUEST_HOLDING_H */
