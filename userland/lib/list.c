// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libmmlimit: the kernel's list of limits.
 *
 * uid mm_max time_allow_exceed_ms policy flags state usage peak exceeds graces kills pid pRSS uRSS hard_max hard_ms self_max self_ms threshold swap swap_max scanned spared swapped_out dropped direct_reclaims refaults thrashed anon file shmem tables kernel refused warn warned warnings dry_kills term_ms terms rule swap_stored
 * 10070 100000000 2000 highest_rss 0 idle 40960 81920 1 1 0 - - - 100000000 2000 - - - 0 - 0 0 0 0 0 0 0 8192 4096 0 4096 24576 0 - 0 0 0 0 0 -
 *
 * A rule has its range in the column uid, and its kind in the column rule: "each" or
 * "pool". Of a user for which a rule goes that is "each:10000-10099" or the like.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "mmlimit.h"

/* More columns than any kernel will have */
#define MAX_COLUMNS 64

/* How often a list that changes meanwhile is read anew */
#define MAX_READS 4

/* What a column holds, and what "-" stands for there */
enum kind {
	NUMBER, /* 32 bits; nothing */
	AMOUNT, /* 64 bits; 0 */
	SIZE, /* 64 bits; no limit */
	PID, /* 31 bits; 0; also a percentage */
	THRESHOLD, /* 31 bits; the default */
	POLICY, /* nothing */
	STATE, /* nothing */
	USER, /* nothing; a range is a rule's */
	RULE, /* none */
};

/**
 * struct column - one that is known
 * @name: in the first line
 * @kind: of what it holds
 * @offset: of the member that gets it
 * @field: MM_LIMIT_FIELD_* of a setting that not all kernels have, or 0
 */
struct column {
	const char *name;
	enum kind kind;
	size_t offset;
	unsigned int field;
};

#define SETTING(name, kind, member, field)                                \
	{                                                                 \
		name, kind, offsetof(struct mm_limit_attr, member), field \
	}

#define COLUMN(name, kind, member) SETTING(name, kind, member, 0)

/* The first two must be there. */
static const struct column known[] = {
	COLUMN("uid", USER, uid),
	COLUMN("mm_max", SIZE, mm_max),
	COLUMN("time_allow_exceed_ms", AMOUNT, grace_ms),
	COLUMN("policy", POLICY, policy),
	COLUMN("flags", NUMBER, flags),
	COLUMN("state", STATE, state),
	COLUMN("usage", AMOUNT, usage),
	COLUMN("peak", AMOUNT, peak),
	COLUMN("exceeds", AMOUNT, exceeds),
	COLUMN("graces", AMOUNT, graces),
	COLUMN("kills", AMOUNT, kills),
	COLUMN("pid", PID, kill_pid),
	COLUMN("pRSS", AMOUNT, kill_rss),
	COLUMN("uRSS", AMOUNT, kill_usage),
	COLUMN("hard_max", SIZE, hard_max),
	COLUMN("hard_ms", AMOUNT, hard_grace_ms),
	COLUMN("self_max", SIZE, self_max),
	COLUMN("self_ms", AMOUNT, self_grace_ms),
	SETTING("threshold", THRESHOLD, threshold, MM_LIMIT_FIELD_THRESHOLD),
	COLUMN("swap", AMOUNT, swap),
	SETTING("swap_max", SIZE, swap_max, MM_LIMIT_FIELD_SWAP_MAX),
	COLUMN("scanned", AMOUNT, scanned),
	COLUMN("spared", AMOUNT, spared),
	COLUMN("swapped_out", AMOUNT, swapped_out),
	COLUMN("dropped", AMOUNT, dropped),
	COLUMN("direct_reclaims", AMOUNT, direct_reclaims),
	COLUMN("refaults", AMOUNT, refaults),
	COLUMN("thrashed", NUMBER, thrashed),
	COLUMN("anon", AMOUNT, anon),
	COLUMN("file", AMOUNT, file),
	COLUMN("shmem", AMOUNT, shmem),
	COLUMN("tables", AMOUNT, tables),
	COLUMN("kernel", AMOUNT, kernel),
	COLUMN("refused", AMOUNT, refused),
	SETTING("warn", PID, warn, MM_LIMIT_FIELD_WARN),
	COLUMN("warned", NUMBER, warned),
	COLUMN("warnings", AMOUNT, warnings),
	COLUMN("dry_kills", AMOUNT, dry_kills),
	SETTING("term_ms", AMOUNT, term_ms, MM_LIMIT_FIELD_TERM),
	COLUMN("terms", AMOUNT, terms),
	COLUMN("rule", RULE, rule),
	COLUMN("swap_stored", AMOUNT, swap_stored),
};

