// SPDX-License-Identifier: GPL-2.0-only
/* See frozen.h. */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/syscall.h>

#include "ktap/ktap.h"
#include "lib/frozen.h"
#include "lib/memory.h"

/* So many threads look up a path, since one may be between two. */
#define WALKERS 8

static void bind_to(pid_t tid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	ASSERT_EQ(sched_setaffinity(tid, sizeof(cpus), &cpus), 0);
}

static int last_cpu(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) - 1;
}

static void start_thread(void *(*function)(void *), void *argument)
{
	pthread_attr_t attr;
	pthread_t thread;

	ASSERT_EQ(pthread_attr_init(&attr), 0);
	ASSERT_EQ(pthread_attr_setstacksize(&attr, 32 * KIB), 0);
	ASSERT_EQ(pthread_create(&thread, &attr, function, argument), 0);
	pthread_attr_destroy(&attr);
}

static void *spin(void *unused)
{
	bind_to(0, last_cpu());
	for (;;)
		;
	return NULL;
}

void frozen_spin(int threads)
{
	bind_to(0, 0);
	for (; threads; threads--)
		start_thread(spin, NULL);
}

void frozen_stop(pid_t tid)
{
	const struct sched_param none = { 0 };

	ASSERT_EQ(sched_setscheduler(tid, SCHED_IDLE, &none), 0);
	bind_to(tid, last_cpu());
}

static void *look_up(void *tid)
{
	static char path[4000];
	struct stat status;

	/* All threads write the same. */
	for (size_t i = 0; i < sizeof(path) - 2; i += 2)
		memcpy(path + i, "/.", 2);
	*(volatile pid_t *)tid = syscall(SYS_gettid);
	for (;;)
		stat(path, &status);
	return NULL;
}

void frozen_prolong(void)
{
	static volatile pid_t tids[WALKERS];

	for (int i = 0; i < WALKERS; i++) {
		start_thread(look_up, (void *)&tids[i]);
		while (!tids[i])
			usleep(100);
		/* At another point of the path each */
		usleep(1000 + 777 * i);
		frozen_stop(tids[i]);
	}
}
