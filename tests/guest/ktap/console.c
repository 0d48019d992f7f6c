// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes lines to the console. When init runs a suite, they go through
 * /dev/kmsg, so that no kernel message cuts one and both keep one order. Run by
 * hand, from a shell, a suite prints on standard output.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/internal.h"

/*
 * A pipe holds 16 pages unless told otherwise. Reading twice as many empties it
 * once its writers are dead.
 */
#define PIPE_PAGES 32

static int console = STDOUT_FILENO;
static bool console_is_kmsg;

void ktap_console_open(void)
{
	int fd;

	if (!getenv("MM_CHECK"))
		return;
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	console = fd;
	console_is_kmsg = true;
}

/* A record may hold anything; a line of the protocol holds printable ASCII. */
static void replace_unprintable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = *text == '\t' ? ' ' : '?';
}

void ktap_line(const char *format, ...)
{
	char line[KTAP_LINE_MAX + 64];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	replace_unprintable(line);
	line[length++] = '\n';

	/*
	 * One write is one record. There is nobody to tell if it fails; the
	 * runner then misses the line.
	 */
	for (ssize_t done = 0; done < length;) {
		ssize_t ret = write(console, line + done, length - done);

		if (ret < 0 && errno == EINTR)
			continue;
		if (ret <= 0 || console_is_kmsg)
			return;
		done += ret;
	}
}

static void flush(struct ktap_pump *pump)
{
	pump->line[pump->length] = '\0';
	pump->length = 0;
	ktap_line("# %s", pump->line);
}

/*
 * Takes what the pipe holds now; never waits, and not for ever while somebody
 * keeps filling it.
 */
void ktap_pump(struct ktap_pump *pump)
{
	char buffer[4096];
	ssize_t ret;

	for (int i = 0; i < PIPE_PAGES && pump->fd >= 0; i++) {
		ret = read(pump->fd, buffer, sizeof(buffer));
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret < 0 && errno == EAGAIN)
			return;
		if (ret <= 0) {
			ktap_pump_close(pump);
			return;
		}
		for (ssize_t i = 0; i < ret; i++) {
			/* A string would end here. */
			char c = buffer[i] ? buffer[i] : '?';

			if (c != '\n')
				pump->line[pump->length++] = c;
			if (c == '\n' || pump->length == sizeof(pump->line) - 1)
				flush(pump);
		}
	}
}

void ktap_pump_close(struct ktap_pump *pump)
{
	if (pump->length)
		flush(pump);
	if (pump->fd >= 0)
		close(pump->fd);
	pump->fd = -1;
}
