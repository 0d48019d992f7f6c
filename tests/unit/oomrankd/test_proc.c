// SPDX-License-Identifier: GPL-2.0-only
/* Processes, as they are read from folders that look like /proc. */
#define _GNU_SOURCE 1
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "parse.h"

#define ADMIN (1ULL << 21)
#define RAWIO (1ULL << 17)

static const struct fixture_process plain = {
	.pid = 312,
	.name = "hog",
	.start_s = 1000,
	.pages = 5000,
	.utime = 1000,
	.stime = 299,
	.uid = 10070,
	.euid = 10070,
};

/* Reads one process of the fixture. Returns whether it may be killed. */
static bool read_process(pid_t pid, struct oomrank_process *process)
{
	struct proc proc = fixture_open();
	bool ret;

	assert_int_equal(proc_read_uptime(&proc), 0);
	ret = proc_read(&proc, pid, process);
	proc_close(&proc);
	return ret;
}

static bool may_be_killed(const struct fixture_process *process)
{
	struct oomrank_process read;

	fixture_add(process);
	return read_process(process->pid, &read);
}

static struct oomrank_facts facts_of(const struct fixture_process *process)
{
	struct oomrank_process read;

	fixture_add(process);
	assert_true(read_process(process->pid, &read));
	return read.facts;
}

static void each_fact_arrives(void **state)
{
	struct oomrank_process process;

	(void)state;
	fixture_add(&plain);
	assert_true(read_process(312, &process));
	assert_int_equal(process.pid, 312);
	assert_string_equal(process.name, "hog");
	assert_int_equal(process.facts.total_vm, 5000);
	assert_int_equal(process.facts.cpu_s, 12);
	assert_int_equal(process.facts.run_s, 9000);
	assert_false(process.facts.niced);
	assert_false(process.facts.root);
	assert_false(process.facts.raw_io);
	assert_int_equal(process.points, 5000);
}

static void niced_is_above_zero(void **state)
{
	struct fixture_process process = plain;

	(void)state;
	for (process.nice = -20; process.nice < 20; process.nice++)
		assert_int_equal(facts_of(&process).niced, process.nice > 0);
}

static void root_is_a_uid_or_a_capability(void **state)
{
	struct fixture_process process = plain;

	(void)state;
	process.uid = 0;
	assert_true(facts_of(&process).root);
	process.uid = 10070;
	process.euid = 0;
	assert_true(facts_of(&process).root);
	process.euid = 10070;
	process.caps = ADMIN;
	assert_true(facts_of(&process).root);
	assert_false(facts_of(&process).raw_io);
	process.caps = RAWIO;
	assert_false(facts_of(&process).root);
	assert_true(facts_of(&process).raw_io);
	process.caps = ~(RAWIO | ADMIN);
	assert_false(facts_of(&process).root);
	assert_false(facts_of(&process).raw_io);
}

static void capabilities_count_in_our_user_namespace_only(void **state)
{
	struct fixture_process process = plain;
	struct oomrank_process read;
	struct stat ours;
	char path[128];
	struct proc proc;

	(void)state;
	process.caps = RAWIO | ADMIN;
	fixture_add(&process);
	proc = fixture_open();
	assert_int_equal(proc_read_uptime(&proc), 0);
	proc.has_namespaces = true;
	assert_true(proc_read(&proc, 312, &read));
	assert_false(read.facts.root);
	assert_false(read.facts.raw_io);
	snprintf(path, sizeof(path), "%s/312/ns/user", fixture_root);
	assert_int_equal(stat(path, &ours), 0);
	proc.namespace_dev = ours.st_dev;
	proc.namespace_ino = ours.st_ino;
	assert_true(proc_read(&proc, 312, &read));
	assert_true(read.facts.root);
	assert_true(read.facts.raw_io);
	/* The process has gone since its status was read. */
	fixture_remove("312/ns/user");
	assert_true(proc_read(&proc, 312, &read));
	assert_false(read.facts.root);
	proc_close(&proc);
}

