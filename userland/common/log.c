// SPDX-License-Identifier: GPL-2.0-only
/* The log of a daemon, which says what it has done. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon.h"
#include "say.h"

/* Where syslog(3) sends its lines, if a log daemon is there */
#define SYSLOG_SOCKET "/dev/log"

#define LINE_SIZE 512

static bool in_foreground;
static int kernel_log = -1;

void log_open(bool foreground)
{
	in_foreground = foreground;
	if (foreground)
		return;
	openlog(program_name, LOG_PID, LOG_DAEMON);
	/* Opened now, since there may be too little memory later */
	kernel_log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
}

/*
 * One write() is one message. dprintf() would ask for the file's position,
 * which this device has not.
 */
static void log_to_kernel(const char *text)
{
	char line[LINE_SIZE + 64];
	int length = snprintf(line, sizeof(line), "<%d>%s[%d]: %s\n",
			      LOG_DAEMON | LOG_NOTICE, program_name, getpid(),
			      text);

	/* There is nobody to tell that this did not work. */
	(void)!write(kernel_log, line, length);
}

void log_line(const char *format, ...)
{
	char text[LINE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (in_foreground)
		fprintf(stderr, "%s: %s\n", program_name, text);
	else if (!access(SYSLOG_SOCKET, F_OK))
		syslog(LOG_NOTICE, "%s", text);
	else if (kernel_log >= 0)
		log_to_kernel(text);
}
