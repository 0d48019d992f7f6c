// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of the kernel that poll() tells news of. Here such a file is replaced as a
 * whole, by rename(2): that is news, and its removal an error.
 */
#define _GNU_SOURCE
#include "pretend.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <sys/inotify.h>

#include "array.h"

/**
 * struct watched - a file that is watched
 * @fd: of the program; 0: none
 * @news: of inotify
 * @path: where it is here
 */
static struct watched {
	int fd;
	int news;
	char path[PATH_MAX];
} files[4];

static struct watched *find(int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i].fd == fd && fd > 0)
			return &files[i];
	return NULL;
}

void pretend_watch(int fd, const char *path)
{
	char folder[PATH_MAX];
	struct watched *file = find(fd);

	for (size_t i = 0; !file && i < ARRAY_SIZE(files); i++)
		if (!files[i].fd)
			file = &files[i];
	if (!file)
		return;
	file->fd = fd;
	strcpy(file->path, path);
	strcpy(folder, path);
	file->news = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	inotify_add_watch(file->news, dirname(folder), IN_MOVED_TO | IN_DELETE);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	struct watched *file = find(fd);

	if (file) {
		__real_close(file->news);
		file->fd = 0;
	}
	return __real_close(fd);
}

ssize_t __real_read(int fd, void *data, size_t size);

/* What has happened to a file since it was last asked for */
static short take_news(const struct watched *file)
{
	char room[4096] __attribute__((aligned(8)));
	const struct inotify_event *event;
	short news = 0;
	ssize_t size;

	while ((size = __real_read(file->news, room, sizeof(room))) > 0) {
		for (ssize_t at = 0; at < size;
		     at += sizeof(*event) + event->len) {
			event = (const void *)(room + at);
			if (strcmp(event->name, strrchr(file->path, '/') + 1))
				continue;
			news |= event->mask & IN_DELETE ? POLLERR | POLLPRI :
							  POLLPRI;
		}
	}
	return news;
}

ssize_t __real_pread(int fd, void *data, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset)
{
	struct watched *file = find(fd);
	int now;

	if (pretend_fails("pread"))
		return -1;
	if (file && !offset) {
		take_news(file);
		now = open(file->path, O_RDONLY | O_CLOEXEC);
		if (now >= 0) {
			dup3(now, fd, O_CLOEXEC);
			__real_close(now);
		}
	}
	return __real_pread(fd, data, size, offset);
}

int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	struct pollfd real[8];
	int ret;

	if (pretend_fails("poll"))
		return -1;
	for (nfds_t i = 0; i < count; i++) {
		const struct watched *file = find(fds[i].fd);

		real[i] = fds[i];
		if (file)
			real[i] = (struct pollfd){ .fd = file->news,
						   .events = POLLIN };
	}
	ret = __real_poll(real, count, timeout);
	for (nfds_t i = 0; ret >= 0 && i < count; i++) {
		const struct watched *file = find(fds[i].fd);

		fds[i].revents = real[i].revents;
		if (!file || !real[i].revents)
			continue;
		fds[i].revents = take_news(file);
		ret -= !fds[i].revents;
	}
	return ret;
}
