/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: a command that is run for an event. */
#ifndef MMLIMIT_HOOK_H
#define MMLIMIT_HOOK_H

#include "events.h"

/**
 * hook_run - run a command for an event, and wait for its end
 * @command: for the shell, which finds what has happened in MM_LIMIT_EVENT and other
 *	variables
 * @event: the event
 * @signals: a signalfd of those that end the program; the command gets SIGTERM then
 *
 * Return: -1, or the exit status if a signal has come. If the command fails, the user
 * is told.
 */
int hook_run(const char *command, const struct event *event, int signals);

#endif /* MMLIMIT_HOOK_H */
