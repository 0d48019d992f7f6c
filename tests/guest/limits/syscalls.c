// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests the values, errors and permissions of mm_limit(), mm_limit_time() and
 * get_mm_limit(). Users here have no processes but those that make the calls.
 */
#define _GNU_SOURCE 1
#include <unistd.h>

#include <linux/capability.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/user.h"

/* No process that makes the calls here comes near this. */
#define LIMIT (100 * MIB)

KTAP_TEST(limit_is_set_changed_and_removed, 10, "calls")
{
	limit_expect_none(USER_A);
	EXPECT_EQ(mmlimit_set(USER_A, LIMIT), 0);
	limit_expect(USER_A, LIMIT, 0);
	EXPECT_EQ(mmlimit_set_time(USER_A, LIMIT + 1, 2345), 0);
	limit_expect(USER_A, LIMIT + 1, 2345);
	limit_expect_none(USER_B);
	EXPECT_EQ(mmlimit_set(USER_A, LIMIT - 1), 0);
	limit_expect(USER_A, LIMIT - 1, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limit_expect_none(USER_A);
	EXPECT_EQ(mmlimit_set_time(USER_A, LIMIT, 7), 0);
	EXPECT_EQ(mmlimit_set_time(USER_A, MMLIMIT_NONE, 7), 0);
	limit_expect_none(USER_A);
}

KTAP_TEST(extreme_values_are_limits_like_others, 10, "calls")
{
	static const unsigned long sizes[] = {
		0, 1, 4095, 4096, 0x7fffffff, 0x80000000, LIMIT_HUGE,
	};
	static const unsigned int graces[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(mmlimit_set(USER_A, sizes[i]), 0);
		limit_expect(USER_A, sizes[i], 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(graces); i++) {
		EXPECT_EQ(mmlimit_set_time(USER_A, LIMIT, graces[i]), 0);
		limit_expect(USER_A, LIMIT, graces[i]);
	}
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(nothing_to_read_or_remove_is_enodata, 10, "calls")
{
	struct mm_limit_user limit;

	EXPECT_EQ(mmlimit_get(USER_A, &limit), -ENODATA);
	EXPECT_EQ(mmlimit_remove(USER_A), -ENODATA);
	EXPECT_EQ(limit_call_as(USER_A, GET(USER_A)), -ENODATA);
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), -ENODATA);
	EXPECT_EQ(mmlimit_set_time(USER_A, MMLIMIT_NONE, 5), -ENODATA);
}

KTAP_TEST(users_below_the_minimum_are_eacces, 10, "calls")
{
	static const uid_t uids[] = { 0, 1, 1000, 9999 };

	for (size_t i = 0; i < ARRAY_SIZE(uids); i++) {
		EXPECT_EQ(mmlimit_set(uids[i], LIMIT), -EACCES);
		EXPECT_EQ(mmlimit_set_time(uids[i], LIMIT, 1), -EACCES);
		EXPECT_EQ(mmlimit_remove(uids[i]), -EACCES);
		EXPECT_EQ(mmlimit_get(uids[i], &limit_call_result), -EACCES);
	}
	EXPECT_EQ(limit_call_as(9999, SET(9999, LIMIT)), -EACCES);
	EXPECT_EQ(limit_call_as(9999, GET(9999)), -EACCES);
	EXPECT_EQ(mmlimit_set(10000, LIMIT), 0);
	EXPECT_EQ(mmlimit_remove(10000), 0);
}

KTAP_TEST(minimum_is_a_sysctl, 10, "calls")
{
	const char *path = "/proc/sys/vm/mm_limit_min_uid";

	ASSERT_EQ(file_write(path, "10070"), 0);
	EXPECT_EQ(mmlimit_set(10069, LIMIT), -EACCES);
	EXPECT_EQ(mmlimit_set(10070, LIMIT), 0);
	EXPECT_EQ(mmlimit_remove(10070), 0);
	ASSERT_EQ(file_write(path, "10000"), 0);
	EXPECT_EQ(mmlimit_set(10069, LIMIT), 0);
	EXPECT_EQ(mmlimit_remove(10069), 0);
}

KTAP_TEST(uid_that_nobody_can_have_is_einval, 10, "calls")
{
	EXPECT_EQ(mmlimit_set(-1, LIMIT), -EINVAL);
	EXPECT_EQ(mmlimit_set_time(-1, LIMIT, 1), -EINVAL);
	EXPECT_EQ(mmlimit_remove(-1), -EINVAL);
	EXPECT_EQ(mmlimit_get(-1, &limit_call_result), -EINVAL);
}

KTAP_TEST(other_users_limits_are_eperm, 10, "calls")
{
	ASSERT_EQ(mmlimit_set_time(USER_B, LIMIT, 5), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_B, LIMIT / 2)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, SET_TIME(USER_B, LIMIT, 9)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_B)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, GET(USER_B)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_C, LIMIT)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, GET(USER_C)), -EPERM);
	limit_expect(USER_B, LIMIT, 5);
	limit_expect_none(USER_C);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);
}