static void names_may_hold_anything(void **state)
{
	static const char *const names[] = {
		"",
		")",
		"(",
		"a b",
		") R 1 1",
		"\n1 (x) S 1",
		"((((((((((((((",
		"))))))))))))))",
		"\33[31m",
		"0 0 0 0 0 0 0",
		"\xff\xfe",
		"Uid:\t0\t0\t0",
	};
	struct fixture_process process = plain;
	struct oomrank_process read;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		process.name = names[i];
		fixture_add(&process);
		/* There, the kernel escapes what would end the line. */
		fixture_print("312/status",
			      "Name:\tx\nUid:\t10070\t10070\t10070\t10070\n"
			      "CapEff:\t0000000000000000\n");
		assert_true(read_process(312, &read));
		assert_string_equal(read.name, names[i]);
		assert_int_equal(read.facts.run_s, 9000);
		assert_false(read.facts.niced);
	}
}

static void who_may_not_be_killed_is_left_out(void **state)
{
	struct fixture_process process;

	(void)state;
	process = plain;
	process.pid = 1;
	assert_false(may_be_killed(&process));
	process.pid = FIXTURE_SELF;
	assert_false(may_be_killed(&process));
	process = plain;
	process.flags = PROC_KTHREAD;
	assert_false(may_be_killed(&process));
	process = plain;
	process.adj = -1000;
	assert_false(may_be_killed(&process));
	process.adj = -999;
	assert_true(may_be_killed(&process));
	process.adj = 1000;
	assert_true(may_be_killed(&process));
	process = plain;
	process.pages = 0;
	process.state = 'Z';
	assert_false(may_be_killed(&process));
	/* 15 pages / 4 / 4 */
	process = plain;
	process.pages = 15;
	process.uid = 0;
	process.caps = RAWIO;
	assert_false(may_be_killed(&process));
}

static void memory_is_seen_behind_a_dead_first_thread(void **state)
{
	struct fixture_process process = plain;
	struct oomrank_process read;

	(void)state;
	process.pages = 0;
	process.state = 'Z';
	process.threads = 3;
	fixture_add(&process);
	assert_false(read_process(312, &read));
	fixture_print("312/task/312/statm", "0 0 0 0 0 0 0\n");
	fixture_print("312/task/313/stat", "gone halfway");
	assert_false(read_process(312, &read));
	fixture_print("312/task/314/statm", "4711 1 1 1 0 1 0\n");
	assert_true(read_process(312, &read));
	assert_int_equal(read.facts.total_vm, 4711);
}

/* A process that ends between two reads takes its files along, one or all. */
static void vanished_files_leave_the_process_out(void **state)
{
	static const char *const files[] = { "312/stat", "312/statm", "312/oom",
					     "312/oom_score_adj",
					     "312/status" };
	struct oomrank_process read;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		fixture_add(&plain);
		assert_true(read_process(312, &read));
		fixture_remove(files[i]);
		assert_false(read_process(312, &read));
	}
	assert_false(read_process(313, &read));
}

/*
 * Each file is cut after every number of bytes, and never read as if it were
 * complete.
 */
static void truncated_files_leave_the_process_out(void **state)
{
	static const struct {
		const char *path;
		const char *needed;
	} files[] = {
		{ "312/stat", "312 (hog) S 1 1 1 0 -1 4194560 84 0 0 0 0 1 0 "
			      "0 20 0 1 0 100000 " },
		{ "312/statm", "5000 " },
		{ "312/oom", "312 1000 299\n" },
		{ "312/oom_score_adj", "-17\n" },
		{ "312/status",
		  "Name:\thog\nUid:\t10070\t10070\t10070\t10070\nGid:\t0\n"
		  "CapEff:\t0000000000000000\n" },
	};
	struct oomrank_process read;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		size_t length = strlen(files[i].needed);

		fixture_add(&plain);
		for (size_t size = 0; size < length; size++) {
			fixture_write(files[i].path, files[i].needed, size);
			if (read_process(312, &read))
				fail_msg("%s: %zu bytes are taken",
					 files[i].path, size);
		}
		fixture_write(files[i].path, files[i].needed, length);
		assert_true(read_process(312, &read));
	}
}

