// SPDX-License-Identifier: GPL-2.0-only
/* See cgroup.h. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/mount.h>
#include <sys/stat.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/cgroup.h"

#define CGROUPS "/sys/fs/cgroup"
#define CGROUP CGROUPS "/user"

void cgroup_make(unsigned long max)
{
	char text[16];

	if (access(CGROUPS "/cgroup.procs", F_OK))
		ASSERT_EQ(mount("none", CGROUPS, "cgroup2", 0, NULL), 0);
	ASSERT_EQ(file_write(CGROUPS "/cgroup.subtree_control", "+memory"), 0);
	if (access(CGROUP, F_OK))
		ASSERT_EQ(mkdir(CGROUP, 0755), 0);
	snprintf(text, sizeof(text), "%lu", max);
	ASSERT_EQ(file_write(CGROUP "/memory.max", text), 0);
}

void cgroup_remove(void)
{
	ktap_waiting_for("the last process to leave its cgroup");
	while (rmdir(CGROUP)) {
		ASSERT_EQ(errno, EBUSY);
		usleep(1000);
	}
	ktap_waiting_for(NULL);
}

static void move(const char *procs, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	ASSERT_EQ(file_write(procs, text), 0);
}

void cgroup_enter(pid_t pid)
{
	move(CGROUP "/cgroup.procs", pid);
}

void cgroup_leave(pid_t pid)
{
	move(CGROUPS "/cgroup.procs", pid);
}

/* The number in the first line that this format matches */
static unsigned long number_in(const char *path, const char *format)
{
	unsigned long number;
	char line[64];
	FILE *file = fopen(path, "re");

	ASSERT_TRUE(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, format, &number) != 1)
			continue;
		fclose(file);
		return number;
	}
	fclose(file);
	KTAP_FAIL("%s has no line \"%s\"", path, format);
	return 0;
}

unsigned long cgroup_usage(void)
{
	return number_in(CGROUP "/memory.current", "%lu");
}

unsigned long cgroup_kills(void)
{
	return number_in(CGROUP "/memory.events", "oom_kill %lu");
}

void cgroup_freeze(void)
{
	ASSERT_EQ(file_write(CGROUP "/cgroup.freeze", "1"), 0);
	ktap_waiting_for("the processes of the cgroup to be frozen");
	while (!number_in(CGROUP "/cgroup.events", "frozen %lu"))
		usleep(1000);
	ktap_waiting_for(NULL);
}

void cgroup_thaw(void)
{
	ASSERT_EQ(file_write(CGROUP "/cgroup.freeze", "0"), 0);
}