KTAP_TEST(user_binds_and_unbinds_itself, 10, "calls")
{
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	limit_expect(USER_A, LIMIT, 0);
	EXPECT_EQ(limit_call_as(USER_A, GET(USER_A)), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, 2 * LIMIT, 77)), 0);
	limit_expect(USER_A, 2 * LIMIT, 77);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	limit_expect(USER_A, LIMIT, 0);
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), 0);
	limit_expect_none(USER_A);
}

KTAP_TEST(user_cannot_escape_a_hard_limit, 10, "calls")
{
	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 50), 0);

	/* Removed, above, or with more grace: no. */
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT + 1)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT_HUGE)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, LIMIT, 51)), -EPERM);
	EXPECT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, LIMIT / 2, 51)),
		  -EPERM);
	limit_expect(USER_A, LIMIT, 50);

	/* A limit up to the hard one is allowed. */
	EXPECT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, LIMIT, 50)), 0);
	limit_expect(USER_A, LIMIT, 50);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(lower_of_own_and_hard_limit_is_in_force, 10, "calls")
{
	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 50), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET_TIME(USER_A, LIMIT / 2, 20)), 0);
	limit_expect(USER_A, LIMIT / 2, 20);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT / 4 * 3)), 0);
	limit_expect(USER_A, LIMIT / 4 * 3, 0);

	/* Its own it may remove; the hard one is there again. */
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), 0);
	limit_expect(USER_A, LIMIT, 50);
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), -EPERM);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(hard_limit_binds_a_user_that_has_its_own, 10, "calls")
{
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 2), 0);
	limit_expect(USER_A, LIMIT / 2, 0);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), -EPERM);
	/* The limit that the user had set is gone with that. */
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), -EPERM);
	limit_expect(USER_A, LIMIT / 2, 0);
	ASSERT_EQ(mmlimit_set(USER_A, 2 * LIMIT), 0);
	EXPECT_EQ(limit_call_as(USER_A, SET(USER_A, LIMIT)), 0);
	limit_expect(USER_A, LIMIT, 0);

	/* A privileged caller removes any limit. */
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	limit_expect_none(USER_A);
}

static long set_with_other_effective_uid(long call)
{
	ASSERT_EQ(setresuid(USER_A, USER_B, USER_B), 0);
	return limit_call_do(call);
}

