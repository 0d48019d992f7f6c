// SPDX-License-Identifier: GPL-2.0-only
/* Holds processes that cannot die; captive.h says how. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "ktap/ktap.h"
#include "lib/captive.h"
#include "lib/memory.h"
#include "lib/processes.h"

static void *hold(void *data)
{
	struct captivity *captivity = data;

	EXPECT_EQ(write(captivity->pipe[1], captivity->page, 1), 1);
	return NULL;
}

/* Anything that is mapped in every process of the test */
static const char somewhere;

static void *hold_memory(void *data)
{
	struct captivity *captivity = data;

	EXPECT_EQ(pread64(captivity->pipe[0], captivity->page, 1,
			  (unsigned long)&somewhere),
		  1);
	return NULL;
}

static long sleep_in_read(long fd)
{
	char byte;

	return read(fd, &byte, 1);
}

/* A page whose first fault waits for us */
static void prepare_page(struct captivity *captivity)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .len = PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	captivity->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(captivity->page != MAP_FAILED);
	captivity->userfaultfd =
		syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	ASSERT_GE(captivity->userfaultfd, 0);
	ASSERT_EQ(ioctl(captivity->userfaultfd, UFFDIO_API, &api), 0);
	range.range.start = (unsigned long)captivity->page;
	ASSERT_EQ(ioctl(captivity->userfaultfd, UFFDIO_REGISTER, &range), 0);
}

/* Whether the holder has come to its page */
static bool faulted(struct captivity *captivity)
{
	struct uffd_msg message;

	return read(captivity->userfaultfd, &message, sizeof(message)) ==
		       sizeof(message) &&
	       message.event == UFFD_EVENT_PAGEFAULT;
}

static void start_holder(struct captivity *captivity, void *(*function)(void *))
{
	prepare_page(captivity);
	ASSERT_EQ(pthread_create(&captivity->holder, NULL, function, captivity),
		  0);
	ktap_waiting_for("the holder to come to its page");
	while (!faulted(captivity))
		usleep(1000);
	ktap_waiting_for(NULL);
}

void captivity_begin(struct captivity *captivity)
{
	ASSERT_EQ(pipe2(captivity->pipe, O_CLOEXEC), 0);
	start_holder(captivity, hold);
}

void captivity_of_memory(struct captivity *captivity, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	captivity->pipe[0] = open(path, O_RDONLY | O_CLOEXEC);
	captivity->pipe[1] = -1;
	ASSERT_GE(captivity->pipe[0], 0);
	start_holder(captivity, hold_memory);
}

void captivity_take(struct captivity *captivity, struct worker *worker)
{
	worker_send(worker, sleep_in_read, captivity->pipe[0]);
	process_wait_for(worker->pid, 'D');
}

void captivity_end(struct captivity *captivity)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (unsigned long)captivity->page,
			   .len = PAGE },
	};

	ASSERT_EQ(ioctl(captivity->userfaultfd, UFFDIO_ZEROPAGE, &zero), 0);
	ASSERT_EQ(pthread_join(captivity->holder, NULL), 0);
	close(captivity->userfaultfd);
	for (int i = 0; i < 2; i++)
		if (captivity->pipe[i] >= 0)
			close(captivity->pipe[i]);
	munmap(captivity->page, PAGE);
}
