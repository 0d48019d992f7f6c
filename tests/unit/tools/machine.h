/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine that tests of the tools run on: a folder of files, see ../pretend/. */
#ifndef TOOLS_MACHINE_H
#define TOOLS_MACHINE_H

#include <stddef.h>

/* Room for a path below the machine's folder */
#define MACHINE_PATH 256

/* The first line of its table of limits */
#define LIST_HEADER                                                             \
	"uid mm_max time_allow_exceed_ms policy flags state usage peak "        \
	"exceeds graces kills pid pRSS uRSS hard_max hard_ms self_max self_ms " \
	"threshold swap swap_max scanned spared swapped_out dropped "           \
	"direct_reclaims refaults thrashed anon file shmem tables kernel "      \
	"refused warn warned warnings dry_kills term_ms terms\n"

/*
 * For cmocka, around each test: a machine with limits, of which there are none yet, and
 * the users root, u0_a60, u0_a70 and u0_a80; and its removal.
 */
int machine_begin(void **state);
int machine_end(void **state);

/* What the machines of a program of tests have beside that; or NULL */
extern void (*machine_prepare)(void);

/* A test on a machine of its own */
#define MACHINE_TEST(test) \
	cmocka_unit_test_setup_teardown(test, machine_begin, machine_end)

/* Where a file of the machine is */
const char *machine_path(const char *name, char path[MACHINE_PATH]);

/* Puts a file there in one piece, removes one, makes a folder. */
void machine_write(const char *name, const char *text);
void machine_remove(const char *name);
void machine_make_folder(const char *name);

/* A file's text */
const char *machine_read(const char *name);

#endif
