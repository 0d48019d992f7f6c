/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: its commands, and what they share. */
#ifndef MMLIMIT_COMMANDS_H
#define MMLIMIT_COMMANDS_H

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>

#include "mmlimit.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* As the most operands that a command takes */
#define ANY_NUMBER INT_MAX

/* For wrong usage; the others are EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE 2

/* Sets of options */
#define OPTION_GRACE 0x1
#define OPTION_POLICY 0x2
#define OPTION_HARD 0x4
#define OPTION_BYTES 0x8
#define OPTION_JSON 0x10
#define OPTION_TIME 0x20
#define OPTION_DELAY 0x40
#define OPTION_NUMBER 0x80
#define OPTION_ONCE 0x100
#define OPTION_HELP 0x200
#define OPTION_RECLAIM 0x400
#define OPTION_SWAP_MAX 0x800

/* Those that are about a limit, for change_parse() */
#define OPTION_SETTINGS \
	(OPTION_GRACE | OPTION_POLICY | OPTION_RECLAIM | OPTION_SWAP_MAX)

/**
 * struct options - what options a command was called with
 * @given: which of OPTION_*
 * @grace_ms: of --grace
 * @policy: of --policy
 * @threshold: of --reclaim, in percent; 0: off, or not given
 * @swap_max: of --swap-max, or %MM_LIMIT_ATTR_NONE
 * @delay_ms: of --delay
 * @number: of --number or --once
 */
struct options {
	unsigned int given;
	unsigned int grace_ms;
	unsigned int policy;
	unsigned int threshold;
	__u64 swap_max;
	unsigned int delay_ms;
	unsigned int number;
};

/**
 * struct command - a command of mmlimit
 * @name: its name
 * @operands: as the help shows them, or ""
 * @min: how many there must be
 * @max: how many there may be
 * @options: the set that it has; all have --help
 * @summary: what it does, in a few words
 * @help: what else there is to know, lines up to 80 columns
 * @run: called with the operands, up to NULL, of which there are enough;
 *	returns the exit status
 */
struct command {
	const char *name;
	const char *operands;
	int min;
	int max;
	unsigned int options;
	const char *summary;
	const char *help;
	int (*run)(char **operands, const struct options *options);
};

extern const struct command set_command;
extern const struct command get_command;
extern const struct command unset_command;
extern const struct command list_command;
extern const struct command top_command;
extern const struct command watch_command;
extern const struct command load_command;
extern const struct command kill_command;
extern const struct command run_command;

/**
 * options_parse - tell options from operands
 * @command: whose
 * @argc: of main(), without what comes before the command's name
 * @argv: likewise; operands are moved to the end
 * @options: filled
 *
 * Return: the index of the first operand, or -1: the user was told what is
 * wrong.
 */
int options_parse(const struct command *command, int argc, char **argv,
		  struct options *options);

/* The part of a command's help that is about its options */
void options_print(const struct command *command);

/* say.c: errors begin with the program's name, and return EXIT_FAILURE. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for wrong usage; returns EXIT_USAGE. */
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Whether all of standard output was written; if not, the user was told.
 * Returns the exit status.
 */
int finish_output(void);

/* Room for a user's name as it is shown; longer ones are cut. */
#define USER_TEXT_SIZE 40

/* A user's name, or else the number. Returns @text. */
char *user_text(uid_t uid, char text[USER_TEXT_SIZE]);

/* The same, but false if there is no name */
bool user_name(uid_t uid, char text[USER_TEXT_SIZE]);

/*
 * The operands USER and SIZE. Return 0, or EXIT_USAGE: the user was told what
 * is wrong.
 */
int parse_user(const char *text, uid_t *uid);
int parse_size(const char *text, __u64 *bytes);

/**
 * change_parse - what a limit is to become
 * @size: the operand SIZE, or NULL: it stays
 * @options: of %OPTION_SETTINGS
 * @attr: gets the fields that are given, and their values
 *
 * Return: 0, or EXIT_USAGE: the user was told what is wrong.
 */
int change_parse(const char *size, const struct options *options,
		 struct mm_limit_attr *attr);

/**
 * change_make - make a limit that
 * @attr: from change_parse(), with the user
 * @size: as above
 *
 * Return: 0, or EXIT_FAILURE: the user was told why not.
 */
int change_make(const struct mm_limit_attr *attr, const char *size);

/* A size as a command shows it: for people, or with --bytes exactly */
char *size_text(__u64 bytes, bool exactly, char text[MMLIMIT_TEXT_SIZE]);

/* The name of a policy or a state, also of one that is not known here */
const char *policy_text(unsigned int policy);
const char *state_text(unsigned int state);

/* Whether cold memory is swapped out before anybody is killed */
bool reclaims(const struct mm_limit_attr *limit);

/* How much of its limit a user has, in tenths of a percent; at most 9999 */
unsigned int usage_share(const struct mm_limit_attr *limit);

/* Room for what refusal_text() writes */
#define REFUSAL_SIZE 320

/**
 * refusal_text - why the kernel refused something, and what helps
 * @uid: whose limit it is about
 * @error: what it said
 * @text: where to put it
 *
 * Return: @text.
 */
char *refusal_text(uid_t uid, int error, char text[REFUSAL_SIZE]);

/* Tells the user; @what is "cannot set 100MiB". Returns EXIT_FAILURE. */
int refused(uid_t uid, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Whether the kernel lets the caller act on everybody's limits: 0, -EPERM, or
 * another error
 */
int check_privilege(void);
bool is_privileged(void);

/* Milliseconds that never go back */
long long now_ms(void);

/* A number from /proc/sys/vm, or -1 */
long long vm_sysctl(const char *name);

/**
 * struct saved_limit - a limit to be put back
 * @uid: the user
 * @attr: what it was, if @stood
 * @stood: there was one
 */
struct saved_limit {
	uid_t uid;
	struct mm_limit_attr attr;
	bool stood;
};

/* limit_save - note what a user's limit is. Returns 0 or a negative error. */
int limit_save(uid_t uid, struct saved_limit *saved);

/**
 * limit_restore - put the caller's part of a limit back as it was
 * @saved: from limit_save()
 *
 * A user's own part, which an administrator's removal takes along, is set
 * again in the user's name.
 *
 * Return: 0 or a negative error.
 */
int limit_restore(const struct saved_limit *saved);

#endif /* MMLIMIT_COMMANDS_H */
