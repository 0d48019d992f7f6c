// SPDX-License-Identifier: GPL-2.0-only
/* Tests mmlimit load, which sets all limits of a file or none. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/tools.h"

#define CONF "/tmp/test.conf"

/* For whom the sample has all options */
#define USER_WITH_ALL 10090 /* u0_a90 */

KTAP_TEST(load_sets_all_limits_of_a_file, 20, "tools")
{
	ASSERT_EQ(mmlimit_set_time(USER_A, MIB, 777), 0);
	tool_write(CONF, "# limits\n"
			 "u0_a70 100M\n"
			 "\n"
			 "10060 1.5MiB grace=2s policy=badness # here, too\n"
			 "[mmlimitd]\n"
			 "interval=5s\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_STREQ(tool_output, "");
	/* The file alone decides. */
	limit_expect(USER_A, 100 * MIB, 0);
	limit_expect(USER_B, 3 * MIB / 2, 2000);
	EXPECT_EQ(limit_read(USER_B).policy, MM_LIMIT_BADNESS);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(load_sets_warnings_and_trials_and_ends_them, 20, "tools")
{
	tool_write(CONF, "u0_a70 100M warn=90% dry_run=yes\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_EQ(limit_read(USER_A).warn, 90);
	EXPECT_EQ(limit_read(USER_A).flags, MM_LIMIT_DRY_RUN);
	/* The file alone decides. */
	tool_write(CONF, "u0_a70 100M\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_EQ(limit_read(USER_A).warn, 0);
	EXPECT_EQ(limit_read(USER_A).flags, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* What it offers begins with # and no blank behind. */
KTAP_TEST(sample_of_the_configuration_is_right, 20, "tools")
{
	ASSERT_EQ(tool("sed 's/^#\\([^ ]\\)/\\1/' " MMLIMIT_CONF_PATH
		       " >" CONF),
		  0);
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_STREQ(tool_output, "");
	limit_expect(USER_A, 100 * MIB, 0);
	limit_expect(USER_C, 64 * MIB, 2000);
	EXPECT_EQ(limit_read(USER_C).policy, MM_LIMIT_MOST_PRIVATE);
	EXPECT_EQ(limit_read(USER_B).swap_max, 256 * MIB);
	EXPECT_EQ(limit_read(USER_WITH_ALL).warn, 90);
	EXPECT_EQ(limit_read(USER_WITH_ALL).term_ms, 500);
	EXPECT_EQ(limit_read(USER_WITH_ALL).flags, MM_LIMIT_DRY_RUN);
	EXPECT_EQ(tool("grep interval=5s " CONF), 0);
	EXPECT_EQ(tool("mmlimit get default"), 0);
	EXPECT_SAID("limit    256MiB, grace 0s\n");
	EXPECT_EQ(tool("mmlimit get 20000-20999"), 0);
	EXPECT_SAID(", a pool for all together, with 0 now\nlimit    1GiB, ");
	EXPECT_EQ(tool("mmlimit unset default; mmlimit unset 20000-20999"), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	EXPECT_EQ(mmlimit_remove(USER_C), 0);
	EXPECT_EQ(mmlimit_remove(USER_WITH_ALL), 0);
	/* As it stands, it limits nobody. */
	EXPECT_EQ(tool("mmlimit load"), 0);
	EXPECT_EQ(tool("mmlimit list --json"), 0);
	EXPECT_SAID("\"limits\": []");
}

KTAP_TEST(load_tells_where_a_file_is_wrong_and_changes_nothing, 20, "tools")
{
	tool_write(CONF, "u0_a70 100M\nu0_a60 1X\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 1);
	EXPECT_STREQ(tool_output,
		     "mmlimit: " CONF
		     ":2: '1X' is not a size such as 100M, 1.5GiB or 50%\n");
	limit_expect_none(USER_A);
	EXPECT_EQ(tool("mmlimit load /tmp/nosuch.conf"), 1);
	EXPECT_SAID("mmlimit: /tmp/nosuch.conf: ");
}

KTAP_TEST(load_takes_standard_input, 20, "tools")
{
	EXPECT_EQ(tool("echo u0_a70 100M | mmlimit load -"), 0);
	EXPECT_STREQ(tool_output, "");
	limit_expect(USER_A, 100 * MIB, 0);
	EXPECT_EQ(tool("echo u0_a70 1X | mmlimit load -"), 1);
	EXPECT_SAID("mmlimit: standard input:1: '1X' is not a size ");
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(load_check_tells_what_would_be_refused_and_changes_nothing, 20,
	  "tools")
{
	tool_write(CONF, "u0_a70 100M\nu0_a60 50M\n");
	EXPECT_EQ(tool("mmlimit load --check " CONF), 0);
	EXPECT_STREQ(tool_output, "nothing is wrong: 2 limits in 1 file\n");
	limit_expect_none(USER_A);
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit load --check " CONF "'"), 1);
	EXPECT_SAID("mmlimit: " CONF ":2: u0_a60: it is another user's");
	tool_write(CONF, "u0_a70 100M\nroot 50M\n");
	EXPECT_EQ(tool("mmlimit load --check " CONF), 1);
	EXPECT_SAID("mmlimit: " CONF ":2: root: uid 0 is below ");
	EXPECT_EQ(tool("echo u0_a70 | mmlimit load -c -"), 1);
	EXPECT_SAID("mmlimit: standard input:1: 'u0_a70' has no size");
	limit_expect_none(USER_A);
	EXPECT_EQ(tool("mmlimit list --json"), 0);
	EXPECT_SAID("\"limits\": []");
}

KTAP_TEST(load_reads_the_folder_after_the_file, 20, "tools")
{
	ASSERT_EQ(tool("mv " MMLIMIT_CONF_PATH " " CONF
		       " && mkdir " MMLIMIT_CONF_PATH ".d"),
		  0);
	EXPECT_EQ(tool("mmlimit load"), 1);
	EXPECT_SAID("mmlimit: there is neither " MMLIMIT_CONF_PATH
		    " nor a file *.conf in " MMLIMIT_CONF_PATH ".d");
	tool_write(MMLIMIT_CONF_PATH ".d/b.conf", "u0_a70 30M\n");
	EXPECT_EQ(tool("mmlimit load"), 0);
	limit_expect(USER_A, 30 * MIB, 0);
	tool_write(MMLIMIT_CONF_PATH, "u0_a70 10M\nu0_a60 10M\n");
	tool_write(MMLIMIT_CONF_PATH ".d/a.conf", "u0_a70 20M\n");
	EXPECT_EQ(tool("mmlimit load --check"), 0);
	EXPECT_STREQ(tool_output, "nothing is wrong: 2 limits in 3 files\n");
	EXPECT_EQ(tool("mmlimit load"), 0);
	limit_expect(USER_A, 30 * MIB, 0);
	limit_expect(USER_B, 10 * MIB, 0);
	tool_write(MMLIMIT_CONF_PATH ".d/a.conf", "u0_a80 5M\nu0_a70 1X\n");
	EXPECT_EQ(tool("mmlimit load"), 1);
	EXPECT_SAID("mmlimit: " MMLIMIT_CONF_PATH ".d/a.conf:2: '1X' ");
	limit_expect_none(USER_C);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
	ASSERT_EQ(tool("rm -r " MMLIMIT_CONF_PATH ".d && mv " CONF
		       " " MMLIMIT_CONF_PATH),
		  0);
}

KTAP_TEST(load_checks_what_is_refused_before_it_changes_anything, 20, "tools")
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, 100 * MIB), 0);
	worker = start_holding(USER_A, 4 * MIB);
	tool_write(CONF, "u0_a70 2M\nroot 1M\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 1);
	EXPECT_SAID(
		"mmlimit: " CONF
		":2: root: uid 0 is below vm.mm_limit_min_uid, which is 10000");
	/* A limit that is put back would not have saved it. */
	EXPECT_TRUE(worker_alive(&worker));
	limit_expect(USER_A, 100 * MIB, 0);
	EXPECT_EQ(limit_read(USER_A).kills, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(load_makes_of_what_was_saved_the_same_limits, 20, "tools")
{
	static const char saved[] =
		"# what 'mmlimit save' has found, for 'mmlimit load'\n"
		"u0_a70 104857600 grace=1.5s policy=badness\n"
		"u0_a60 1000 reclaim=70% swap_max=1048577\n"
		"u0_a80 52428800 reclaim=80%\n"
		"# its own: u0_a90 9437184 grace=2s dry_run=yes\n"
		"10144 67108864 policy=most_private warn=90% term=20ms dry_run=yes reclaim=75% swap_max=0\n"
		"10145 18446744073709551614 reclaim=1% swap_max=none\n";

	ASSERT_EQ(tool("mmlimit set u0_a70 100M --grace 1.5s -p badness"), 0);
	ASSERT_EQ(tool("mmlimit set u0_a60 1000 -r 70% -s 1048577"), 0);
	ASSERT_EQ(tool("mmlimit set u0_a80 50M --reclaim 80%"), 0);
	ASSERT_EQ(tool("su u0_a90 -c 'mmlimit set u0_a90 9M -g 2s -y'"), 0);
	ASSERT_EQ(tool("mmlimit set 10144 64M --warn 90% --term 20ms --dry-run"
		       " -p most_private -r 75 -s 0"),
		  0);
	ASSERT_EQ(tool("su u0_a80 -c 'mmlimit set u0_a80 4M'"), 0);
	ASSERT_EQ(tool("mmlimit set 10145 18446744073709551614 -r 1 -s none"),
		  0);
	EXPECT_EQ(tool("mmlimit save"), 0);
	EXPECT_STREQ(tool_output, saved);
	EXPECT_EQ(tool("su u0_a80 -c 'mmlimit save'"), 0);
	EXPECT_SAID("\nu0_a80 4194304 reclaim=80%\n");
	ASSERT_EQ(tool("mmlimit save >" CONF), 0);
	ASSERT_EQ(tool("for u in u0_a70 u0_a60 u0_a80 u0_a90 10144 10145; do"
		       " mmlimit unset $u; done"),
		  0);
	EXPECT_EQ(tool("mmlimit load " CONF), 0);
	EXPECT_EQ(tool("grep -v '# its own' " CONF " >" CONF
		       ".hard && mmlimit save | diff " CONF ".hard -"),
		  0);
	EXPECT_STREQ(tool_output, "");
	ASSERT_EQ(tool("for u in u0_a70 u0_a60 u0_a80 10144 10145; do"
		       " mmlimit unset $u; done"),
		  0);
	EXPECT_EQ(tool("mmlimit save >/dev/full"), 1);
}

KTAP_TEST(load_puts_back_what_it_changed_when_the_kernel_refuses, 20, "tools")
{
	struct mm_limit_attr before, after;

	ASSERT_EQ(tool("mmlimit set u0_a70 50M --grace 1s --policy badness"),
		  0);
	ASSERT_EQ(tool("su u0_a60 -c 'mmlimit set u0_a60 9M -g 2s -p 3'"), 0);
	before = limit_read(USER_B);
	/* Room for those two and one more */
	ASSERT_EQ(file_write(MAX_ENTRIES, "3"), 0);
	tool_write(CONF, "u0_a60 1M\nu0_a80 1M\nu0_a70 1M\nu0_a90 1M\n");
	EXPECT_EQ(tool("mmlimit load " CONF), 1);
	EXPECT_SAID(
		CONF
		":4: u0_a90: there are as many limits as vm.mm_limit_max_entries, which is 3, allows");
	limit_expect(USER_A, 50 * MIB, 1000);
	EXPECT_EQ(limit_read(USER_A).policy, MM_LIMIT_BADNESS);
	limit_expect_none(USER_C);
	/* It was the user's own, and is again. */
	after = limit_read(USER_B);
	EXPECT_EQ(after.self_max, before.self_max);
	EXPECT_EQ(after.self_grace_ms, before.self_grace_ms);
	EXPECT_EQ(after.hard_max, before.hard_max);
	EXPECT_EQ(after.policy, before.policy);
	ASSERT_EQ(file_write(MAX_ENTRIES, "1024"), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(load_of_a_user_sets_its_own_limit_only, 20, "tools")
{
	tool_write(CONF, "u0_a70 100M\n");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit load " CONF "'"), 0);
	EXPECT_EQ(limit_read(USER_A).self_max, 100 * MIB);
	tool_write(CONF, "u0_a70 50M\nu0_a60 50M\n");
	EXPECT_EQ(tool("su u0_a70 -c 'mmlimit load " CONF "'"), 1);
	EXPECT_SAID(CONF ":2: u0_a60: it is another user's");
	limit_expect(USER_A, 100 * MIB, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(boot_script_loads_limits_and_starts_the_daemon, 20, "tools")
{
	char text[16];
	pid_t pid;

	EXPECT_EQ(tool("/etc/init.d/mmlimit"), 0);
	EXPECT_NE(access("/run/mmlimitd.pid", F_OK), 0);
	tool_write(MMLIMIT_CONF_PATH,
		   "u0_a70 100M\n[mmlimitd]\ninterval = 1h\n");
	EXPECT_EQ(tool("/etc/init.d/mmlimit"), 0);
	limit_expect(USER_A, 100 * MIB, 0);
	ASSERT_EQ(file_read("/run/mmlimitd.pid", text, sizeof(text)), 0);
	pid = atoi(text);
	ASSERT_EQ(kill(pid, SIGTERM), 0);
	process_wait_end(pid);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);

	tool_write(MMLIMIT_CONF_PATH, "u0_a70\n");
	EXPECT_EQ(tool("/etc/init.d/mmlimit"), 1);
	EXPECT_SAID(MMLIMIT_CONF_PATH ":1: ");
	/* A file of the folder will do. */
	ASSERT_EQ(
		tool("mkdir " MMLIMIT_CONF_PATH ".d && cd " MMLIMIT_CONF_PATH
		     ".d && rm " MMLIMIT_CONF_PATH
		     " && printf 'u0_a70 9M\\n[mmlimitd]\\ninterval=1h\\n' >a.conf"),
		0);
	EXPECT_EQ(tool("/etc/init.d/mmlimit"), 0);
	EXPECT_STREQ(tool_output, "");
	limit_expect(USER_A, 9 * MIB, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	ASSERT_EQ(file_read("/run/mmlimitd.pid", text, sizeof(text)), 0);
	pid = atoi(text);
	ASSERT_EQ(kill(pid, SIGTERM), 0);
	process_wait_end(pid);
	ASSERT_EQ(tool("rm -r " MMLIMIT_CONF_PATH ".d"), 0);
	EXPECT_EQ(tool("/etc/init.d/mmlimit"), 0);
	EXPECT_STREQ(tool_output, "");
}
