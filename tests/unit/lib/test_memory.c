// SPDX-License-Identifier: GPL-2.0-only
/* Whichever allocation fails, the caller hears of it, and nothing is lost. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mmlimit.h"

/*
 * How many of the library's allocations are left until one fails; 0 if none
 * does
 */
static unsigned long until_failure;

/* How many of its blocks are in use */
static long blocks;

/*
 * The linker's --wrap catches the library's calls and ours, but not those
 * inside libc. A compiler may make a malloc() of a realloc() where it knows that
 * there is no block yet.
 */
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void __wrap_free(void *block);

static bool fails(void)
{
	if (!until_failure || --until_failure)
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	if (fails())
		return NULL;
	blocks++;
	return __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
	if (fails())
		return NULL;
	blocks += !old;
	return __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	if (fails())
		return NULL;
	blocks += !old;
	return __real_reallocarray(old, count, size);
}

void __wrap_free(void *block)
{
	blocks -= !!block;
	__real_free(block);
}

static void append(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Calls @try with the first allocation failing, the second, ..., none. */
static void try_all(int (*try)(int), int fd, unsigned long at_least)
{
	unsigned long number;
	int ret = -ENOMEM;

	for (number = 1; ret; number++) {
		blocks = 0;
		errno = 12345;
		until_failure = number;
		ret = try(fd);
		assert_true(ret == -ENOMEM || (!ret && until_failure));
		until_failure = 0;
		assert_int_equal(errno, 12345);
		assert_int_equal(blocks, 0);
	}
	assert_true(number > at_least);
}

static int try_list(int fd)
{
	struct mm_limit_attr *limits;
	size_t count;
	int ret;

	ret = mmlimit_list_read(fd, &limits, &count);
	if (!ret)
		free(limits);
	return ret;
}

static void a_list_is_read_or_nothing(void **state)
{
	int fd = memfd_create("list", 0);
	char text[40];

	(void)state;
	append(fd, "uid mm_max\n");
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "%d 1000000000\n", i);
		append(fd, text);
	}
	try_all(try_list, fd, 5);
	close(fd);
}

static int try_conf(int fd)
{
	struct mmlimit_conf_error error = { .line = 5 };
	struct mmlimit_conf conf = { 0 };
	char path[40];
	int ret;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = mmlimit_conf_read(path, &conf, &error);
	if (ret) {
		assert_int_equal(error.line, 0);
		assert_true(!strcmp(error.reason, "out of memory") ||
			    !strcmp(error.reason, "Cannot allocate memory"));
		assert_null(conf.limits);
	} else {
		mmlimit_conf_free(&conf);
	}
	return ret;
}

static void a_configuration_is_read_or_nothing(void **state)
{
	int fd = memfd_create("conf", 0);
	char text[40];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "%d 1G\n", 20000 + i);
		append(fd, text);
	}
	try_all(try_conf, fd, 40);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_read_or_nothing),
		cmocka_unit_test(a_configuration_is_read_or_nothing),
	};

	return RUN_GROUP(tests);
}
