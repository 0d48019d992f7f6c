// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: rules, which give many users a limit. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/syscall.h>

#include "internal.h"
#include "mmlimit.h"

#define MIN_UID_PATH "/proc/sys/vm/mm_limit_min_uid"

/* What the kernel begins with, as Android does */
#define MIN_UID 10000

/* (uid_t)-1 is nobody. */
#define MAX_UID ((uid_t)-2)

static const char *const rule_names[] = {
	[MM_LIMIT_RULE_EACH] = "each",
	[MM_LIMIT_RULE_POOL] = "pool",
};

bool mmlimit_is_rule(const struct mm_limit_attr *attr)
{
	return attr->uid == (uid_t)-1;
}

bool mmlimit_is_same(const struct mm_limit_attr *a,
		     const struct mm_limit_attr *b)
{
	return a->uid == b->uid &&
	       (!mmlimit_is_rule(a) ||
		(a->first == b->first && a->last == b->last));
}

static int call(int op, struct mm_limit_attr *attr)
{
	long ret = syscall(__NR_mm_limit_ctl, op, attr, sizeof(*attr));

	return ret < 0 ? -errno : 0;
}

/*
 * A kernel that does not know the operation says that it is invalid, as it says of
 * other things, too. Of a range that is right, one that knows it says something else.
 */
static int control(int op, struct mm_limit_attr *attr)
{
	struct mm_limit_attr right = { .first = MAX_UID, .last = MAX_UID };
	int saved_errno = errno;
	int ret = call(op, attr);

	if (ret == -EINVAL && call(MM_LIMIT_CTL_GET_RULE, &right) == -EINVAL)
		ret = -EOPNOTSUPP;
	errno = saved_errno;
	return ret;
}

int mmlimit_rule_read(uid_t first, uid_t last, struct mm_limit_attr *attr)
{
	struct mm_limit_attr read = { .first = first, .last = last };
	int ret = control(MM_LIMIT_CTL_GET_RULE, &read);

	if (!ret)
		*attr = read;
	return ret;
}

int mmlimit_rule_change(const struct mm_limit_attr *attr)
{
	struct mm_limit_attr copy = *attr;

	return control(MM_LIMIT_CTL_SET_RULE, &copy);
}

int mmlimit_rule_remove(uid_t first, uid_t last)
{
	struct mm_limit_attr attr = { .first = first, .last = last };

	return control(MM_LIMIT_CTL_REMOVE_RULE, &attr);
}

/* The first user that can be limited */
static uid_t min_uid(void)
{
	struct mmlimit_piece line;
	int saved_errno = errno;
	uint64_t uid = MIN_UID;
	char text[32];
	ssize_t length = -1;
	int fd;

	fd = open(MIN_UID_PATH, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, text, sizeof(text));
		close(fd);
	}
	errno = saved_errno;
	line = (struct mmlimit_piece){ text, length > 0 ? length - 1 : 0 };
	if (!line.length || __mmlimit_parse_number(&line, MAX_UID, &uid))
		return MIN_UID;
	return uid;
}

int __mmlimit_parse_range(const struct mmlimit_piece *text, uid_t *first,
			  uid_t *last)
{
	const char *dash = memchr(text->start, '-', text->length);
	struct mmlimit_piece left, right;
	uint64_t from, to;

	if (!dash || dash == text->start ||
	    dash == text->start + text->length - 1)
		return -ENOENT;
	left = (struct mmlimit_piece){ text->start, dash - text->start };
	right = (struct mmlimit_piece){ dash + 1,
					text->length - left.length - 1 };
	for (size_t i = 0; i < text->length; i++)
		if (text->start + i != dash &&
		    (text->start[i] < '0' || text->start[i] > '9'))
			return -ENOENT;
	if (__mmlimit_parse_number(&left, MAX_UID, &from) ||
	    __mmlimit_parse_number(&right, MAX_UID, &to))
		return -ERANGE;
	*first = from;
	*last = to;
	return 0;
}

int mmlimit_parse_range(const char *text, uid_t *first, uid_t *last)
{
	const struct mmlimit_piece piece = { text, strlen(text) };
	uid_t from, to;
	int ret;

	if (!strcmp(text, "default")) {
		*first = min_uid();
		*last = MAX_UID;
		return 0;
	}
	ret = __mmlimit_parse_range(&piece, &from, &to);
	if (!ret && from > to)
		ret = -ERANGE;
	if (ret)
		return ret;
	*first = from;
	*last = to;
	return 0;
}

char *mmlimit_format_range(uid_t first, uid_t last,
			   char text[MMLIMIT_TEXT_SIZE])
{
	if (last == MAX_UID && first == min_uid())
		return strcpy(text, "default");
	snprintf(text, MMLIMIT_TEXT_SIZE, "%" PRIu32 "-%" PRIu32,
		 (uint32_t)first, (uint32_t)last);
	return text;
}

const char *mmlimit_rule_name(unsigned int rule)
{
	return rule < ARRAY_SIZE(rule_names) ? rule_names[rule] : NULL;
}

/* "-", "each" or "pool:10000-10099" */
int __mmlimit_parse_rule(const struct mmlimit_piece *word,
			 struct mm_limit_attr *limit, bool *has_range)
{
	const char *colon = memchr(word->start, ':', word->length);
	struct mmlimit_piece name = *word, range;
	int index;

	*has_range = colon;
	if (__mmlimit_is_word(word, "-"))
		return 0;
	if (colon) {
		name.length = colon - word->start;
		range = (struct mmlimit_piece){
			colon + 1, word->length - name.length - 1
		};
		if (__mmlimit_parse_range(&range, &limit->first, &limit->last))
			return -EPROTO;
	}
	index = __mmlimit_find_name(rule_names, ARRAY_SIZE(rule_names),
				    name.start, name.length);
	limit->rule = index < 0 ? UINT_MAX : (uint32_t)index;
	return __mmlimit_is_name(&name) ? 0 : -EPROTO;
}
