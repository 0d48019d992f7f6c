/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the tools as programs, on a machine that ../pretend/ makes up. */
#ifndef TOOLS_PROGRAM_H
#define TOOLS_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

/* What the last program has printed, also as an error */
extern char tool_output[65536];

/*
 * Runs a line of the shell, which finds the tools first; returns its exit status. The
 * result has to be @status, or what was printed is shown.
 */
int tool(const char *line);
void expect_tool(const char *line, int status);

/* The same as a user without privilege, or with calls that fail: see MM_FAIL */
void expect_tool_of(const char *uid, const char *line, int status);
void expect_failing(const char *fail, const char *line, int status);

/* What was printed must contain this, must not, or must be this. */
void expect_said(const char *text);
void expect_not_said(const char *text);
void expect_output(const char *text);

/**
 * struct background - a program that goes on
 * @pid: its process
 * @fd: where to read what it prints; of a terminal, where its keys are pressed, too
 * @text: what it has printed
 * @length: how much
 * @seen: how much of it was expected
 */
struct background {
	pid_t pid;
	int fd;
	char text[65536];
	size_t length;
	size_t seen;
};

/* Starts a line of the shell, which should begin with exec; on a terminal of that size, unless 0 */
void background_start(struct background *program, const char *line);
void background_start_on_terminal(struct background *program, const char *line,
				  int rows, int columns);

/* Waits until it has printed this behind what was expected last. */
void background_expect(struct background *program, const char *text);

/* Presses keys on its terminal. */
void background_press(struct background *program, const char *keys);

/* Waits until it has stopped itself. */
void background_wait_stop(struct background *program);

/* Sends it a signal, unless 0, and waits for its end; returns its exit status. */
int background_end(struct background *program, int signal);

#endif
