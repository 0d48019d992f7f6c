/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mutants of a C source file: small changes, each of which a test should notice.
 * The file is seen as tokens; only the bodies of functions are changed. It relies
 * on the kernel's coding style where C's grammar would need a parser: a binary
 * operator has blanks on both sides, a pointer's asterisk has not.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind {
	TOKEN_WORD,
	TOKEN_NUMBER,
	TOKEN_STRING, /* characters, too */
	TOKEN_SIGN,
};

/**
 * struct token - one token of a source file; comments and directives are none
 * @at: offset of its first byte
 * @length: in bytes
 * @line: from 1
 * @inside: it is in the body of a function
 * @nested: it is in parentheses, where no statement begins
 */
struct token {
	enum token_kind kind;
	size_t at;
	size_t length;
	unsigned int line;
	bool inside;
	bool nested;
};

struct tokens {
	const char *source;
	struct token *list;
	size_t count;
};

/* Out of memory is the end. */
void tokens_read(struct tokens *tokens, const char *source);
void tokens_free(struct tokens *tokens);

/* Is token @i, which need not exist, @text? */
bool token_is(const struct tokens *tokens, size_t i, const char *text);

/* The index of the bracket that closes the one at @i; the count if none does. */
size_t token_close(const struct tokens *tokens, size_t i);

/**
 * struct mutant - one change
 * @operator: what kind of change
 * @at: offset of what is replaced
 * @length: its length; may be 0
 * @text: what comes in its place
 * @place: offset of the token it is about; several mutants may share it
 * @line: of that token
 * @file: index of its source file, for the caller
 */
struct mutant {
	const char *operator;
	size_t at;
	size_t length;
	char *text;
	size_t place;
	unsigned int line;
	unsigned int file;
};

struct mutants {
	struct mutant *list;
	size_t count;
};

/* Adds all mutants of a file, in the order of its text. */
void mutants_make(struct mutants *mutants, const struct tokens *tokens,
		  unsigned int file);
void mutants_free(struct mutants *mutants);

/* The source with the change made; the caller frees it. */
char *mutant_apply(const char *source, const struct mutant *mutant);

/**
 * mutants_shuffle - put them into an order that depends on the seed alone
 *
 * Places come first, in random order, each with one of its mutants at random;
 * then all places that have a second one, and so on: the first N are a sample
 * that is uniform over places, then over operators.
 */
void mutants_shuffle(struct mutants *mutants, uint64_t seed);

#endif
