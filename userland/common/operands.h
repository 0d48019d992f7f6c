/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words of a command line become values. Each parser returns 0, or EXIT_USAGE
 * after the user was told what is wrong and what was expected. @option is the
 * option whose value it is, as it is written ("--grace"), or NULL for an
 * operand.
 */
#ifndef COMMON_OPERANDS_H
#define COMMON_OPERANDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

int missing_operand(const char *what);
int unexpected_operand(const char *text);

struct option;

/*
 * Tells what getopt_long() has refused of @argv: it returned @kind, a colon where
 * a value was missing. It says nothing itself with opterr 0, and knows a colon if
 * that comes first among the letters. Each of @names, up to an empty one, takes
 * what @values calls so, or nothing if that is NULL.
 */
int wrong_option(int kind, char **argv, const struct option *names,
		 const char *const *values);

/* Room for the words that one may choose from, and how another is added to them */
#define CHOICES_SIZE 160
void add_choice(char choices[CHOICES_SIZE], const char *word);

/*
 * Tells that @text is none of the choices, or, if it is NULL, that there has to
 * be one.
 */
int wrong_choice(const char *what, const char *text, const char *choices);

/* A login name, or else a uid. Returns EXIT_FAILURE if memory is lacking. */
int parse_user(const char *text, uid_t *uid);

/* A process number */
int parse_pid(const char *text, pid_t *pid);

/* A size in bytes */
int parse_size(const char *option, const char *text, uint64_t *bytes);

/* A size, or none: MM_LIMIT_ATTR_NONE */
int parse_swap_max(const char *option, const char *text, uint64_t *bytes);

/* A duration from @least to @most milliseconds */
int parse_duration(const char *option, const char *text, unsigned int least,
		   unsigned int most, unsigned int *ms);

/* A whole number from @least to @most */
int parse_number(const char *option, const char *text, unsigned int least,
		 unsigned int most, unsigned int *number);

/* From which percentage on a limit reclaims; 0: off */
int parse_reclaim(const char *option, const char *text, unsigned int *percent);

/* A policy; @own: or the word own, which is MM_LIMIT_POLICY_OWN */
int parse_policy(const char *text, bool own, int *policy);

#endif /* COMMON_OPERANDS_H */
