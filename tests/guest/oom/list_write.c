// SPDX-License-Identifier: GPL-2.0-only
/* Tests /proc/oom: how a list is written, and which attempts are refused. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/syscall.h>

#include <linux/capability.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/memory.h"
#include "lib/oomlist.h"
#include "lib/program.h"
#include "lib/slabs.h"
#include "lib/user.h"

static int open_list(int flags)
{
	int fd = open(OOMLIST, flags | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	return fd;
}

static ssize_t write_text(int fd, const char *text)
{
	ssize_t ret = write(fd, text, strlen(text));

	return ret < 0 ? -errno : ret;
}

static void end_all(struct worker *workers, int count)
{
	for (int i = 0; i < count; i++)
		worker_end(&workers[i]);
	OOMLIST_EXPECT_EMPTY();
}

KTAP_TEST(list_is_read_in_the_order_of_ranks, 10, "oomlist")
{
	struct worker w[3] = { worker_start(USER_A), worker_start(0),
			       worker_start(USER_B) };

	OOMLIST_EXPECT_EMPTY();
	OOMLIST_SET(w[1].pid, w[2].pid, w[0].pid);
	OOMLIST_EXPECT(w[1].pid, w[2].pid, w[0].pid);
	end_all(w, 3);
}

KTAP_TEST(new_list_replaces_the_old_one, 10, "oomlist")
{
	struct worker w[3] = { worker_start(USER_A), worker_start(USER_A),
			       worker_start(USER_A) };

	OOMLIST_SET(w[0].pid, w[1].pid);
	OOMLIST_SET(w[2].pid);
	OOMLIST_EXPECT(w[2].pid);
	OOMLIST_SET(w[2].pid, w[1].pid, w[0].pid);
	OOMLIST_EXPECT(w[2].pid, w[1].pid, w[0].pid);
	end_all(w, 3);
}

static const char *const malformed[] = {
	"0",
	"00",
	"01",
	"1 0",
	"-1",
	"- 1",
	"+1",
	"1-",
	"1,2",
	"x",
	"1x",
	"x1",
	"0x1",
	"1.5",
	"1;2",
	"1\r\n",
	"1\v2",
	/* Beside the digits in the table of characters */
	"1:",
	"1/",
	"1\f",
	"\x80",
	"2147483648",
	"4294967296",
	"1 -2",
	"4294967297\n",
	"self",
	"1 99999999999999999999999",
};

KTAP_TEST(malformed_list_leaves_the_old_one, 10, "oomlist")
{
	struct worker w = worker_start(USER_A);
	char text[64];

	OOMLIST_SET(w.pid);
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++) {
		if (oomlist_write(malformed[i]) != -EINVAL)
			KTAP_FAIL("\"%s\" was taken", malformed[i]);
		OOMLIST_EXPECT(w.pid);
		/* The malformed part stands behind something that is right. */
		snprintf(text, sizeof(text), "1\n2 3\n%s", malformed[i]);
		if (oomlist_write(text) != -EINVAL)
			KTAP_FAIL("\"1\\n2 3\\n%s\" was taken", malformed[i]);
		OOMLIST_EXPECT(w.pid);
	}
	end_all(&w, 1);
}

KTAP_TEST(empty_write_or_newline_clears_the_list, 10, "oomlist")
{
	static const char *const nothing[] = { "", "\n", " ", "\n\n \t\n" };
	struct worker w = worker_start(USER_A);

	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		OOMLIST_SET(w.pid);
		OOMLIST_EXPECT(w.pid);
		EXPECT_EQ(oomlist_write(nothing[i]), 0);
		OOMLIST_EXPECT_EMPTY();
	}
	end_all(&w, 1);
}

KTAP_TEST(file_that_is_only_opened_changes_nothing, 10, "oomlist")
{
	struct worker w = worker_start(USER_A);

	OOMLIST_SET(w.pid);
	close(open_list(O_WRONLY));
	close(open_list(O_WRONLY | O_TRUNC));
	close(open_list(O_RDWR));
	OOMLIST_EXPECT(w.pid);
	end_all(&w, 1);
}

