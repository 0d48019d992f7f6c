// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libmmlimit: what the kernel tells of kills. A line, here broken:
 *
 * uid=10070 number=1 boot_ns=2691481000 wall_ns=1767225602691481000 action=kill
 * reason=exceeded policy=highest_rss usage=104861696 mm_max=104857600 anon=103546880 file=614400 shmem=0
 * tables=204800 swap=0 kernel=495616 pid=40 memory=104365056 age_ns=1200000000
 * cpu_ns=900000000 name=hog pid1=39 memory1=843776 name1=my\040shell
 *
 * If it was for a pool, the line ends in pool=10000-10099. To a user who may not know
 * what others in the pool have, it tells neither the parts of the usage nor who was
 * beside.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "mmlimit.h"

/* More bytes than the kernel has to tell of the most limits that there can be */
#define MAX_LENGTH (64 << 20)

/* Numbers of 64 bits, by their keys */
static const struct {
	const char *key;
	size_t offset;
} numbers[] = {
	{ "number", offsetof(struct mmlimit_kill, number) },
	{ "boot_ns", offsetof(struct mmlimit_kill, boot_ns) },
	{ "usage", offsetof(struct mmlimit_kill, usage) },
	{ "mm_max", offsetof(struct mmlimit_kill, mm_max) },
	{ "anon", offsetof(struct mmlimit_kill, anon) },
	{ "file", offsetof(struct mmlimit_kill, file) },
	{ "shmem", offsetof(struct mmlimit_kill, shmem) },
	{ "tables", offsetof(struct mmlimit_kill, tables) },
	{ "swap", offsetof(struct mmlimit_kill, swap) },
	{ "kernel", offsetof(struct mmlimit_kill, kernel) },
	{ "age_ns", offsetof(struct mmlimit_kill, age_ns) },
	{ "cpu_ns", offsetof(struct mmlimit_kill, cpu_ns) },
};

/* What tells that the parts of a usage are told */
#define ANON offsetof(struct mmlimit_kill, anon)

/* A number with a digit at least, and up to @max */
static int number_of(const struct mmlimit_piece *value, uint64_t max,
		     uint64_t *number)
{
	*number = 0;
	return value->length ? __mmlimit_parse_number(value, max, number) :
			       -EPROTO;
}