#define REQUIRED 2

/**
 * struct layout - what a list consists of
 * @columns: in its order; NULL: one that is not known here
 * @count: their number
 * @fields: the settings that the kernel has
 */
struct layout {
	const struct column *columns[MAX_COLUMNS];
	size_t count;
	unsigned int fields;
};

/* A later kernel may have names that are not known here. */
static int parse_name(const struct mmlimit_piece *word,
		      const char *const names[], size_t count, uint32_t *value)
{
	int index =
		__mmlimit_find_name(names, count, word->start, word->length);

	*value = index < 0 ? UINT_MAX : (uint32_t)index;
	return __mmlimit_is_name(word) ? 0 : -EPROTO;
}

static int parse_user(const struct mmlimit_piece *word,
		      struct mm_limit_attr *limit)
{
	uint64_t uid;
	int ret = __mmlimit_parse_range(word, &limit->first, &limit->last);

	limit->uid = (uid_t)-1;
	if (ret != -ENOENT)
		return ret;
	ret = __mmlimit_parse_number(word, UINT32_MAX - 1, &uid);
	limit->uid = uid;
	return ret;
}

static int parse_field(const struct column *column,
		       const struct mmlimit_piece *word,
		       struct mm_limit_attr *limit, bool *rule_has_range)
{
	bool none = __mmlimit_is_word(word, "-");
	uint64_t number = 0;
	uint32_t value = 0;
	int ret = 0;

	switch (column->kind) {
	case USER:
		return parse_user(word, limit);
	case RULE:
		return __mmlimit_parse_rule(word, limit, rule_has_range);
	case NUMBER:
		ret = __mmlimit_parse_number(word, UINT32_MAX, &number);
		break;
	case AMOUNT:
	case SIZE:
		if (none && column->kind == SIZE)
			number = MM_LIMIT_ATTR_NONE;
		else if (!none)
			ret = __mmlimit_parse_number(word, UINT64_MAX, &number);
		memcpy((char *)limit + column->offset, &number, sizeof(number));
		return ret;
	case PID:
	case THRESHOLD:
		if (none && column->kind == THRESHOLD)
			number = MM_LIMIT_THRESHOLD_DEFAULT;
		else if (!none)
			ret = __mmlimit_parse_number(word, INT32_MAX, &number);
		break;
	case POLICY:
		ret = parse_name(word, __mmlimit_policy_names,
				 __mmlimit_policy_count, &value);
		number = value;
		break;
	case STATE:
		ret = parse_name(word, __mmlimit_state_names,
				 __mmlimit_state_count, &value);
		number = value;
		break;
	}
	value = number;
	memcpy((char *)limit + column->offset, &value, sizeof(value));
	return ret;
}

static int parse_layout(struct mmlimit_piece line, struct layout *layout)
{
	bool seen[ARRAY_SIZE(known)] = { false };
	struct mmlimit_piece word;

	layout->count = 0;
	layout->fields = MM_LIMIT_FIELD_MAX | MM_LIMIT_FIELD_GRACE |
			 MM_LIMIT_FIELD_POLICY | MM_LIMIT_FIELD_FLAGS;
	while (__mmlimit_next_word(&line, &word)) {
		const struct column *column = NULL;

		if (layout->count == MAX_COLUMNS)
			return -EPROTO;
		for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
			if (!__mmlimit_is_word(&word, known[i].name))
				continue;
			if (seen[i])
				return -EPROTO;
			seen[i] = true;
			column = &known[i];
			layout->fields |= column->field;
		}
		layout->columns[layout->count++] = column;
	}
	for (size_t i = 0; i < REQUIRED; i++)
		if (!seen[i])
			return -EPROTO;
	return 0;
}

