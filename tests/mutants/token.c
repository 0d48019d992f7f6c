// SPDX-License-Identifier: GPL-2.0-only
/* The tokens of a C source file */
#include <ctype.h>
#include <errno.h>
#include <error.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"

/* Longest first */
static const char *const signs[] = {
	"<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==",
	"!=",  "&&",  "||",  "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
};

static size_t sign_length(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (!strncmp(text, signs[i], strlen(signs[i])))
			return strlen(signs[i]);
	}
	return 1;
}

/* A directive ends with the first line that does not end with a backslash. */
static size_t directive_length(const char *text)
{
	size_t length = 0;

	while (text[length] && text[length] != '\n') {
		if (text[length] == '\\' && text[length + 1])
			length++;
		length++;
	}
	return length;
}

static size_t quoted_length(const char *text)
{
	size_t length = 1;

	while (text[length] && text[length] != *text) {
		if (text[length] == '\\' && text[length + 1])
			length++;
		length++;
	}
	return length + !!text[length];
}

static size_t comment_length(const char *text)
{
	const char *end;

	if (!strncmp(text, "//", 2))
		return strcspn(text, "\n");
	if (strncmp(text, "/*", 2))
		return 0;
	end = strstr(text + 2, "*/");
	return end ? (size_t)(end + 2 - text) : strlen(text);
}

static size_t word_length(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

static void add(struct tokens *tokens, const struct token *token)
{
	tokens->list = reallocarray(tokens->list, tokens->count + 1,
				    sizeof(*tokens->list));
	if (!tokens->list)
		error(2, ENOMEM, "mutate");
	tokens->list[tokens->count++] = *token;
}

static bool begins_line(const char *source, const char *text)
{
	while (text > source && (text[-1] == ' ' || text[-1] == '\t'))
		text--;
	return text == source || text[-1] == '\n';
}

/* The body of a function is what is in braces after a closing parenthesis. */
static void find_bodies(struct tokens *tokens)
{
	size_t depth = 0;
	size_t parentheses = 0;
	bool body = false;
	size_t i;

	for (i = 0; i < tokens->count; i++) {
		if (token_is(tokens, i, "}") && depth && !--depth)
			body = false;
		tokens->list[i].inside = body;
		tokens->list[i].nested = parentheses;
		if (token_is(tokens, i, "("))
			parentheses++;
		if (token_is(tokens, i, ")") && parentheses)
			parentheses--;
		if (token_is(tokens, i, "{") && !depth++)
			body = i && token_is(tokens, i - 1, ")");
	}
}

void tokens_read(struct tokens *tokens, const char *source)
{
	const char *text = source;
	unsigned int line = 1;

	*tokens = (struct tokens){ .source = source };
	while (*text) {
		struct token token = { .at = text - source, .line = line };
		size_t length = comment_length(text);
		bool is_token = false;

		if (!length && *text == '#' && begins_line(source, text)) {
			length = directive_length(text);
		} else if (!length && isspace((unsigned char)*text)) {
			length = 1;
		} else if (!length) {
			is_token = true;
			token.kind = TOKEN_SIGN;
			length = word_length(text);
			if (length)
				token.kind = isdigit((unsigned char)*text) ?
						     TOKEN_NUMBER :
						     TOKEN_WORD;
			else if (*text == '"' || *text == '\'')
				token.kind = TOKEN_STRING,
				length = quoted_length(text);
			else
				length = sign_length(text);
		}
		token.length = length;
		if (is_token)
			add(tokens, &token);
		for (; length; length--)
			line += *text++ == '\n';
	}
	find_bodies(tokens);
}

bool token_is(const struct tokens *tokens, size_t i, const char *text)
{
	const struct token *token = &tokens->list[i];

	return i < tokens->count && token->length == strlen(text) &&
	       !strncmp(tokens->source + token->at, text, token->length);
}

size_t token_close(const struct tokens *tokens, size_t i)
{
	size_t depth = 0;

	for (; i < tokens->count; i++) {
		if (token_is(tokens, i, "(") || token_is(tokens, i, "[") ||
		    token_is(tokens, i, "{"))
			depth++;
		else if (token_is(tokens, i, ")") || token_is(tokens, i, "]") ||
			 token_is(tokens, i, "}"))
			if (!--depth)
				return i;
	}
	return tokens->count;
}

void tokens_free(struct tokens *tokens)
{
	free(tokens->list);
	*tokens = (struct tokens){ 0 };
}