#define STAT(flags, nice, start)                                     \
	"312 (hog) S 1 1 1 0 -1 " flags " 84 0 0 0 0 1 0 0 20 " nice \
	" 1 0 " start
#define STATUS(uids, caps) "Uid:\t" uids "\nCapEff:\t" caps "\n"

static void garbage_leaves_the_process_out(void **state)
{
	static const struct {
		const char *path;
		const char *text;
	} table[] = {
		{ "312/stat", "\n" },
		{ "312/stat", "312 (hog) S\n" },
		{ "312/stat",
		  "312 hog S 1 1 1 0 -1 0 84 0 0 0 0 1 0 0 20 0 1\n" },
		{ "312/stat",
		  "312 )hog( S 1 1 1 0 -1 0 84 0 0 0 0 1 0 0 20 0 1 0 7 1\n" },
		{ "312/stat", STAT("-1", "0", "57 1\n") },
		{ "312/stat", STAT("0", "x", "57 1\n") },
		{ "312/stat", STAT("0", "-", "57 1\n") },
		{ "312/stat", STAT("0", "--1", "57 1\n") },
		{ "312/stat", STAT("0", "0", "57x 1\n") },
		{ "312/stat", STAT("0", "0", "18446744073709551616 1\n") },
		{ "312/statm", "x\n" },
		{ "312/statm", "-1 0\n" },
		{ "312/statm", "5000x 0\n" },
		{ "312/statm", "99999999999999999999999 1 1\n" },
		{ "312/oom", "312 1\n" },
		{ "312/oom", "312 1 -1\n" },
		{ "312/oom", "312 1 1x\n" },
		{ "312/oom", "312 18446744073709551616 1\n" },
		{ "312/oom", "2147483648 1 1\n" },
		{ "312/oom_score_adj", "\n" },
		{ "312/oom_score_adj", "-\n" },
		{ "312/oom_score_adj", "- 1\n" },
		{ "312/oom_score_adj", "--1\n" },
		{ "312/oom_score_adj", "9223372036854775808\n" },
		{ "312/status", STATUS("1", "0") },
		{ "312/status", STATUS("1\t1\t1\t1", "") },
		{ "312/status", STATUS("1\t1\t1\t1", "g") },
		{ "312/status", STATUS("1\t1\t1\t1", "10000000000000000") },
		{ "312/status", STATUS("-1\t1\t1\t1", "0") },
		{ "312/status", STATUS("4294967296\t1\t1\t1", "0") },
		{ "312/status", " " STATUS("1\t1\t1\t1", "0") },
	};
	struct oomrank_process read;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		fixture_add(&plain);
		assert_true(read_process(312, &read));
		fixture_print(table[i].path, "%s", table[i].text);
		if (read_process(312, &read))
			fail_msg("%s: '%s' is taken", table[i].path,
				 table[i].text);
	}
	/* What the files say when they are complete */
	fixture_add(&plain);
	fixture_print("312/stat", STAT("0", "-1", "57 1\n"));
	fixture_print("312/status", STATUS("1\t1\t1\t1", "0"));
	assert_true(read_process(312, &read));
}

static void huge_numbers_saturate(void **state)
{
	struct oomrank_process read;

	(void)state;
	fixture_add(&plain);
	fixture_print("312/statm", "%lu 1 1 1 0 1 0\n", ULONG_MAX);
	fixture_print("312/oom",
		      "312 18446744073709551615 18446744073709551615\n");
	assert_true(read_process(312, &read));
	assert_int_equal(read.facts.cpu_s, ULONG_MAX / FIXTURE_TICKS);
	assert_int_equal(read.facts.total_vm, ULONG_MAX);
	/* Started after the time was read */
	fixture_add(&plain);
	fixture_print("312/stat",
		      "312 (hog) S 1 1 1 0 -1 0 84 0 0 0 0 1 0 0 20 0 1 0 "
		      "1000100 1 1\n");
	assert_true(read_process(312, &read));
	assert_int_equal(read.facts.run_s, 0);
}