/* A rule tells its range as its user, and the limit of a user the range of its rule. */
static bool is_consistent(const struct mm_limit_attr *limit,
			  bool rule_has_range)
{
	if (mmlimit_is_rule(limit))
		return limit->rule != MM_LIMIT_RULE_NONE && !rule_has_range;
	return rule_has_range == (limit->rule != MM_LIMIT_RULE_NONE);
}

static int parse_limit(struct mmlimit_piece line, const struct layout *layout,
		       struct mm_limit_attr *limit)
{
	struct mmlimit_piece word;
	bool rule_has_range = false;

	*limit = (struct mm_limit_attr){
		.fields = layout->fields,
		.hard_max = MM_LIMIT_ATTR_NONE,
		.self_max = MM_LIMIT_ATTR_NONE,
		.swap_max = MM_LIMIT_ATTR_NONE,
	};
	for (size_t i = 0; i < layout->count; i++) {
		if (!__mmlimit_next_word(&line, &word))
			return -EPROTO;
		if (layout->columns[i] && parse_field(layout->columns[i], &word,
						      limit, &rule_has_range))
			return -EPROTO;
	}
	if (__mmlimit_next_word(&line, &word) ||
	    !is_consistent(limit, rule_has_range))
		return -EPROTO;
	return 0;
}

int mmlimit_list_parse(const char *text, size_t length,
		       struct mm_limit_attr **limits, size_t *count)
{
	struct mmlimit_piece rest = { text, length };
	size_t found = 0, room = 0;
	int saved_errno = errno;
	struct layout layout;
	void *array = NULL;
	struct mmlimit_piece line;
	int ret = -EPROTO;

	if (__mmlimit_next_line(&rest, &line))
		ret = parse_layout(line, &layout);
	while (!ret && __mmlimit_next_line(&rest, &line)) {
		ret = __mmlimit_grow(&array, &room, found,
				     sizeof(struct mm_limit_attr));
		if (!ret)
			ret = parse_limit(line, &layout,
					  (struct mm_limit_attr *)array +
						  found++);
	}
	errno = saved_errno;
	if (ret) {
		free(array);
		return ret;
	}
	*limits = array;
	*count = found;
	return 0;
}

int mmlimit_list_open(void)
{
	int saved_errno = errno;
	int fd;

	fd = open(MMLIMIT_LIST_PATH, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = errno == ENOENT ? -ENOSYS : -errno;
	errno = saved_errno;
	return fd;
}

/* Whether something has happened to a limit since the list was last read */
static bool has_changed(int fd)
{
	struct pollfd list = { .fd = fd, .events = POLLPRI };

	return poll(&list, 1, 0) == 1 && list.revents & POLLPRI;
}

/*
 * The kernel hands out some thirty limits with each read. Between two reads a
 * limit that is set moves to the front, so that one is seen twice, or one that is
 * removed makes another be left out. Under constant change the last attempt has
 * to do.
 */
int mmlimit_list_read(int fd, struct mm_limit_attr **limits, size_t *count)
{
	int saved_errno = errno;
	struct mmlimit_file file;
	int ret;

	for (int reads = 1;; reads++) {
		ret = __mmlimit_read_file(fd, true, SIZE_MAX, &file);
		if (ret || file.pieces < 2 || reads == MAX_READS ||
		    !has_changed(fd))
			break;
		free(file.text);
	}
	if (!ret) {
		ret = mmlimit_list_parse(file.text, file.length, limits, count);
		free(file.text);
	}
	errno = saved_errno;
	return ret;
}
