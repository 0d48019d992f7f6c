// SPDX-License-Identifier: GPL-2.0-only
/* What can be changed in a C source file, token by token */
#include <errno.h>
#include <error.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"

struct maker {
	struct mutants *mutants;
	const struct tokens *tokens;
	unsigned int file;
};

/* @from to @to, both included, become what the format makes */
static void __attribute__((format(printf, 6, 7)))
replace(const struct maker *maker, const char *operator, size_t place,
	size_t from, size_t to, const char *format, ...)
{
	const struct token *list = maker->tokens->list;
	struct mutants *mutants = maker->mutants;
	struct mutant *mutant;
	va_list arguments;

	mutants->list = reallocarray(mutants->list, mutants->count + 1,
				     sizeof(*mutants->list));
	if (!mutants->list)
		error(2, ENOMEM, "mutate");
	mutant = &mutants->list[mutants->count++];
	*mutant = (struct mutant){
		.operator= operator,
		.at = list[from].at,
		.length = list[to].at + list[to].length - list[from].at,
		.place = list[place].at,
		.line = list[place].line,
		.file = maker->file,
	};
	va_start(arguments, format);
	if (vasprintf(&mutant->text, format, arguments) < 0)
		error(2, ENOMEM, "mutate");
	va_end(arguments);
}

/* Blanks on both sides make an operator binary in the kernel's style. */
static bool is_binary(const struct tokens *tokens, size_t i)
{
	const struct token *token = &tokens->list[i];
	const char *text = tokens->source + token->at;

	return i && i + 1 < tokens->count && strchr(" \t\n", text[-1]) &&
	       strchr(" \t\n", text[token->length]);
}

static void change_sign(const struct maker *maker, size_t i)
{
	static const struct {
		const char *operator;
		const char *old;
		const char *by;
	} changes[] = {
		{ "relation", "<", "<=" },    { "relation", "<", ">=" },
		{ "relation", "<=", "<" },    { "relation", "<=", ">" },
		{ "relation", ">", ">=" },    { "relation", ">", "<=" },
		{ "relation", ">=", ">" },    { "relation", ">=", "<" },
		{ "relation", "==", "!=" },   { "relation", "!=", "==" },
		{ "logic", "&&", "||" },      { "logic", "||", "&&" },
		{ "arithmetic", "+", "-" },   { "arithmetic", "-", "+" },
		{ "arithmetic", "*", "/" },   { "arithmetic", "/", "*" },
		{ "arithmetic", "%", "/" },   { "arithmetic", "<<", ">>" },
		{ "arithmetic", ">>", "<<" }, { "arithmetic", "&", "|" },
		{ "arithmetic", "|", "&" },   { "arithmetic", "^", "|" },
		{ "arithmetic", "+=", "-=" }, { "arithmetic", "-=", "+=" },
		{ "arithmetic", "*=", "/=" }, { "arithmetic", "/=", "*=" },
		{ "arithmetic", "&=", "|=" }, { "arithmetic", "|=", "&=" },
	};
	size_t j;

	if (token_is(maker->tokens, i, "++"))
		replace(maker, "arithmetic", i, i, i, "--");
	if (token_is(maker->tokens, i, "--"))
		replace(maker, "arithmetic", i, i, i, "++");
	if (!is_binary(maker->tokens, i))
		return;
	for (j = 0; j < sizeof(changes) / sizeof(*changes); j++) {
		if (token_is(maker->tokens, i, changes[j].old))
			replace(maker, changes[j].operator, i, i, i, "%s",
				changes[j].by);
	}
}

static void change_number(const struct maker *maker, size_t i)
{
	const struct token *token = &maker->tokens->list[i];
	const char *text = maker->tokens->source + token->at;
	uintmax_t value;
	char *suffix;
	int rest;

	value = strtoumax(text, &suffix, 0);
	rest = token->length - (suffix - text);
	if (rest < 0)
		return;
	replace(maker, "constant", i, i, i, "%" PRIuMAX "%.*s", value + 1, rest,
		suffix);
	if (value)
		replace(maker, "constant", i, i, i, "%" PRIuMAX "%.*s",
			value - 1, rest, suffix);
	if (value > 1)
		replace(maker, "constant", i, i, i, "0%.*s", rest, suffix);
}

/* The condition of an if or while, at @i */
static void change_condition(const struct maker *maker, size_t i)
{
	const struct tokens *tokens = maker->tokens;
	size_t close = token_close(tokens, i + 1);
	const char *from;
	int length;

	if (!token_is(tokens, i + 1, "(") || close == tokens->count)
		return;
	from = tokens->source + tokens->list[i + 2].at;
	length = tokens->source + tokens->list[close].at - from;
	replace(maker, "condition", i, i + 2, close - 1, "!(%.*s)", length,
		from);
	if (!token_is(tokens, i, "if"))
		return;
	/* its body dropped, what the condition does not */
	replace(maker, "never", i, i + 2, close - 1, "(%.*s) && 0", length,
		from);
	replace(maker, "always", i, i + 2, close - 1, "(%.*s) || 1", length,
		from);
}

/* The semicolon that ends the statement at @i; the count if a brace comes first */
static size_t statement_end(const struct tokens *tokens, size_t i)
{
	while (i < tokens->count && !token_is(tokens, i, ";")) {
		if (token_is(tokens, i, "{") || token_is(tokens, i, "}"))
			return tokens->count;
		if (token_is(tokens, i, "(") || token_is(tokens, i, "["))
			i = token_close(tokens, i);
		i++;
	}
	return i;
}

