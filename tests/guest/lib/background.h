/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that run beside a test, which reads their output and waits for their
 * end.
 */
#ifndef GUEST_BACKGROUND_H
#define GUEST_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define BACKGROUND_OUTPUT 32768

/**
 * struct background - a program that runs
 * @pid: its process
 * @fd: what it prints; with a terminal, its other side
 * @terminal: its side of it, so that it stays when the program ends; -1: none
 * @length: of @text
 * @seen: so much of it has been waited for
 * @text: what it has printed; the test's own output has it, too
 */
struct background {
	pid_t pid;
	int fd;
	int terminal;
	size_t length;
	size_t seen;
	char text[BACKGROUND_OUTPUT];
};

/* Starts a program; its arguments, up to NULL, are as for program_run(). */
void background_start(struct background *program,
		      const char *const arguments[]);

/* The same on a terminal of its own, so large */
void background_start_on_terminal(struct background *program,
				  unsigned short rows, unsigned short columns,
				  const char *const arguments[]);

#define BACKGROUND(program, ...) \
	background_start(program, (const char *const[]){ __VA_ARGS__, NULL })

/*
 * Waits until it has printed @part, after what was waited for before. Its end
 * before that is a failure of the test.
 */
void background_expect(struct background *program, const char *part);

/* Reads what there is without waiting for more. */
void background_drain(struct background *program);

/* Presses keys on its terminal. */
void background_type(struct background *program, const char *keys);

/* Its terminal gets another size. */
void background_resize(struct background *program, unsigned short rows,
		       unsigned short columns);

/*
 * Waits for its end, reading until then. Returns its status, as waitpid() gives
 * it.
 */
int background_wait(struct background *program);

/* Sends it a signal before that. */
int background_end(struct background *program, int signal);

/* Gives up the output, when the test is done with it. */
void background_close(struct background *program);

#endif /* GUEST_BACKGROUND_H */
