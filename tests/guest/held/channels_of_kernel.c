// SPDX-License-Identifier: GPL-2.0-only
/* By what the kernel keeps for it a user gets no more than its limit. */
#define _GNU_SOURCE 1
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "lib/channel.h"
#include "lib/memory.h"

static long messages(long unused)
{
	struct {
		long type;
		char text[8000];
	} message = { .type = 1 };
	unsigned long bytes = 0;

	while (bytes < CHANNEL_MOST) {
		int queue = msgget(IPC_PRIVATE, 0600);

		if (queue < 0)
			break;
		while (!msgsnd(queue, &message, sizeof(message.text),
			       IPC_NOWAIT))
			bytes += sizeof(message.text);
		if (errno != EAGAIN)
			break;
	}
	return channel_came_to(bytes);
}

static long semaphores(long unused)
{
	unsigned long bytes = 0;

	while (bytes < CHANNEL_MOST && semget(IPC_PRIVATE, 250, 0600) >= 0)
		bytes += 250 * 64;
	return channel_came_to(bytes);
}

static long make_aio(void)
{
	aio_context_t context = 0;

	return syscall(__NR_io_setup, 1, &context) ? -1 : 0;
}

static long aio_rings(long unused)
{
	return channel_processes(make_aio, 4 * KIB, CHANNEL_MOST);
}

/* Not many in one file, for each goes through those before it */
static long lock_file(void)
{
	int file = channel_memfd();

	for (int i = 0; i < 200; i++) {
		struct flock lock = { .l_type = F_WRLCK,
				      .l_start = 2 * i,
				      .l_len = 1 };

		if (file < 0 || fcntl(file, F_SETLK, &lock))
			return -1;
	}
	return 0;
}

static long file_locks(long unused)
{
	return channel_processes(lock_file, 200 * 128, CHANNEL_MOST);
}

static long make_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), slave;
	struct termios raw;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return -1;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (slave < 0 || tcgetattr(slave, &raw))
		return -1;
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	while (write(master, channel_block, 4 * KIB) > 0)
		;
	while (write(slave, channel_block, 4 * KIB) > 0)
		;
	return 0;
}

static long terminals(long unused)
{
	return channel_processes(make_terminal, 32 * KIB, CHANNEL_MOST);
}

static long make_descriptors(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(0), counter = eventfd(0, 0);
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	sigset_t none;

	sigemptyset(&none);
	if (set < 0 || counter < 0 || timer < 0 || signalfd(-1, &none, 0) < 0)
		return -1;
	return epoll_ctl(set, EPOLL_CTL_ADD, counter, &event) ||
			       epoll_ctl(set, EPOLL_CTL_ADD, timer, &event) ?
		       -1 :
		       0;
}

static long descriptors(long unused)
{
	return channel_processes(make_descriptors, 1 * KIB, CHANNEL_MOST);
}

static long start_process(void)
{
	return channel_child(0);
}

static long processes(long unused)
{
	return channel_processes(start_process, 40 * KIB, CHANNEL_MOST);
}

/* A thread that waits in a system call */
static long start_waiting(void *(*wait)(void *))
{
	return channel_thread(wait, NULL, NULL);
}