KTAP_TEST(list_in_many_writes_is_one_list, 20, "oomlist")
{
	struct worker w[3] = { worker_start(USER_A), worker_start(USER_A),
			       worker_start(USER_A) };
	char text[64];
	size_t length = snprintf(text, sizeof(text), "%d %d\n%d", w[2].pid,
				 w[0].pid, w[1].pid);

	for (size_t piece = 1; piece <= length; piece++) {
		int fd = open_list(O_WRONLY);

		OOMLIST_SET(w[1].pid);
		for (size_t i = 0; i < length; i += piece) {
			size_t size = length - i < piece ? length - i : piece;

			/*
			 * Until the new list is complete, the old one stands.
			 */
			OOMLIST_EXPECT(w[1].pid);
			ASSERT_EQ(write(fd, text + i, size), size);
		}
		OOMLIST_EXPECT(w[1].pid);
		EXPECT_EQ(close(fd), 0);
		OOMLIST_EXPECT(w[2].pid, w[0].pid, w[1].pid);
	}
	end_all(w, 3);
}

KTAP_TEST(one_bad_write_spoils_the_whole_list, 10, "oomlist")
{
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_A) };
	char good[16];
	int fd;

	OOMLIST_SET(w[0].pid);
	snprintf(good, sizeof(good), "%d\n", w[1].pid);
	fd = open_list(O_WRONLY);
	EXPECT_EQ(write_text(fd, good), strlen(good));
	EXPECT_EQ(write_text(fd, "nonsense\n"), -EINVAL);
	EXPECT_EQ(write_text(fd, good), -EINVAL);
	close(fd);
	OOMLIST_EXPECT(w[0].pid);

	/* Two pieces that are right by themselves: "12" "-3", "2147483" "648" */
	fd = open_list(O_WRONLY);
	EXPECT_EQ(write_text(fd, "2147483"), 7);
	EXPECT_EQ(write_text(fd, "648"), -EINVAL);
	close(fd);
	OOMLIST_EXPECT(w[0].pid);

	/* A write from the start of the file begins another list. */
	fd = open_list(O_WRONLY);
	EXPECT_EQ(write_text(fd, "nonsense\n"), -EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	OOMLIST_EXPECT(w[0].pid);
	EXPECT_EQ(write_text(fd, good), strlen(good));
	close(fd);
	OOMLIST_EXPECT(w[1].pid);
	end_all(w, 2);
}

KTAP_TEST(rewinding_puts_a_list_in_force, 10, "oomlist")
{
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_A) };
	char text[2][16], found[64] = "";
	int fd = open_list(O_RDWR);

	for (int i = 0; i < 2; i++)
		snprintf(text[i], sizeof(text[i]), "%d\n", w[i].pid);

	ASSERT_EQ(write_text(fd, text[0]), strlen(text[0]));
	/* Asking for the position does not end the list. */
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), strlen(text[0]));
	OOMLIST_EXPECT_EMPTY();
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	OOMLIST_EXPECT(w[0].pid);
	EXPECT_EQ(read(fd, found, sizeof(found)), strlen(text[0]));
	EXPECT_STREQ(found, text[0]);

	/* Reading does not end it, and does not bring it back either. */
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	ASSERT_EQ(write_text(fd, text[1]), strlen(text[1]));
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	OOMLIST_EXPECT(w[1].pid);
	OOMLIST_SET(w[0].pid);
	close(fd);
	OOMLIST_EXPECT(w[0].pid);
	end_all(w, 2);
}

KTAP_TEST(write_in_the_middle_is_refused, 10, "oomlist")
{
	struct worker w[2] = { worker_start(USER_A), worker_start(USER_A) };
	char text[16];
	int fd = open_list(O_WRONLY);

	OOMLIST_SET(w[0].pid);
	snprintf(text, sizeof(text), "%d\n", w[1].pid);
	EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
	EXPECT_EQ(write_text(fd, text), -EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write_text(fd, text), strlen(text));
	EXPECT_EQ(lseek(fd, -1, SEEK_CUR), strlen(text) - 1);
	EXPECT_EQ(write_text(fd, text), -EINVAL);
	EXPECT_EQ(pwrite(fd, text, strlen(text), 0), -1);
	EXPECT_EQ(errno, ESPIPE);
	close(fd);
	OOMLIST_EXPECT(w[0].pid);

	fd = open_list(O_WRONLY | O_APPEND);
	EXPECT_EQ(write_text(fd, text), strlen(text));
	close(fd);
	OOMLIST_EXPECT(w[1].pid);
	end_all(w, 2);
}

