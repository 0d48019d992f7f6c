// SPDX-License-Identifier: LGPL-2.1-or-later
/* libmmlimit: whole files, and arrays that grow. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

int __mmlimit_grow(void **array, size_t *room, size_t count, size_t size)
{
	size_t larger_room = *room ? *room * 2 : 8;
	void *larger;

	if (count < *room)
		return 0;
	larger = reallocarray(*array, larger_room, size);
	if (!larger)
		return -ENOMEM;
	*array = larger;
	*room = larger_room;
	return 0;
}

int __mmlimit_read_file(int fd, bool seekable, size_t max,
			struct mmlimit_file *file)
{
	size_t room = 4096, length = 0;
	unsigned int pieces = 0;
	char *text = NULL;
	int ret = -ENOMEM;

	for (;;) {
		ssize_t got;

		if (!text || length == room) {
			char *larger;

			if (text && __builtin_mul_overflow(room, 2, &room))
				goto fail;
			larger = realloc(text, room);
			if (!larger)
				goto fail;
			text = larger;
		}
		got = seekable ?
			      pread(fd, text + length, room - length, length) :
			      read(fd, text + length, room - length);
		if (got < 0 && errno == EINTR)
			continue;
		ret = got < 0 ? -errno : -EFBIG;
		if (got < 0 || (size_t)got > max - length)
			goto fail;
		if (!got)
			break;
		length += got;
		pieces++;
		ret = -ENOMEM;
	}
	*file = (struct mmlimit_file){ text, length, pieces };
	return 0;
fail:
	free(text);
	return ret;
}