static void *rest(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

static long start_thread(void)
{
	return start_waiting(rest);
}

static long threads(long unused)
{
	return channel_processes(start_thread, 12 * KIB, CHANNEL_MOST);
}

static long areas(long unused)
{
	unsigned long bytes = 0;
	long length = 128 * MIB;
	char *memory = mmap(NULL, length, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (long at = 0; at < length && bytes < CHANNEL_MOST; at += 2 * PAGE) {
		if (mprotect(memory + at, PAGE, PROT_READ))
			break;
		bytes += 2 * 96;
	}
	return channel_came_to(bytes);
}

static struct pollfd polled[1000];

static void *poll_them(void *unused)
{
	poll(polled, ARRAY_SIZE(polled), -1);
	return NULL;
}

static long poll_many(void)
{
	static int ends[2];

	if (!ends[0]) {
		if (pipe(ends))
			return -1;
		for (unsigned int i = 0; i < ARRAY_SIZE(polled); i++)
			polled[i] = (struct pollfd){ .fd = ends[0],
						     .events = POLLIN };
	}
	return start_waiting(poll_them);
}

static long polling_threads(long unused)
{
	return channel_processes(poll_many, 48 * KIB, CHANNEL_MOST);
}

#define OPERATIONS 500
static struct sembuf operations[OPERATIONS];
static int semaphore = -1;

static void *wait_for_semaphore(void *unused)
{
	semop(semaphore, operations, OPERATIONS);
	return NULL;
}

static long wait_with_operations(void)
{
	return start_waiting(wait_for_semaphore);
}

static long semaphore_operations(long unused)
{
	for (int i = 0; i < OPERATIONS; i++)
		operations[i] = (struct sembuf){ .sem_op = -1 };
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	if (semaphore < 0)
		return -errno;
	return channel_processes(wait_with_operations, 16 * KIB, CHANNEL_MOST);
}

static unsigned int futexes[FUTEX_WAITV_MAX];
static struct futex_waitv waits[FUTEX_WAITV_MAX];

static void *wait_for_futexes(void *unused)
{
	syscall(__NR_futex_waitv, waits, FUTEX_WAITV_MAX, 0, NULL, 0);
	return NULL;
}

static long wait_with_futexes(void)
{
	return start_waiting(wait_for_futexes);
}

static long futex_vectors(long unused)
{
	for (int i = 0; i < FUTEX_WAITV_MAX; i++)
		waits[i] = (struct futex_waitv){
			.uaddr = (unsigned long)&futexes[i],
			.flags = FUTEX_32 | FUTEX_PRIVATE_FLAG,
		};
	return channel_processes(wait_with_futexes, 20 * KIB, CHANNEL_MOST);
}

static long make_namespaces(void)
{
	return channel_child(CLONE_NEWUSER | CLONE_NEWNS);
}

static long namespaces(long unused)
{
	return channel_processes(make_namespaces, 48 * KIB, CHANNEL_MOST);
}

static long queue_signal(void)
{
	const union sigval value = { 0 };

	return sigqueue(getpid(), SIGRTMIN, value);
}

static long pending_signals(long unused)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return channel_processes(queue_signal, 80, CHANNEL_MOST);
}

static long make_timer(void)
{
	timer_t timer;

	return timer_create(CLOCK_MONOTONIC, NULL, &timer);
}

static long timers(long unused)
{
	return channel_processes(make_timer, 256, CHANNEL_MOST);
}

static long open_userfaultfd(void)
{
	return syscall(__NR_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */) < 0 ? -1 :
									    0;
}

static long userfaultfds(long unused)
{
	return channel_processes(open_userfaultfd, 512, CHANNEL_MOST);
}

static long open_status(void)
{
	char name[40];

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", getpid());
	return open(name, O_RDONLY) < 0 ? -1 : 0;
}

static long open_files(long unused)
{
	return channel_processes(open_status, 512, CHANNEL_MOST);
}

/* Each descriptor has a file of its own there, which is opened by the next. */
static long open_next_fdinfo(int flags)
{
	static int last;
	char name[40];

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", last);
	last = open(name, flags);
	return last < 0 ? -1 : 0;
}

static long open_next_file(void)
{
	return open_next_fdinfo(O_RDONLY);
}

static long open_different_files(long unused)
{
	return channel_processes(open_next_file, 1 * KIB, CHANNEL_MOST);
}

/* That opens no more than a name. */
static long open_next_path(void)
{
	return open_next_fdinfo(O_PATH);
}

static long open_different_paths(long unused)
{
	return channel_processes(open_next_path, 512, CHANNEL_MOST);
}

/* What is left of a process, for as long as somebody can ask for it */
static long keep_pidfd(void)
{
	pid_t pid = vfork();
	int kept;

	if (!pid)
		_exit(EXIT_SUCCESS);
	if (pid < 0)
		return -1;
	kept = syscall(SYS_pidfd_open, pid, 0);
	waitpid(pid, NULL, 0);
	return kept < 0 ? -1 : 0;
}

static long kept_pidfds(long unused)
{
	return channel_processes(keep_pidfd, 512, CHANNEL_MOST);
}

/* A file in the folder of a thread in /proc, which goes when the thread does. */
static void *open_own_file(void *error)
{
	const int thread = gettid();
	char name[80];

	snprintf(name, sizeof(name), "/proc/%d/task/%d/fdinfo/0", thread,
		 thread);
	*(int *)error = open(name, O_RDONLY) < 0 ? errno : 0;
	return NULL;
}

static long keep_file_of_thread(void)
{
	pthread_t thread;
	int error = 0;

	if (channel_thread(open_own_file, &error, &thread))
		return -1;
	pthread_join(thread, NULL);
	errno = error;
	return error ? -1 : 0;
}

static long files_of_dead_threads(long unused)
{
	return channel_processes(keep_file_of_thread, 512, CHANNEL_MOST);
}

static long open_attribute(void)
{
	return open("/sys/kernel/fscaps", O_RDONLY) < 0 ? -1 : 0;
}

static long open_attributes(long unused)
{
	return channel_processes(open_attribute, 512, CHANNEL_MOST);
}

CHANNEL(messages)
CHANNEL(semaphores)
CHANNEL(aio_rings)
CHANNEL(file_locks)
CHANNEL(terminals)
CHANNEL(descriptors)
CHANNEL(processes)
CHANNEL(threads)
CHANNEL(areas)
CHANNEL(polling_threads)
CHANNEL(namespaces)
CHANNEL(pending_signals)
CHANNEL(timers)
CHANNEL(userfaultfds)
CHANNEL(open_files)
CHANNEL(open_different_files)
CHANNEL(open_different_paths)
CHANNEL(semaphore_operations)
CHANNEL(futex_vectors)
CHANNEL(open_attributes)
CHANNEL(kept_pidfds)
CHANNEL(files_of_dead_threads)
