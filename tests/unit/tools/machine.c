// SPDX-License-Identifier: GPL-2.0-only
/* The machine that tests of the tools run on. */
#define _GNU_SOURCE
#include "unit.h"

#include "machine.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

static char root[64];

void (*machine_prepare)(void);

const char *machine_path(const char *name, char path[MACHINE_PATH])
{
	snprintf(path, MACHINE_PATH, "%s/%s", root, name);
	return path;
}

void machine_write(const char *name, const char *text)
{
	char path[MACHINE_PATH], part[MACHINE_PATH];
	FILE *file = fopen(machine_path("part", part), "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(part, machine_path(name, path)), 0);
}

void machine_remove(const char *name)
{
	char path[MACHINE_PATH];

	assert_int_equal(remove(machine_path(name, path)), 0);
}

void machine_make_folder(const char *name)
{
	char path[MACHINE_PATH];

	assert_int_equal(mkdir(machine_path(name, path), 0755), 0);
}

const char *machine_read(const char *name)
{
	static char text[8192];
	char path[MACHINE_PATH];
	FILE *file = fopen(machine_path(name, path), "re");

	if (!file)
		fail_msg("the machine has no %s", name);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

int machine_begin(void **state)
{
	static const char *const folders[] = {
		"etc",	      "proc",
		"proc/self",  "proc/pressure",
		"proc/sys",   "proc/sys/vm",
		"run",	      "dev",
		"lib",	      "lib/modules",
		"sys",	      "sys/module",
		"sys/kernel", "sys/kernel/debug",
	};

	(void)state;
	strcpy(root, "/tmp/machine.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		machine_make_folder(folders[i]);
	machine_write("proc/mm_limits", LIST_HEADER);
	machine_write("proc/mm_limit_kills", "");
	machine_write("proc/sys/vm/mm_limit_min_uid", "10000\n");
	machine_write("proc/sys/vm/mm_limit_max_entries", "1024\n");
	machine_write("etc/passwd", "root:x:0:0::/:/bin/sh\n"
				    "u0_a60:x:10060:10060::/:/bin/sh\n"
				    "u0_a70:x:10070:10070::/:/bin/sh\n"
				    "u0_a80:x:10080:10080::/:/bin/sh\n");
	machine_write("etc/group",
		      "root:x:0:\n"
		      "u0_a80:x:10080:\n"
		      "apps:x:20000:u0_a70,u0_a60,nobody_here,u0_a60\n"
		      "nobodys:x:20001:\n");
	if (machine_prepare)
		machine_prepare();
	return setenv("MM_ROOT", root, 1) || unsetenv("MM_UID") ||
	       unsetenv("MM_FAIL");
}

static int remove_one(const char *path, const struct stat *status, int kind,
		      struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

int machine_end(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