/* For a root worker: writes the beginning of a list that is long in coming. */
static long write_and_keep_open(long unused)
{
	int fd = open_list(O_WRONLY);

	return write_text(fd, worker_parcel);
}

KTAP_TEST(writer_that_is_killed_changes_nothing, 10, "oomlist")
{
	struct worker w = worker_start(USER_A), writer = worker_start(0);

	OOMLIST_SET(w.pid);
	snprintf(worker_parcel, sizeof(worker_parcel), "%d\n1", writer.pid);
	EXPECT_EQ(worker_call(&writer, write_and_keep_open, 0),
		  strlen(worker_parcel));
	ASSERT_EQ(kill(writer.pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&writer));
	OOMLIST_EXPECT(w.pid);
	end_all(&w, 1);
}

KTAP_TEST(writer_that_exits_has_written_its_list, 10, "oomlist")
{
	struct worker w = worker_start(USER_A), writer = worker_start(0);

	snprintf(worker_parcel, sizeof(worker_parcel), "%d", w.pid);
	EXPECT_EQ(worker_call(&writer, write_and_keep_open, 0),
		  strlen(worker_parcel));
	OOMLIST_EXPECT_EMPTY();
	worker_end(&writer);
	OOMLIST_EXPECT(w.pid);
	end_all(&w, 1);
}

KTAP_TEST(list_counts_when_nobody_can_add_to_it, 10, "oomlist")
{
	struct worker listed = worker_start(USER_A), holder;
	int fd = open_list(O_WRONLY);
	char text[16];

	/* From here on this process has the file open as well. */
	holder = worker_start(0);
	snprintf(text, sizeof(text), "%d", listed.pid);
	ASSERT_EQ(write_text(fd, text), strlen(text));
	EXPECT_EQ(close(fd), 0);
	OOMLIST_EXPECT_EMPTY();
	worker_end(&holder);
	OOMLIST_EXPECT(listed.pid);
	end_all(&listed, 1);
}

/* All numbers that there are, in tools that write them in pieces of their own */
KTAP_TEST(shell_and_its_tools_write_lists_of_any_length, 60, "oomlist")
{
	static const char *const commands[] = {
		"echo $2 $(seq 3 30000) $1 $2 > " OOMLIST,
		"printf '%s\n' $2 $(seq 3 30000) $1 > " OOMLIST,
		"(echo $2; seq 3 30000; echo $1) > " OOMLIST,
		"(echo $2; seq 3 30000; echo $1) | cat > " OOMLIST,
		"(echo $2; seq 3 30000; echo $1) | dd bs=7 of=" OOMLIST,
		"(echo $2; seq 3 30000; echo $1) | tee " OOMLIST " >/dev/null",
		"exec 3>" OOMLIST "; echo $2 >&3; seq 3 30000 >&3; echo $1 >&3",
	};
	struct worker last = worker_start(0);
	static pid_t pids[OOMLIST_MAX];
	char output[PROGRAM_OUTPUT], number[16];

	snprintf(number, sizeof(number), "%d", last.pid);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		size_t count;

		ASSERT_EQ(oomlist_write("\n"), 0);
		EXPECT_EQ(PROGRAM(output, "sh", "-c", commands[i], "sh", "1",
				  number),
			  0);
		count = oomlist_read_by(4096, pids, OOMLIST_MAX);
		ASSERT_GT(count, 2);
		EXPECT_EQ(pids[0], last.pid);
		EXPECT_EQ(pids[count - 1], 1);
	}
	ASSERT_EQ(PROGRAM(output, "sh", "-c", "echo 1 2 x > " OOMLIST), 256);
	EXPECT_TRUE(strstr(output, "Invalid argument"));
	ASSERT_EQ(PROGRAM(output, "sh", "-c", "echo > " OOMLIST), 0);
	OOMLIST_EXPECT_EMPTY();
	worker_end(&last);
}

