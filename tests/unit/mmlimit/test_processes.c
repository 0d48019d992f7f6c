// SPDX-License-Identifier: GPL-2.0-only
/* Processes, and what they take: what is read of them, and in which order. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "processes.h"

#define STATUS(name, uid, rss, tables, swap)                         \
	"Name:\t" name "\nState:\tS (sleeping)\nPid:\t1\nUid:\t" uid \
	"\t0\t0\t0\nVmSize:\t  9000 kB\nVmRSS:\t  " rss              \
	" kB\nVmPTE:\t " tables " kB\nVmSwap:\t " swap " kB\nThreads:\t1\n"

static void figures_are_summed_up(void **state)
{
	struct process process;

	(void)state;
	assert_true(process_parse(STATUS("hog", "10070", "40960", "92", "8"),
				  &process));
	assert_string_equal(process.name, "hog");
	assert_int_equal(process.uid, 10070);
	assert_int_equal(process.bytes, 41060 * 1024);
	/* A name can be nearly anything. */
	assert_true(process_parse(
		STATUS("a \\n\033[2J", "4294967294", "1", "0", "0"), &process));
	assert_string_equal(process.name, "a \\n?[2J");
	assert_int_equal(process.uid, 4294967294);
}

static void what_has_no_memory_is_left_out(void **state)
{
	static const char *const table[] = {
		"",
		"Name:\tkthreadd\nUid:\t0\t0\t0\t0\nThreads:\t1\n",
		"Name:\thog\nVmRSS:\t 1 kB\n",
		"Uid:\t0\nVmRSS:\t 1 kB\n",
	};
	struct process process;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_false(process_parse(table[i], &process));
}

static char folder[] = "/tmp/test_processes.XXXXXX";

static void make_process(const char *pid, const char *status)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, pid);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/status");
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(status, file);
	assert_int_equal(fclose(file), 0);
}

static void expect(const struct processes *processes, uid_t uid,
		   const char *pids)
{
	size_t count;
	const struct process *process = processes_of(processes, uid, &count);
	char found[64] = "";

	for (; count; count--, process++)
		sprintf(found + strlen(found), "%d ", process->pid);
	assert_string_equal(found, pids);
}

static void a_users_largest_come_first(void **state)
{
	struct processes processes;
	char command[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	make_process("12", STATUS("a", "10070", "100", "1", "0"));
	make_process("13", STATUS("b", "10060", "900", "1", "0"));
	make_process("14", STATUS("c", "10070", "300", "1", "0"));
	make_process("15", STATUS("d", "10080", "100", "1", "0"));
	make_process("16", STATUS("e", "10070", "100", "1", "0"));
	make_process("sys", STATUS("f", "10070", "500", "1", "0"));
	make_process("2", "Name:\tkthreadd\nUid:\t10070\t0\t0\t0\n");
	assert_int_equal(processes_read(folder, &processes), 0);
	assert_int_equal(processes.count, 5);
	expect(&processes, 10070, "14 12 16 ");
	expect(&processes, 10060, "13 ");
	expect(&processes, 10080, "15 ");
	expect(&processes, 10061, "");
	expect(&processes, 10090, "");
	free(processes.list);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(processes_read(folder, &processes), -ENOENT);
	assert_int_equal(processes.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_summed_up),
		cmocka_unit_test(what_has_no_memory_is_left_out),
		cmocka_unit_test(a_users_largest_come_first),
	};

	return RUN_GROUP(tests);
}
