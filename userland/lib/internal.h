/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libmmlimit: what its files share; libmmlimit.map exports none of it. */
#ifndef MMLIMIT_INTERNAL_H
#define MMLIMIT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/**
 * struct quantity - a decimal number with a unit, as it is written
 * @whole: what is before the point; ULLONG_MAX also if it is more than that
 * @fraction: the digits after the point
 * @digits: their number
 * @unit: the rest of the text
 */
struct quantity {
	unsigned long long whole;
	const char *fraction;
	size_t digits;
	const char *unit;
};

/* Return: 0, or -EINVAL: no number, or no digit on both sides of its point. */
int __mmlimit_scan_quantity(const char *text, struct quantity *quantity);

/*
 * The quantity times @factor, which is at most 2^60, rounded down. Return: 0, or
 * -ERANGE: more than @max, which is less than ULLONG_MAX.
 */
int __mmlimit_scale_quantity(const struct quantity *quantity,
			     unsigned long long factor, unsigned long long max,
			     unsigned long long *value);

/*
 * The index of the @length bytes at @word among @names, or -ENOENT. A name may be
 * NULL.
 */
int __mmlimit_find_name(const char *const names[], size_t count,
			const char *word, size_t length);

/**
 * struct mmlimit_piece - a part of a text
 * @start: where it begins
 * @length: of so many bytes
 */
struct mmlimit_piece {
	const char *start;
	size_t length;
};

/* Take the next line off a text, or the next word off a line; false: there is none. */
bool __mmlimit_next_line(struct mmlimit_piece *text,
			 struct mmlimit_piece *line);
bool __mmlimit_next_word(struct mmlimit_piece *line,
			 struct mmlimit_piece *word);

bool __mmlimit_is_word(const struct mmlimit_piece *word, const char *text);

/* Return: 0, or -EPROTO: not a number up to @max. Of no digits it is 0. */
int __mmlimit_parse_number(const struct mmlimit_piece *word, uint64_t max,
			   uint64_t *value);

/* Whether a word consists of small letters, digits and _, as the kernel's names do */
bool __mmlimit_is_name(const struct mmlimit_piece *word);

struct mm_limit_attr;

/*
 * "10000-10099", whichever of them is larger. Return: 0, -ENOENT: not of this form, or
 * -ERANGE: more than a uid.
 */
int __mmlimit_parse_range(const struct mmlimit_piece *text, uid_t *first,
			  uid_t *last);

/*
 * What the kernel's list has in the column "rule"; @has_range: whether it has told the
 * range, too. Return: 0, or -EPROTO.
 */
int __mmlimit_parse_rule(const struct mmlimit_piece *word,
			 struct mm_limit_attr *limit, bool *has_range);

extern const char *const __mmlimit_policy_names[];
extern const size_t __mmlimit_policy_count;
extern const char *const __mmlimit_state_names[];
extern const size_t __mmlimit_state_count;
extern const char *const __mmlimit_reason_names[];
extern const size_t __mmlimit_reason_count;

/*
 * Makes room for one more element of @size bytes in a heap array that has @room
 * for some and holds @count. Return: 0, or -ENOMEM, and the array is as before.
 */
int __mmlimit_grow(void **array, size_t *room, size_t count, size_t size);

/**
 * struct mmlimit_file - a file's whole text
 * @text: to be freed with free()
 * @length: its length
 * @pieces: how many reads it took
 */
struct mmlimit_file {
	char *text;
	size_t length;
	unsigned int pieces;
};

/*
 * Reads a file: from its start, without moving its position, if @seekable; from
 * where it is, if not. Return: 0, -EFBIG (more than @max bytes), -ENOMEM, or what
 * reading said.
 */
int __mmlimit_read_file(int fd, bool seekable, size_t max,
			struct mmlimit_file *file);

#endif /* MMLIMIT_INTERNAL_H */