KTAP_TEST(real_uid_counts_not_the_effective_one, 10, "calls")
{
	struct limit_call own = SET(USER_A, LIMIT), other = SET(USER_B, LIMIT);

	EXPECT_EQ(user_run(0, set_with_other_effective_uid, (long)&own), 0);
	EXPECT_EQ(user_run(0, set_with_other_effective_uid, (long)&other),
		  -EPERM);
	limit_expect(USER_A, LIMIT, 0);
	limit_expect_none(USER_B);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* Become a user, or stay root, with one capability or none. */
static void keep_capability(uid_t uid, int capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	ASSERT_EQ(prctl(PR_SET_KEEPCAPS, 1), 0);
	if (uid)
		user_become(uid);
	data[0].permitted = 1U << capability;
	data[0].effective = 1U << capability;
	ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
}

static long user_with_cap_sys_resource(long call)
{
	keep_capability(USER_A, CAP_SYS_RESOURCE);
	return limit_call_do(call);
}

static long user_with_cap_sys_admin(long call)
{
	keep_capability(USER_A, CAP_SYS_ADMIN);
	return limit_call_do(call);
}

static long root_with_cap_sys_admin_only(long call)
{
	keep_capability(0, CAP_SYS_ADMIN);
	return limit_call_do(call);
}

KTAP_TEST(cap_sys_resource_is_what_counts, 10, "calls")
{
	struct limit_call set = SET(USER_B, LIMIT), get = GET(USER_B);
	struct limit_call own = SET(USER_A, LIMIT);

	EXPECT_EQ(user_run(0, user_with_cap_sys_admin, (long)&set), -EPERM);
	EXPECT_EQ(user_run(0, root_with_cap_sys_admin_only, (long)&set),
		  -EPERM);
	limit_expect_none(USER_B);
	EXPECT_EQ(user_run(0, user_with_cap_sys_resource, (long)&set), 0);
	EXPECT_EQ(user_run(0, user_with_cap_sys_resource, (long)&get), 0);
	EXPECT_EQ(user_run(0, root_with_cap_sys_admin_only, (long)&get),
		  -EPERM);
	EXPECT_EQ(mmlimit_remove(USER_B), 0);

	/* A limit that it sets for itself is as hard as one for others. */
	EXPECT_EQ(user_run(0, user_with_cap_sys_resource, (long)&own), 0);
	EXPECT_EQ(limit_call_as(USER_A, REMOVE(USER_A)), -EPERM);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(user_namespace_gives_no_privilege, 10, "calls")
{
	struct worker worker = worker_start(USER_A);

	/*
	 * Inside, it is root with all capabilities; what it is outside depends
	 * on the map.
	 */
	ASSERT_EQ(worker_call(&worker, enter_user_namespace, 0), 0);
	EXPECT_EQ(limit_call_by(&worker, SET(0, LIMIT)), -EINVAL);
	worker_map_uids(&worker, "0 10070 1\n1 10060 1\n2 100 1\n");

	EXPECT_EQ(limit_call_by(&worker, SET(1, LIMIT)), -EPERM);
	EXPECT_EQ(limit_call_by(&worker, GET(1)), -EPERM);
	EXPECT_EQ(limit_call_by(&worker, SET(2, LIMIT)), -EACCES);
	EXPECT_EQ(limit_call_by(&worker, SET(3, LIMIT)), -EINVAL);
	EXPECT_EQ(limit_call_by(&worker, GET(3)), -EINVAL);
	EXPECT_EQ(limit_call_by(&worker, SET(USER_A, LIMIT)), -EINVAL);
	limit_expect_none(USER_B);

	/* Its own user has another number, and is bound by the hard limit. */
	EXPECT_EQ(limit_call_by(&worker, SET(0, LIMIT)), 0);
	limit_expect(USER_A, LIMIT, 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT / 2), 0);
	EXPECT_EQ(limit_call_by(&worker, SET(0, LIMIT)), -EPERM);
	EXPECT_EQ(limit_call_by(&worker, GET(0)), 0);
	EXPECT_EQ(limit_call_by(&worker, REMOVE(0)), -EPERM);
	limit_expect(USER_A, LIMIT / 2, 0);
	worker_end(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(bad_pointers_are_efault, 10, "calls")
{
	char *pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const size_t size = sizeof(struct mm_limit_user);

	ASSERT_TRUE(pages != MAP_FAILED);
	ASSERT_EQ(mprotect(pages + PAGE, PAGE, PROT_READ), 0);
	ASSERT_EQ(munmap(pages + 2 * PAGE, PAGE), 0);
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT), 0);

	const struct {
		const char *what;
		unsigned long pointer;
	} bad[] = {
		{ "NULL", 0 },
		{ "the kernel's text", 0xc0008000 },
		{ "the vectors", 0xffff0000 },
		{ "the last word", -4UL },
		{ "the border to the kernel", 0xbf000000 - 4 },
		{ "a read-only page", (unsigned long)pages + PAGE },
		{ "half in a read-only page", (unsigned long)pages + PAGE - 4 },
		{ "an unmapped page", (unsigned long)pages + 2 * PAGE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct limit_call call = GET(USER_A);

		call.second = bad[i].pointer;
		if (limit_call_do((long)&call) != -EFAULT)
			KTAP_FAIL("expected EFAULT for %s", bad[i].what);
	}

	/* The last bytes of a page will do, and unaligned ones too. */
	EXPECT_EQ(mmlimit_get(USER_A, (void *)(pages + PAGE - size)), 0);
	EXPECT_EQ(mmlimit_get(USER_A, (void *)(pages + 1)), 0);
	limit_expect(USER_A, LIMIT, 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(get_writes_its_structure_and_nothing_else, 10, "calls")
{
	struct {
		unsigned char before[64];
		struct mm_limit_user limit;
		unsigned char after[64];
	} buffer, untouched;

	memset(&untouched, 0xa5, sizeof(untouched));
	buffer = untouched;
	EXPECT_EQ(mmlimit_get(USER_A, &buffer.limit), -ENODATA);
	EXPECT_EQ(mmlimit_get(9999, &buffer.limit), -EACCES);
	EXPECT_TRUE(!memcmp(&buffer, &untouched, sizeof(buffer)));

	ASSERT_EQ(mmlimit_set_time(USER_A, LIMIT, 5), 0);
	EXPECT_EQ(sizeof(buffer.limit), 8);
	EXPECT_EQ(mmlimit_get(USER_A, &buffer.limit), 0);
	EXPECT_EQ(buffer.limit.mm_max, LIMIT);
	EXPECT_EQ(buffer.limit.time_allow_exceed_ms, 5);
	buffer.limit = untouched.limit;
	EXPECT_TRUE(!memcmp(&buffer, &untouched, sizeof(buffer)));
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}