static int parse_wall(struct mmlimit_piece value, int64_t *wall)
{
	bool negative = value.length && *value.start == '-';
	uint64_t number;

	value.start += negative;
	value.length -= negative;
	if (number_of(&value, INT64_MAX, &number))
		return -EPROTO;
	*wall = negative ? -(int64_t)number : (int64_t)number;
	return 0;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes blanks, backslashes and what is not printable as \\ooo. */
static int parse_name(const struct mmlimit_piece *value,
		      char name[MMLIMIT_NAME_SIZE])
{
	const char *c = value->start, *end = value->start + value->length;
	size_t length = 0;

	while (c < end) {
		unsigned int byte = (unsigned char)*c++;

		if (byte == '\\') {
			if (end - c < 3 || c[0] > '3' || !is_octal(c[0]) ||
			    !is_octal(c[1]) || !is_octal(c[2]))
				return -EPROTO;
			byte = (c[0] - '0') << 6 | (c[1] - '0') << 3 |
			       (c[2] - '0');
			c += 3;
		}
		if (!byte || length == MMLIMIT_NAME_SIZE - 1)
			return -EPROTO;
		name[length++] = byte;
	}
	name[length] = '\0';
	return 0;
}

/* A later kernel may have words that are not known here. */
static unsigned int word_of(const struct mmlimit_piece *value,
			    const char *const names[], size_t count)
{
	int index =
		__mmlimit_find_name(names, count, value->start, value->length);

	return index < 0 ? UINT_MAX : (unsigned int)index;
}

/*
 * Of which process a key tells, whose number is taken off the key: 0 is the victim,
 * and "pid1" is the pid of the first one beside it.
 */
static size_t take_place(struct mmlimit_piece *key)
{
	size_t place = 0;

	if (key->length)
		place = key->start[key->length - 1] - '0';
	if (place < 1 || place > MMLIMIT_BESIDE)
		return 0;
	key->length--;
	return place;
}

/* Return: 0, or -EPROTO; 1: the key is about something else. */
static int parse_process(struct mmlimit_piece key,
			 const struct mmlimit_piece *value,
			 struct mmlimit_kill *kill)
{
	size_t place = take_place(&key);
	struct mmlimit_process *process = place ? &kill->beside[place - 1] :
						  &kill->victim;
	uint64_t number;
	int ret;

	if (__mmlimit_is_word(&key, "pid")) {
		ret = number_of(value, INT_MAX, &number);
		process->pid = number;
	} else if (__mmlimit_is_word(&key, "memory")) {
		ret = number_of(value, UINT64_MAX, &process->memory);
	} else if (__mmlimit_is_word(&key, "name")) {
		ret = parse_name(value, process->name);
	} else {
		return 1;
	}
	if (kill->beside_count < place)
		kill->beside_count = place;
	return ret;
}

static void take_action(const struct mmlimit_piece *value,
			struct mmlimit_kill *kill)
{
	kill->dry_run = __mmlimit_is_word(value, "dry_run");
	kill->term = __mmlimit_is_word(value, "term");
}

static int parse_field(const struct mmlimit_piece *key,
		       const struct mmlimit_piece *value,
		       struct mmlimit_kill *kill)
{
	uint64_t number;
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!__mmlimit_is_word(key, numbers[i].key))
			continue;
		kill->has_parts |= numbers[i].offset == ANON;
		ret = number_of(value, UINT64_MAX, &number);
		memcpy((char *)kill + numbers[i].offset, &number,
		       sizeof(number));
		return ret;
	}
	if (__mmlimit_is_word(key, "uid")) {
		ret = number_of(value, UINT32_MAX, &number);
		kill->uid = number;
		return ret;
	}
	if (__mmlimit_is_word(key, "pool")) {
		kill->is_pool = true;
		return __mmlimit_parse_range(value, &kill->first, &kill->last) ?
			       -EPROTO :
			       0;
	}
	if (__mmlimit_is_word(key, "wall_ns"))
		return parse_wall(*value, &kill->wall_ns);
	if (__mmlimit_is_word(key, "action"))
		take_action(value, kill);
	else if (__mmlimit_is_word(key, "reason"))
		kill->reason = word_of(value, __mmlimit_reason_names,
				       __mmlimit_reason_count);
	else if (__mmlimit_is_word(key, "policy"))
		kill->policy = word_of(value, __mmlimit_policy_names,
				       __mmlimit_policy_count);
	return 0;
}

static int parse_kill(struct mmlimit_piece line, struct mmlimit_kill *kill)
{
	struct mmlimit_piece word, key;
	bool has_uid = false;

	*kill = (struct mmlimit_kill){
		.reason = UINT_MAX,
		.policy = UINT_MAX,
	};
	while (__mmlimit_next_word(&line, &word)) {
		const char *equals = memchr(word.start, '=', word.length);
		int ret;

		if (!equals)
			return -EPROTO;
		key = (struct mmlimit_piece){ word.start, equals - word.start };
		word.start = equals + 1;
		word.length -= key.length + 1;
		has_uid |= __mmlimit_is_word(&key, "uid");
		ret = parse_process(key, &word, kill);
		if (ret > 0)
			ret = parse_field(&key, &word, kill);
		if (ret)
			return ret;
	}
	return has_uid && kill->victim.pid ? 0 : -EPROTO;
}

int mmlimit_kills_parse(const char *text, size_t length,
			struct mmlimit_kill **kills, size_t *count)
{
	struct mmlimit_piece rest = { text, length }, line;
	size_t found = 0, room = 0;
	int saved_errno = errno;
	void *array = NULL;
	int ret = 0;

	while (!ret && __mmlimit_next_line(&rest, &line)) {
		ret = __mmlimit_grow(&array, &room, found,
				     sizeof(struct mmlimit_kill));
		if (!ret)
			ret = parse_kill(line, (struct mmlimit_kill *)array +
						       found++);
	}
	errno = saved_errno;
	if (ret) {
		free(array);
		return ret;
	}
	*kills = array;
	*count = found;
	return 0;
}

int mmlimit_kills_read(struct mmlimit_kill **kills, size_t *count)
{
	int saved_errno = errno;
	struct mmlimit_file file;
	int fd, ret;

	fd = open(MMLIMIT_KILLS_PATH, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = errno == ENOENT ? -ENOSYS : -errno;
		errno = saved_errno;
		return ret;
	}
	ret = __mmlimit_read_file(fd, true, MAX_LENGTH, &file);
	close(fd);
	if (!ret) {
		ret = mmlimit_kills_parse(file.text, file.length, kills, count);
		free(file.text);
	}
	errno = saved_errno;
	return ret;
}
