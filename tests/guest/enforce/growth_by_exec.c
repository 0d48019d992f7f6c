// SPDX-License-Identifier: GPL-2.0-only
/* Tests that an exec, which makes a new address space grow, stops at the limit. */
#define _GNU_SOURCE 1
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <link.h>

#include "ktap/ktap.h"
#include "lib/growth.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/processes.h"
#include "lib/usage.h"
#include "lib/user.h"

/* Arguments of an exec, each of the greatest length */
#define STRINGS ktap_volume("strings")
#define STRING (128 * KIB)

static long exec_with(long strings)
{
	static char text[STRING];
	const struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };
	char *words[64] = { "true" };

	memset(text, '0', sizeof(text) - 1);
	setrlimit(RLIMIT_STACK, &most);
	for (long i = 1; i <= strings; i++)
		words[i] = text;
	execv("/bin/true", words);
	return -errno;
}

KTAP_TEST(arguments_of_an_exec_are_stopped_at_the_limit, 10,
	  "growth growth_smp")
{
	/* The process, and half of its arguments */
	const unsigned long limit = MIB / 2 + STRINGS * STRING / 2;
	struct worker worker = worker_start(USER_A);

	ASSERT_EQ(mmlimit_set(USER_A, limit), 0);
	worker_send(&worker, exec_with, STRINGS);
	EXPECT_TRUE(worker_was_killed(&worker));
	growth_expect_peak(limit + GROWTH_FAULT);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(exec_waits_for_memory_on_its_way_back, 20, "growth growth_smp")
{
	struct worker lingering, worker;

	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	lingering = growth_begin_wait(16 * MIB);
	growth_expect_wait(&lingering, &worker, exec_with, STRINGS);
	EXPECT_EQ(worker_wait(&worker), 0);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* A list of empty strings takes five bytes each of the new program. */
#define EMPTY_STRINGS 500000
#define LIST_PART (64 * KIB)

/*
 * Makes a list that takes next to nothing here, as each part of it is the same memory, and
 * ends it with a page of its own.
 */
static char **list_of_empty_strings(void)
{
	const size_t parts = EMPTY_STRINGS * sizeof(char *) / LIST_PART;
	int file = syscall(SYS_memfd_create, "list", 0);
	char **list = (char **)region_map(parts * LIST_PART / PAGE + 1).base;

	ftruncate(file, LIST_PART);
	for (size_t i = 0; i < parts; i++)
		if (mmap((char *)list + i * LIST_PART, LIST_PART,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
			 0) == MAP_FAILED)
			return NULL;
	for (size_t i = 0; i < LIST_PART / sizeof(char *); i++)
		list[i] = "";
	list[0] = "true";
	list[parts * LIST_PART / sizeof(char *)] = NULL;
	return list;
}

static long exec_with_empty_strings(long unused)
{
	const struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };
	char **list = list_of_empty_strings();

	if (!list || setrlimit(RLIMIT_STACK, &most))
		return -errno;
	execve("/bin/true", list, NULL);
	return -errno;
}

/* Most of it are the pointers to the strings, which come when the old program is gone. */
KTAP_TEST(exec_with_many_strings_waits_for_memory_on_its_way_back, 60, "growth")
{
	struct worker lingering, worker;

	usage_begin(USER_A);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	lingering = growth_begin_wait(16 * MIB);
	growth_expect_wait(&lingering, &worker, exec_with_empty_strings, 0);
	worker_wait(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(arguments_of_many_execs_are_stopped_at_the_limit, 20,
	  "growth growth_smp")
{
	const int count = ktap_volume("execs");
	struct worker *workers = calloc(count, sizeof(*workers));
	unsigned long limit;

	ASSERT_TRUE(workers);
	for (int i = 0; i < count; i++)
		workers[i] = worker_start(USER_A);
	/* A fifth of what all of them ask for */
	limit = growth_limit(workers, count, count * MIB);
	for (int i = 0; i < count; i++)
		worker_send(&workers[i], exec_with, STRINGS);
	for (int i = 0; i < count; i++) {
		long ret = worker_receive(&workers[i]);

		/* It is killed, or another program by now, or refused that. */
		if (ret == WORKER_DIED) {
			worker_wait(&workers[i]);
			continue;
		}
		EXPECT_EQ(ret, -ENOMEM);
		worker_end_or_die(&workers[i]);
	}
	growth_expect_peak(limit + count * GROWTH_FAULT);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	free(workers);
}

/* The arguments are held once, where the new program will have them. */
KTAP_TEST(arguments_of_an_exec_are_charged_once, 10, "growth growth_smp")
{
	struct worker worker = worker_start(USER_A);
	struct mm_limit_attr attr;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker_send(&worker, exec_with, STRINGS);
	EXPECT_EQ(worker_wait(&worker), 0);
	attr = limit_read(USER_A);
	EXPECT_GE(attr.peak, STRINGS * STRING);
	EXPECT_LT(attr.peak, 2 * STRINGS * STRING);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

/* As many as the table of segments has in a page, beside the interpreter's name */
#define SEGMENTS (PAGE / sizeof(ElfW(Phdr)) - 1)
#define SEGMENTS_AT 0x10000

static const char program[] = "/tmp/segments";

/*
 * Makes a program that is its own interpreter: of each segment, a page, the last byte has
 * to be zeroed, so that the page becomes resident twice. It cannot run.
 */
static void make_program(void)
{
	static ElfW(Phdr) segments[1 + SEGMENTS];
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int file = open(program, O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	ElfW(Ehdr) head;

	ASSERT_EQ(read(self, &head, sizeof(head)), sizeof(head));
	close(self);
	head.e_type = ET_DYN;
	head.e_entry = SEGMENTS_AT;
	head.e_phoff = PAGE;
	head.e_phnum = ARRAY_SIZE(segments);
	head.e_shnum = 0;
	segments[0] = (ElfW(Phdr)){ .p_type = PT_INTERP,
				    .p_offset = sizeof(head),
				    .p_filesz = sizeof(program),
				    .p_memsz = sizeof(program) };
	for (size_t i = 0; i < SEGMENTS; i++)
		segments[1 + i] =
			(ElfW(Phdr)){ .p_type = PT_LOAD,
				      .p_flags = PF_R | PF_W,
				      .p_offset = i * PAGE,
				      .p_vaddr = SEGMENTS_AT + i * PAGE,
				      .p_filesz = PAGE - 1,
				      .p_memsz = PAGE,
				      .p_align = PAGE };
	ASSERT_EQ(pwrite(file, &head, sizeof(head), 0), sizeof(head));
	ASSERT_EQ(pwrite(file, program, sizeof(program), sizeof(head)),
		  sizeof(program));
	ASSERT_EQ(pwrite(file, segments, sizeof(segments), PAGE),
		  sizeof(segments));
	/* No holes, which whoever reads them would be charged with */
	for (size_t i = 2; i < SEGMENTS; i++)
		ASSERT_EQ(pwrite(file, segments, PAGE, i * PAGE), PAGE);
	close(file);
}

static long exec_program(long unused)
{
	execl(program, program, NULL);
	return -errno;
}

KTAP_TEST(segments_of_an_exec_wait_for_memory_on_its_way_back, 20,
	  "growth growth_smp")
{
	struct worker lingering, worker;

	make_program();
	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, become_dumpable, 0), 0);
	lingering = growth_begin_wait(4 * MIB);
	growth_expect_wait_after(SEGMENTS * PAGE, &lingering, &worker,
				 exec_program, 0);
	worker_wait(&worker);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
	unlink(program);
}
