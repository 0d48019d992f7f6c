// SPDX-License-Identifier: GPL-2.0-only
/* A folder that looks like /proc, in which tests decide what processes there are. */
#define _GNU_SOURCE 1
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "fixture.h"

char fixture_root[64];

static int remove_one(const char *path, const struct stat *stat, int type,
		      struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fixture_write(const char *path, const char *text, size_t size)
{
	char whole[256];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", fixture_root, path);
	for (char *slash = whole + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void fixture_print(const char *path, const char *format, ...)
{
	char text[4096];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert_true(length < (int)sizeof(text));
	fixture_write(path, text, length);
}

void fixture_remove(const char *path)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "%s/%s", fixture_root, path);
	assert_int_equal(unlink(whole), 0);
}

static void write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	fixture_write(path, text, strlen(text));
}

void fixture_add(const struct fixture_process *p)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "%d (%s) %c 1 31 31 0 -1 %lu 84 0 2 0 %lu %lu 5 6 20 %d %d 0 "
		 "%lu00 2494464 131 4294967295 65536 70000 0 0 0 0 0 4096 0 0 "
		 "0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 p->pid, p->name, p->state ? p->state : 'S', p->flags, p->utime,
		 p->stime, p->nice, p->threads ? p->threads : 1, p->start_s);
	write_file(p->pid, "stat", text);
	snprintf(text, sizeof(text), "%lu 131 110 164 0 83 0\n", p->pages);
	write_file(p->pid, "statm", text);
	snprintf(text, sizeof(text), "%d %lu %lu\n", p->pid, p->utime,
		 p->stime);
	write_file(p->pid, "oom", text);
	snprintf(text, sizeof(text), "%d\n", p->adj);
	write_file(p->pid, "oom_score_adj", text);
	snprintf(text, sizeof(text),
		 "Name:\t%s\nUmask:\t0022\nState:\t%c (sleeping)\nTgid:\t%d\n"
		 "Uid:\t%u\t%u\t%u\t%u\nGid:\t0\t0\t0\t0\nFDSize:\t32\n"
		 "Groups:\t \nVmPeak:\t    2436 kB\nSigQ:\t0/1918\n"
		 "CapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\n"
		 "CapEff:\t%016llx\nCapBnd:\t000001ffffffffff\nSeccomp:\t0\n",
		 p->name, p->state ? p->state : 'S', p->pid, p->uid, p->euid,
		 p->euid, p->euid, p->caps);
	write_file(p->pid, "status", text);
	write_file(p->pid, "ns/user", "");
}

struct proc fixture_open(void)
{
	struct proc proc;

	assert_int_equal(
		proc_open(&proc, fixture_root, FIXTURE_TICKS, FIXTURE_SELF), 0);
	/* A file stands for a namespace. All processes are in one at first. */
	proc.has_namespaces = false;
	return proc;
}

int fixture_setup(void **state)
{
	(void)state;
	strcpy(fixture_root, "/tmp/oomrankd-XXXXXX");
	assert_non_null(mkdtemp(fixture_root));
	fixture_print("uptime", "%d.25 9000.00\n", FIXTURE_UPTIME);
	fixture_print("self/oom", "%d 0 0\n", FIXTURE_SELF);
	fixture_print("self/ns/user", "%s", "");
	fixture_print("loadavg", "0.00 0.00 0.00 1/40 99\n");
	fixture_print("1d/stat", "%s", "not a process");
	return 0;
}

int fixture_teardown(void **state)
{
	(void)state;
	return nftw(fixture_root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
