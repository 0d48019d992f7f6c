// SPDX-License-Identifier: GPL-2.0-only
/* Limits of each member of a group, which all get or none does. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>

#include "machine.h"
#include "program.h"

static void each_member_gets_the_limit(void **state)
{
	(void)state;
	expect_tool("mmlimit set @apps 1M --grace 2s", 0);
	expect_output("");
	expect_tool("mmlimit get @20000", 0);
	expect_said("user     u0_a60 (10060)\nlimit    1MiB, grace 2s\n");
	expect_said("\n\nuser     u0_a70 (10070)\nlimit    1MiB, grace 2s\n");
	expect_tool("mmlimit list", 0);
	expect_not_said("u0_a80");
}

/* Of the list of users, since the group's own list has nobody */
static void whoever_has_it_as_its_own_group_is_a_member(void **state)
{
	(void)state;
	expect_tool("mmlimit set @u0_a80 1M && mmlimit save", 0);
	expect_output("# what 'mmlimit save' has found, for 'mmlimit load'\n"
		      "u0_a80 1048576\n");
}

static void group_without_members_is_told_from_none(void **state)
{
	static const char *const absent[] = { "@nosuch", "@", "@20002",
					      "@99999999999999999999",
					      "@4294967295" };
	char line[64];

	(void)state;
	expect_tool("mmlimit set @nobodys 1M", 1);
	expect_output("mmlimit: @nobodys: the group has no members\n");
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		snprintf(line, sizeof(line), "mmlimit set %s 1M", absent[i]);
		expect_tool(line, 2);
		expect_said("mmlimit: no such group '");
		expect_said("' (after the @, a name, or a number)\n");
	}
}

static void members_without_a_limit_are_passed_over(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a60 1M", 0);
	expect_tool("mmlimit get @apps", 0);
	expect_not_said("u0_a70");
	expect_tool("mmlimit why @apps", 0);
	expect_output("u0_a60:\nNobody was killed for this limit.\n");
	expect_tool("mmlimit unset @apps", 0);
	expect_output("");
	expect_tool("mmlimit unset @apps", 1);
	expect_output("mmlimit: @apps: no member has a limit\n");
	expect_tool("mmlimit get @apps", 1);
	expect_output("mmlimit: @apps: no member has a limit\n");
	expect_tool("mmlimit why @apps", 1);
	expect_output("mmlimit: @apps: no member has a limit\n");
}

static void one_member_that_cannot_be_changed_keeps_all(void **state)
{
	(void)state;
	expect_tool("mmlimit set u0_a60 1M", 0);
	expect_tool("mmlimit set @apps --grace 1s", 1);
	expect_output(
		"mmlimit: u0_a70: there is no limit; 'mmlimit set' with a size makes one\n");
	expect_tool("mmlimit set @apps --swap-max 1M", 1);
	expect_tool("mmlimit set @apps 1M --swap-max 1M", 1);
	expect_output(
		"mmlimit: u0_a60: cannot bound the swap of a limit that does not reclaim: add --reclaim 80%\n");
	expect_failing("set:2:28", "mmlimit set @apps 2M", 1);
	expect_tool("mmlimit save", 0);
	expect_output("# what 'mmlimit save' has found, for 'mmlimit load'\n"
		      "u0_a60 1048576\n");
	expect_tool_of("10060", "mmlimit set @apps 1M", 1);
	expect_said("mmlimit: u0_a70: it is another user's");
	expect_tool_of("10060", "mmlimit get @apps", 1);
	expect_tool_of("10060", "mmlimit why @u0_a80", 1);
	expect_said("mmlimit: u0_a80: cannot read the limit: it is another");
}

static void what_is_in_swap_of_a_member_takes_force(void **state)
{
	(void)state;
	machine_write(
		"proc/mm_limits",
		"uid mm_max flags threshold swap swap_max hard_max usage\n"
		"10070 104857600 1 80 52428800 - 104857600 94371840\n");
	expect_tool("mmlimit set @apps 100M --reclaim off", 1);
	expect_said("mmlimit: u0_a70: nothing was changed: 50MiB more");
	expect_tool("mmlimit get u0_a60", 1);
	expect_tool("mmlimit set @apps 100M --reclaim off --force", 0);
	expect_tool("mmlimit get u0_a60", 0);
}

static void unset_goes_on_behind_a_member_that_is_refused(void **state)
{
	(void)state;
	expect_tool("mmlimit set @apps 1M", 0);
	expect_failing("remove:1:1", "mmlimit unset @apps", 1);
	expect_output(
		"mmlimit: u0_a60: cannot remove the limit: it is another user's: that takes CAP_SYS_RESOURCE, as root has it\n");
	expect_tool("mmlimit save", 0);
	expect_not_said("u0_a70");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(each_member_gets_the_limit),
		MACHINE_TEST(whoever_has_it_as_its_own_group_is_a_member),
		MACHINE_TEST(group_without_members_is_told_from_none),
		MACHINE_TEST(members_without_a_limit_are_passed_over),
		MACHINE_TEST(one_member_that_cannot_be_changed_keeps_all),
		MACHINE_TEST(what_is_in_swap_of_a_member_takes_force),
		MACHINE_TEST(unset_goes_on_behind_a_member_that_is_refused),
	};

	return RUN_GROUP(tests);
}
