// SPDX-License-Identifier: GPL-2.0-only
/* System calls on limits, made as any user. */
#define _GNU_SOURCE 1
#include <string.h>
#include <unistd.h>

#include <sys/syscall.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/limits.h"

struct mm_limit_user limit_call_result;

long limit_call_do(long call)
{
	const struct limit_call *c = (const struct limit_call *)call;
	long ret = syscall(c->number, c->uid, c->second, c->third);

	return ret < 0 ? -errno : ret;
}

long limit_call_as(uid_t uid, struct limit_call call)
{
	/*
	 * The worker is a copy of this process, so the address is good there.
	 */
	return user_run(uid, limit_call_do, (long)&call);
}

long limit_call_by(struct worker *worker, struct limit_call call)
{
	memcpy(worker_parcel, &call, sizeof(call));
	return worker_call(worker, limit_call_do, (long)worker_parcel);
}

long limit_ctl(int op, const void *attr, size_t size)
{
	return syscall(__NR_mm_limit_ctl, op, attr, size) ? -errno : 0;
}

struct mm_limit_attr limit_read(uid_t uid)
{
	struct mm_limit_attr attr = { .uid = uid };

	ASSERT_EQ(limit_ctl(MM_LIMIT_CTL_GET, &attr, sizeof(attr)), 0);
	return attr;
}

void limit_expect(uid_t uid, unsigned long bytes, unsigned long grace_ms)
{
	struct mm_limit_user limit = { 0 };

	EXPECT_EQ(mmlimit_get(uid, &limit), 0);
	EXPECT_EQ(limit.mm_max, bytes);
	EXPECT_EQ(limit.time_allow_exceed_ms, grace_ms);
}

void limit_expect_none(uid_t uid)
{
	struct mm_limit_user limit;

	EXPECT_EQ(mmlimit_get(uid, &limit), -ENODATA);
}

void limit_wait_for_state(uid_t uid, unsigned int state)
{
	ktap_waiting_for("state %u of the limit of user %u", state, uid);
	while (limit_read(uid).state != state)
		usleep(1000);
	ktap_waiting_for(NULL);
}

void limits_count(const char *definition)
{
	ASSERT_EQ(file_write(COUNTED, definition), 0);
}

void limits_log_table(bool shown)
{
	ASSERT_EQ(file_write("/proc/sys/vm/mm_limit_log_table",
			     shown ? "1" : "0"),
		  0);
}

void limit_expect_unchanged(const struct mm_limit_attr *before)
{
	struct mm_limit_attr now = limit_read(before->uid);

	EXPECT_EQ(memcmp(&now, before, sizeof(now)), 0);
}