/* 65536 of them, which is what a process can have */
static void many_groups_hide_nothing(void **state)
{
	static char text[1000000];
	struct oomrank_process read;
	size_t length;

	(void)state;
	fixture_add(&plain);
	for (int shift = 0; shift < 70; shift++) {
		length = sprintf(text,
				 "Name:\t%.*s\nUid:\t1\t1\t1\t1\nGroups:\t",
				 shift,
				 "0123456789012345678901234567890123456"
				 "789012345678901234567890123456789");
		for (unsigned int i = 0; i < 65536; i++)
			length +=
				sprintf(text + length, "%u ", 4000000000U + i);
		/* Nor do they pretend to be what follows them. */
		length += sprintf(
			text + length,
			"CapEff:\t0\nVmPeak:\t1 kB\nCapEff:\t%016llx\n", RAWIO);
		fixture_write("312/status", text, length);
		assert_true(read_process(312, &read));
		assert_true(read.facts.raw_io);
	}
}

struct seen {
	pid_t pids[16];
	int count;
};

static void note(const struct oomrank_process *process, void *data)
{
	struct seen *seen = data;

	assert_true(seen->count < 16);
	seen->pids[seen->count++] = process->pid;
}

static void each_process_is_visited_once(void **state)
{
	static const pid_t pids[] = { 1,   2,	  FIXTURE_SELF, 99,
				      100, 32767, 4194304 };
	struct fixture_process process = plain;
	struct proc proc = fixture_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		process.pid = pids[i];
		fixture_add(&process);
	}
	fixture_remove("99/oom");
	for (int again = 0; again < 3; again++) {
		struct seen seen = { .count = 0 };

		assert_int_equal(proc_for_each(&proc, note, &seen), 7);
		assert_int_equal(seen.count, 4);
		for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
			int times = 0;

			for (int j = 0; j < seen.count; j++)
				times += seen.pids[j] == pids[i];
			assert_int_equal(times,
					 pids[i] != 1 && pids[i] != 99 &&
						 pids[i] != FIXTURE_SELF);
		}
	}
	proc_close(&proc);
}

static void descriptors_are_closed(void **state)
{
	struct seen seen;
	int before, after;
	struct proc proc;

	(void)state;
	memory_is_seen_behind_a_dead_first_thread(state);
	before = dup(0);
	close(before);
	proc = fixture_open();
	for (int i = 0; i < 2000; i++) {
		seen.count = 0;
		proc_for_each(&proc, note, &seen);
	}
	proc_close(&proc);
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
}

static void broken_uptime_is_an_error(void **state)
{
	static const char *const texts[] = { "", "x", "12", "-1.0 ", "12x" };
	struct proc proc = fixture_open();
	struct seen seen = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		fixture_print("uptime", "%s", texts[i]);
		assert_int_equal(proc_for_each(&proc, note, &seen), -EPROTO);
	}
	proc_close(&proc);
	fixture_remove("uptime");
	assert_int_equal(proc_open(&proc, fixture_root, FIXTURE_TICKS, 1),
			 -ENOENT);
	assert_int_equal(proc_open(&proc, "/nonexistent", FIXTURE_TICKS, 1),
			 -ENOENT);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_fact_arrives),
		TEST(niced_is_above_zero),
		TEST(root_is_a_uid_or_a_capability),
		TEST(capabilities_count_in_our_user_namespace_only),
		TEST(names_may_hold_anything),
		TEST(who_may_not_be_killed_is_left_out),
		TEST(memory_is_seen_behind_a_dead_first_thread),
		TEST(vanished_files_leave_the_process_out),
		TEST(truncated_files_leave_the_process_out),
		TEST(garbage_leaves_the_process_out),
		TEST(huge_numbers_saturate),
		TEST(many_groups_hide_nothing),
		TEST(each_process_is_visited_once),
		TEST(descriptors_are_closed),
		TEST(broken_uptime_is_an_error),
	};

	return RUN_GROUP(tests);
}