/* Does a statement begin with token @i? */
static bool begins_statement(const struct tokens *tokens, size_t i)
{
	size_t depth = 0;
	size_t j;

	if (!i)
		return false;
	if (token_is(tokens, i - 1, ";") || token_is(tokens, i - 1, "{") ||
	    token_is(tokens, i - 1, "}") || token_is(tokens, i - 1, "else") ||
	    token_is(tokens, i - 1, "do"))
		return true;
	if (!token_is(tokens, i - 1, ")"))
		return false;
	/* after the head of an if, a loop, or of a macro that makes a loop */
	for (j = i - 1; j; j--) {
		if (token_is(tokens, j, ")"))
			depth++;
		if (token_is(tokens, j, "(") && !--depth)
			break;
	}
	return j && tokens->list[j - 1].kind == TOKEN_WORD &&
	       tokens->list[i].line != tokens->list[j - 1].line &&
	       begins_statement(tokens, j - 1);
}

/* What no statement is that could be dropped without more ado */
static bool is_declaration(const struct tokens *tokens, size_t i)
{
	static const char *const words[] = {
		"if",	    "for",     "while",	 "do",		"switch",
		"case",	    "default", "return", "else",	"struct",
		"union",    "enum",    "static", "const",	"unsigned",
		"int",	    "long",    "char",	 "bool",	"void",
		"volatile", "typedef", "asm",	 "short",	"u64",
		"u32",	    "size_t",  "s64",	 "fallthrough",
	};
	size_t j;

	for (j = 0; j < sizeof(words) / sizeof(*words); j++) {
		if (token_is(tokens, i, words[j]))
			return true;
	}
	/* a type by its name, and the name of what has it, but for goto */
	if (tokens->list[i].kind != TOKEN_WORD || token_is(tokens, i, "goto"))
		return false;
	return tokens->list[i + 1].kind == TOKEN_WORD ||
	       (token_is(tokens, i + 1, "*") && !is_binary(tokens, i + 1)) ||
	       token_is(tokens, i + 1, ":");
}

static bool has_prefix(const struct tokens *tokens, size_t i,
		       const char *prefix)
{
	const struct token *token = &tokens->list[i];

	return token->length >= strlen(prefix) &&
	       !strncmp(tokens->source + token->at, prefix, strlen(prefix));
}

static void drop_statement(const struct maker *maker, size_t i)
{
	const struct tokens *tokens = maker->tokens;
	size_t end;
	const char *operator= "statement";

	if (tokens->list[i].nested || !begins_statement(tokens, i) ||
	    i + 1 >= tokens->count || is_declaration(tokens, i))
		return;
	end = statement_end(tokens, i);
	if (end >= tokens->count)
		return;
	if (has_prefix(tokens, i, "lockdep_assert"))
		operator= "assertion";
	else if (has_prefix(tokens, i, "smp_"))
		operator= "barrier";
	replace(maker, operator, i, i, end - 1, "(void)0");
}

/* A store or load that orders others becomes one that does not. */
static void weaken(const struct maker *maker, size_t i)
{
	static const struct {
		const char *operator;
		const char *old;
		const char *by;
	} changes[] = {
		{ "barrier", "smp_store_release", "WRITE_ONCE" },
		{ "barrier", "smp_load_acquire", "READ_ONCE" },
		{ "once", "READ_ONCE", "" },
		{ "constant", "true", "false" },
		{ "constant", "false", "true" },
	};
	size_t j;

	for (j = 0; j < sizeof(changes) / sizeof(*changes); j++) {
		if (token_is(maker->tokens, i, changes[j].old))
			replace(maker, changes[j].operator, i, i, i, "%s",
				changes[j].by);
	}
}

/* A function gives 0 whatever it found. */
static void change_return(const struct maker *maker, size_t i)
{
	const struct tokens *tokens = maker->tokens;
	size_t end = statement_end(tokens, i);

	if (end >= tokens->count || end <= i + 1)
		return;
	if (end == i + 2 &&
	    (token_is(tokens, i + 1, "0") || token_is(tokens, i + 1, "NULL") ||
	     token_is(tokens, i + 1, "true") ||
	     token_is(tokens, i + 1, "false")))
		return;
	replace(maker, "return", i, i + 1, end - 1, "0");
}

void mutants_make(struct mutants *mutants, const struct tokens *tokens,
		  unsigned int file)
{
	const struct maker maker = { mutants, tokens, file };
	size_t i;

	for (i = 0; i < tokens->count; i++) {
		if (!tokens->list[i].inside)
			continue;
		switch (tokens->list[i].kind) {
		case TOKEN_SIGN:
			change_sign(&maker, i);
			break;
		case TOKEN_NUMBER:
			change_number(&maker, i);
			break;
		case TOKEN_STRING:
			break;
		case TOKEN_WORD:
			if (token_is(tokens, i, "if") ||
			    token_is(tokens, i, "while"))
				change_condition(&maker, i);
			else if (token_is(tokens, i, "return"))
				change_return(&maker, i);
			else
				weaken(&maker, i);
			drop_statement(&maker, i);
			break;
		}
		if (token_is(tokens, i, "*"))
			drop_statement(&maker, i);
	}
}

char *mutant_apply(const char *source, const struct mutant *mutant)
{
	char *text;

	if (asprintf(&text, "%.*s%s%s", (int)mutant->at, source, mutant->text,
		     source + mutant->at + mutant->length) < 0)
		error(2, ENOMEM, "mutate");
	return text;
}

void mutants_free(struct mutants *mutants)
{
	size_t i;

	for (i = 0; i < mutants->count; i++)
		free(mutants->list[i].text);
	free(mutants->list);
	*mutants = (struct mutants){ 0 };
}