KTAP_TEST(bad_buffer_leaves_the_old_list, 10, "oomlist")
{
	struct worker w = worker_start(USER_A);
	struct region region = region_map(2);
	char *text = (char *)region.base;
	int fd;

	OOMLIST_SET(w.pid);
	memset(text, ' ', PAGE);
	text[0] = '1';
	ASSERT_EQ(munmap(text + PAGE, PAGE), 0);
	fd = open_list(O_WRONLY);
	EXPECT_EQ(write(fd, text, 2 * PAGE), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(fd, text + PAGE, 1), -1);
	EXPECT_EQ(errno, EFAULT);
	close(fd);
	OOMLIST_EXPECT(w.pid);
	end_all(&w, 1);
}

static long try_to_write(long unused)
{
	int fd = open(OOMLIST, O_RDONLY);

	if (fd < 0)
		return -1000;
	/* A descriptor for reading is no way either. */
	if (write_text(fd, "1") != -EBADF)
		return -1001;
	close(fd);
	return oomlist_write("1");
}

/* Root that has lost the right to administer, as in a container */
static long try_without_capability(long unused)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	data[0].permitted &= ~(1U << CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &header, data))
		return -errno;
	return try_to_write(0);
}

/* Root with all capabilities, in a user namespace */
static long try_in_a_namespace(long unused)
{
	if (unshare(CLONE_NEWUSER) || file_write("/proc/self/uid_map", "0 0 1"))
		return -errno;
	return try_to_write(0);
}

KTAP_TEST(only_administrators_of_the_machine_write, 10, "oomlist")
{
	struct worker w = worker_start(USER_A);

	OOMLIST_SET(w.pid);
	EXPECT_EQ(worker_call(&w, try_to_write, 0), -EACCES);
	EXPECT_EQ(user_run(0, try_without_capability, 0), -EPERM);
	EXPECT_EQ(user_run(0, try_in_a_namespace, 0), -EPERM);
	OOMLIST_EXPECT(w.pid);
	end_all(&w, 1);
}

/* A list that failed, one that is begun anew with nothing, and one that its writer's death ends */
static void write_in_vain(int fd, const char *text)
{
	struct worker writer = worker_start(0);

	EXPECT_EQ(write_text(fd, text), strlen(text));
	EXPECT_EQ(write_text(fd, "nonsense\n"), -EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	/* That is still the start of the file, so the list begins once more. */
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(write(fd, "", 0), 0);
	EXPECT_EQ(write_text(fd, "nonsense\n"), -EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);

	snprintf(worker_parcel, sizeof(worker_parcel), "%s", text);
	EXPECT_EQ(worker_call(&writer, write_and_keep_open, 0), strlen(text));
	ASSERT_EQ(kill(writer.pid, SIGKILL), 0);
	EXPECT_TRUE(worker_was_killed(&writer));
}

#define ROUNDS 200

/* Each begins with half a KiB, whatever is in it. */
KTAP_TEST(lists_that_are_begun_anew_or_replaced_leave_no_memory_behind, 60,
	  "oomlist oomlist_smp")
{
	struct worker w = worker_start(USER_A);
	int fd = open_list(O_WRONLY);
	long before = 0;
	char text[16];

	snprintf(text, sizeof(text), "%d\n", w.pid);
	for (int round = -20; round < ROUNDS; round++) {
		if (!round)
			before = slabs_used();
		write_in_vain(fd, text);
		OOMLIST_EXPECT_EMPTY();
		ASSERT_EQ(oomlist_write(text), 0);
		ASSERT_EQ(oomlist_write("\n"), 0);
	}
	slabs_expect_grown_less(before, ROUNDS / 4);
	close(fd);
	end_all(&w, 1);
}
