// SPDX-License-Identifier: GPL-2.0-only
/* The list of candidates for the OOM killer, /proc/oom. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/syscall.h>

#include <linux/sched.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/oomlist.h"

/* Bytes that a number takes, with what separates it from the next */
#define WIDTH 12

int oomlist_write(const char *text)
{
	return file_write(OOMLIST, text);
}

void oomlist_set(const pid_t *pids, size_t count)
{
	char *text = malloc(count * WIDTH + 2);
	size_t length = 0;

	ASSERT_TRUE(text);
	for (size_t i = 0; i < count; i++)
		length += snprintf(text + length, WIDTH + 1, "%d\n", pids[i]);
	if (!count)
		strcpy(text, "\n");
	ASSERT_EQ(oomlist_write(text), 0);
	free(text);
}

/* The whole file, as a string to be freed */
static char *read_text(size_t piece)
{
	size_t room = OOMLIST_MAX * WIDTH, length = 0;
	int fd = open(OOMLIST, O_RDONLY | O_CLOEXEC);
	char *text = malloc(room + 1);
	ssize_t ret;

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(text);
	do {
		ASSERT_LT(length, room);
		ret = read(fd, text + length,
			   piece < room - length ? piece : room - length);
		ASSERT_GE(ret, 0);
		length += ret;
	} while (ret);
	close(fd);
	text[length] = '\0';
	return text;
}

size_t oomlist_read_by(size_t piece, pid_t *pids, size_t room)
{
	char *text = read_text(piece), *at = text, *end;
	size_t count = 0;

	while (*at && count < room) {
		ASSERT_TRUE(*at >= '1' && *at <= '9');
		pids[count++] = strtol(at, &end, 10);
		ASSERT_EQ(*end, '\n');
		at = end + 1;
	}
	ASSERT_EQ(*at, '\0');
	free(text);
	return count;
}

void oomlist_expect(const pid_t *pids, size_t count)
{
	static pid_t found[OOMLIST_MAX];
	size_t length = oomlist_read_by(65536, found, OOMLIST_MAX);

	if (length != count)
		KTAP_FAIL("list: expected %zu entries, got %zu", count, length);
	for (size_t i = 0; i < length && i < count; i++) {
		if (found[i] == pids[i])
			continue;
		KTAP_FAIL("list, entry %zu: expected %d, got %d", i, pids[i],
			  found[i]);
		return;
	}
}

pid_t oomlist_fork_as(pid_t number)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uintptr_t)&number,
				   .set_tid_size = 1 };

	return syscall(SYS_clone3, &args, sizeof(args));
}
