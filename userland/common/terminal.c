// SPDX-License-Identifier: GPL-2.0-only
/* A terminal that is drawn on, and is left as it was. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sys/ioctl.h>

#include "array.h"
#include "say.h"
#include "terminal.h"

/*
 * The size of the terminals that serial consoles, which do not know theirs,
 * were made for
 */
#define USUAL_ROWS 24
#define USUAL_COLUMNS 80

/* Nobody's screen is larger, so such a size is taken for nonsense. */
#define MOST 1000

/* Switches to the second screen of xterm and its like, and hides the cursor */
#define ENTER "\033[?1049h\033[?25l\033[H\033[J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
/* Terminals with one screen only keep what was drawn last. */
#define BELOW "\r"

static struct termios before;
static bool entered;
static bool has_keys;

bool terminal_usable(void)
{
	const char *kind = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(kind && !strcmp(kind, "dumb"));
}

int terminal_write(const char *text, size_t length)
{
	while (length) {
		ssize_t ret = write(STDOUT_FILENO, text, length);

		if (ret < 0 && errno == EAGAIN) {
			struct pollfd fd = { .fd = STDOUT_FILENO,
					     .events = POLLOUT };

			poll(&fd, 1, -1);
			continue;
		}
		if (ret < 0 && errno != EINTR)
			return -errno;
		if (ret > 0) {
			text += ret;
			length -= ret;
		}
	}
	return 0;
}

int terminal_enter(void)
{
	static bool registered;
	struct termios keys;

	if (!registered)
		atexit(terminal_leave);
	registered = true;
	say_leave_screen = terminal_leave;
	/* Keys come only if standard input is a terminal, too. */
	has_keys = !tcgetattr(STDIN_FILENO, &before);
	entered = true;
	if (has_keys) {
		keys = before;
		keys.c_lflag &= ~(ICANON | ECHO);
		keys.c_cc[VMIN] = 1;
		keys.c_cc[VTIME] = 0;
		if (tcsetattr(STDIN_FILENO, TCSADRAIN, &keys))
			return -errno;
	}
	return terminal_write(ENTER, strlen(ENTER));
}

void terminal_leave(void)
{
	if (!entered)
		return;
	entered = false;
	terminal_write(LEAVE BELOW, strlen(LEAVE BELOW));
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

struct terminal_size terminal_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ||
	    !size.ws_col || size.ws_row > MOST || size.ws_col > MOST)
		return (struct terminal_size){ USUAL_ROWS, USUAL_COLUMNS };
	return (struct terminal_size){ size.ws_row, size.ws_col };
}

bool terminal_colours(void)
{
	const char *without = getenv("NO_COLOR");

	return !without || !*without;
}

/* Returns a byte that comes within so many milliseconds, or a negative error. */
static int read_byte(int timeout_ms)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char byte;
	ssize_t ret;

	if (poll(&fd, 1, timeout_ms) <= 0)
		return -EAGAIN;
	ret = read(STDIN_FILENO, &byte, 1);
	if (ret < 0)
		return -errno;
	return ret ? byte : -EIO;
}

/*
 * What follows an escape character: "[A" or "OA" for the key up, "[5~" for page up,
 * "[1;5A" for a key with others held. A key of this kind comes in one piece, but a
 * serial line takes a while for each byte.
 */
static int read_sequence(void)
{
	static const struct {
		int last;
		int number;
		enum terminal_key key;
	} keys[] = {
		{ 'A', 0, KEY_UP },	 { 'B', 0, KEY_DOWN },
		{ 'H', 0, KEY_HOME },	 { 'F', 0, KEY_END },
		{ '~', 1, KEY_HOME },	 { '~', 4, KEY_END },
		{ '~', 5, KEY_PAGE_UP }, { '~', 6, KEY_PAGE_DOWN },
		{ '~', 7, KEY_HOME },	 { '~', 8, KEY_END },
	};
	const int patience_ms = 100;
	int number = 0, byte = read_byte(patience_ms);

	if (byte != '[' && byte != 'O')
		return KEY_OTHER;
	byte = read_byte(patience_ms);
	for (; (byte >= '0' && byte <= '9') || byte == ';';
	     byte = read_byte(patience_ms))
		number = byte == ';' ? 0 : (number * 10 + byte - '0') % 1000;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].last == byte &&
		    (byte != '~' || keys[i].number == number))
			return keys[i].key;
	return KEY_OTHER;
}

int terminal_key(void)
{
	int key;

	if (!has_keys)
		return -ENOTTY;
	key = read_byte(0);
	return key == '\033' ? read_sequence() : key;
}
