// SPDX-License-Identifier: GPL-2.0-only
/* Tests that user space is what README and the suites count on. */
#define _GNU_SOURCE 1
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/program.h"
#include "lib/swap.h"
#include "lib/user.h"
#include "mmlimit.h"

static char output[PROGRAM_OUTPUT];

KTAP_TEST(kernel_has_limits, 10, "system")
{
	struct mm_limit_user limit;

	EXPECT_EQ(mmlimit_get(USER_A, &limit), -ENODATA);
}

KTAP_TEST(kernel_is_the_one_that_was_built, 10, "system")
{
	struct utsname name;
	char version[512], begin[128];

	ASSERT_EQ(uname(&name), 0);
	EXPECT_TRUE(!strncmp(name.release, "6.12", 4));
	EXPECT_STREQ(name.machine, "armv7l");
	ASSERT_EQ(file_read("/proc/version", version, sizeof(version)), 0);
	snprintf(begin, sizeof(begin), "Linux version %s ", name.release);
	EXPECT_TRUE(!strncmp(version, begin, strlen(begin)));
}

KTAP_TEST(file_systems_are_mounted, 10, "system")
{
	static const char *const wanted[] = {
		" /proc proc ",	   " /sys sysfs ",
		" /dev devtmpfs ", " /sys/kernel/debug debugfs ",
		" /tmp tmpfs ",
	};
	char mounts[4096];

	ASSERT_EQ(file_read("/proc/mounts", mounts, sizeof(mounts)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strstr(mounts, wanted[i]))
			KTAP_FAIL("expected%sin /proc/mounts", wanted[i]);
}

KTAP_TEST(users_exist, 10, "system")
{
	static const struct {
		const char *name;
		uid_t uid;
	} wanted[] = {
		{ "root", 0 },
		{ "u0_a60", USER_B },
		{ "u0_a70", USER_A },
		{ "u0_a80", USER_C },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct passwd *entry = getpwnam(wanted[i].name);
		uid_t uid = -1;

		ASSERT_TRUE(entry);
		EXPECT_EQ(entry->pw_uid, wanted[i].uid);
		EXPECT_EQ(entry->pw_gid, wanted[i].uid);
		EXPECT_EQ(access(entry->pw_shell, X_OK), 0);
		EXPECT_EQ(access(entry->pw_dir, X_OK), 0);
		EXPECT_EQ(mmlimit_user(wanted[i].name, &uid), 0);
		EXPECT_EQ(uid, wanted[i].uid);
	}
}

KTAP_TEST(users_are_found_by_name_or_number, 10, "system")
{
	static const char *const wrong[] = {
		"",    "nosuchuser", "-1",
		"+1",  " 1",	     "1 ",
		"0x1", "4294967295", "99999999999999999999"
	};
	uid_t uid = 7;

	EXPECT_EQ(mmlimit_user("12345", &uid), 0);
	EXPECT_EQ(uid, 12345);
	EXPECT_EQ(mmlimit_user("4294967294", &uid), 0);
	EXPECT_EQ(uid, 4294967294U);
	uid = 7;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (mmlimit_user(wrong[i], &uid) != -ENOENT || uid != 7)
			KTAP_FAIL("expected no user '%s'", wrong[i]);
}

KTAP_TEST(su_leads_to_a_user_and_back, 20, "system")
{
	EXPECT_EQ(PROGRAM(output, "sh", "-c",
			  "su u0_a70 -c 'id -u; id -g; id -un; id -G'; id -u"),
		  0);
	EXPECT_STREQ(output, "10070\n10070\nu0_a70\n10070\n0\n");
}

KTAP_TEST(users_are_not_root, 20, "system")
{
	EXPECT_NE(PROGRAM(output, "su", "u0_a70", "-c", "ls /root"), 0);
	EXPECT_NE(PROGRAM(output, "su", "u0_a70", "-c",
			  "echo 0 >/proc/sys/vm/mm_limit_min_uid"),
		  0);
	EXPECT_EQ(PROGRAM(output, "su", "u0_a70", "-c",
			  "echo >/tmp/mine && rm /tmp/mine"),
		  0);
}

KTAP_TEST(swap_is_what_the_command_line_names, 20, "system")
{
	EXPECT_EQ(PROGRAM(output, "env", "MM_SWAP=zram:8M", "/etc/init.d/swap"),
		  0);
	EXPECT_STREQ(output, "");
	EXPECT_TRUE(swap_is_on());
	EXPECT_EQ(PROGRAM(output, "free", "-k"), 0);
	EXPECT_TRUE(strstr(output, " 8188 "));
	EXPECT_EQ(swap_remove(), 0);
	/* There is no disk. */
	EXPECT_NE(PROGRAM(output, "env", "MM_SWAP=disk", "/etc/init.d/swap"),
		  0);
	EXPECT_STREQ(output,
		     "swap: MM_SWAP=disk names nothing that is there\n");
	EXPECT_NE(PROGRAM(output, "env", "MM_SWAP=tape", "/etc/init.d/swap"),
		  0);
	EXPECT_TRUE(!swap_is_on());
}

KTAP_TEST(login_shell_has_history_and_path, 20, "system")
{
	static const char commands[] =
		"echo :$PATH:; echo $HISTFILE; command -v prj2_test;"
		"command -v insmod; command -v ls";

	EXPECT_EQ(PROGRAM(output, "env", "-i", "HOME=/root", "/bin/sh", "-l",
			  "-c", commands),
		  0);
	EXPECT_TRUE(strstr(output, ":/bin:"));
	EXPECT_TRUE(strstr(output, ":/sbin:"));
	EXPECT_TRUE(strstr(output, "/root/.ash_history\n"));
	EXPECT_TRUE(strstr(output, "\n/usr/bin/prj2_test\n"));
}

KTAP_TEST(console_is_the_one_on_the_command_line, 10, "system")
{
	char active[64], line[1024], wanted[80];
	struct stat status;

	ASSERT_EQ(stat("/dev/console", &status), 0);
	EXPECT_TRUE(S_ISCHR(status.st_mode));
	EXPECT_EQ(status.st_rdev, makedev(5, 1));
	ASSERT_EQ(file_read("/sys/class/tty/console/active", active,
			    sizeof(active)),
		  0);
	ASSERT_EQ(file_read("/proc/cmdline", line, sizeof(line)), 0);
	active[strcspn(active, "\n")] = '\0';
	snprintf(wanted, sizeof(wanted), "console=%s", active);
	EXPECT_TRUE(strstr(line, wanted));
}

KTAP_TEST(modules_load_and_unload, 20, "system")
{
	ASSERT_EQ(access("/lib/modules/lkdtm.ko", R_OK), 0);
	EXPECT_EQ(PROGRAM(output, "insmod", "/lib/modules/lkdtm.ko"), 0);
	EXPECT_EQ(access("/sys/kernel/debug/provoke-crash/DIRECT", W_OK), 0);
	EXPECT_EQ(PROGRAM(output, "rmmod", "lkdtm"), 0);
	EXPECT_NE(access("/sys/kernel/debug/provoke-crash/DIRECT", F_OK), 0);
}
