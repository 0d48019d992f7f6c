// SPDX-License-Identifier: GPL-2.0-only
/* Tests that what the kernel could take back is charged while a user has it kept. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "ktap/ktap.h"
#include "lib/channel.h"
#include "lib/held.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/slabs.h"
#include "lib/usage.h"
#include "mmlimit.h"

/* So many keep the same. */
#define MANY 200

/* Of a file in /proc, which no user makes the file system have */
#define UNKEPT "/proc/uptime"
/* Of a file that its file system has anyhow */
#define KEPT "/tmp/kept"

static int opened[MANY];

static long open_path(long unkept)
{
	for (int i = 0; i < MANY; i++) {
		opened[i] = open(unkept ? UNKEPT : KEPT, O_PATH);
		if (opened[i] < 0)
			return -errno;
	}
	return 0;
}

static long close_all(long unused)
{
	for (int i = 0; i < MANY; i++)
		close(opened[i]);
	return 0;
}

/* Has files of its own on which something can be mounted. */
static long make_places(long unused)
{
	long ret = channel_mount_own("tmpfs");
	char name[32];

	for (int i = 0; !ret && i < MANY; i++) {
		snprintf(name, sizeof(name), "/tmp/%d", i);
		ret = mknod(name, S_IFREG | 0600, 0) ? -errno : 0;
	}
	if (ret)
		return ret;
	return mknod(KEPT, S_IFREG | 0600, 0) ? -errno : 0;
}

static long bind_all(long unkept)
{
	char name[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "/tmp/%d", i);
		if (mount(unkept ? UNKEPT : KEPT, name, NULL, MS_BIND, NULL))
			return -errno;
	}
	return 0;
}

static long unmount_all(long unused)
{
	char name[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "/tmp/%d", i);
		if (umount2(name, MNT_DETACH))
			return -errno;
	}
	return 0;
}

/* How much kernel memory a user takes more once its worker has done something */
static unsigned long charged_by(struct worker *worker, worker_fn work, long arg)
{
	unsigned long before;

	grace_periods_pass();
	before = held_exact(USER_A).kernel;
	ASSERT_EQ(worker_call(worker, work, arg), 0);
	grace_periods_pass();
	return held_exact(USER_A).kernel - before;
}

/* What the same takes that keeps an inode and a name, beyond what keeps nothing */
static void expect_both_are_charged(struct worker *worker, worker_fn keep,
				    worker_fn let_go)
{
	const unsigned long both = slabs_object_size("proc_inode_cache") +
				   slabs_object_size("dentry");
	/* Charged by the page, of which two may be spare, at both times */
	const unsigned long rounding = 6 * PAGE;
	unsigned long nothing, something;

	/* What is allocated for the first time stays with the user. */
	charged_by(worker, keep, false);
	charged_by(worker, let_go, 0);
	nothing = charged_by(worker, keep, false);
	charged_by(worker, let_go, 0);
	something = charged_by(worker, keep, true);
	printf("%lu bytes each, charged %ld\n", both,
	       (long)(something - nothing) / MANY);
	EXPECT_GE(something + rounding, nothing + MANY * both);
	/* The size that it is charged as is two thirds too large at most, or 192 bytes. */
	EXPECT_LE(something,
		  nothing + MANY * (both + both * 2 / 3 + 192) + rounding);
	charged_by(worker, let_go, 0);
	usage_exact(USER_A);
}

static void check_keeping(worker_fn keep, worker_fn let_go)
{
	struct worker worker;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_places, 0), 0);
	expect_both_are_charged(&worker, keep, let_go);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(open_file_is_charged_with_the_inode_and_name_that_it_keeps, 20,
	  "held")
{
	check_keeping(open_path, close_all);
}

KTAP_TEST(mount_is_charged_with_the_inode_and_name_that_it_keeps, 20, "held")
{
	check_keeping(bind_all, unmount_all);
}

/* So many pin a name each, after so many others that can be reclaimed */
#define PINNED 900
#define OTHERS 20

/* Long enough to be objects of their own, as many to a page as fit between two that stay */
#define LONG_NAME                                \
	"of-more-than-128-bytes---------------"  \
	"--------------------------------------" \
	"--------------------------------------" \
	"---------------"

/* Looks for what /sys does not have, which it remembers. */
static void look_up_others(int pinned)
{
	char name[256];
	struct stat stat_of;

	for (int i = 0; i < OTHERS; i++) {
		snprintf(name, sizeof(name), "/sys/" LONG_NAME "%d",
			 pinned * OTHERS + i);
		if (!stat(name, &stat_of))
			break;
	}
}

static long pin_links(long unused)
{
	char name[256];

	for (int i = 0; i < PINNED; i++) {
		snprintf(name, sizeof(name), "/tmp/" LONG_NAME "%d", i);
		if (link(KEPT, name))
			return -errno;
		look_up_others(i);
	}
	return 0;
}

static long pin_descriptors(long unused)
{
	for (int i = 0; i < PINNED; i++) {
		if (eventfd(0, 0) < 0)
			return -errno;
		look_up_others(i);
	}
	return 0;
}

/* KiB that names take, with the slabs that they keep, once all others are reclaimed */
static long kib_of_names(void)
{
	/* The kernel leaves some of those that have been used since it last looked. */
	held_drop_caches();
	held_drop_caches();
	slabs_shrink("dentry");
	slabs_shrink("kmalloc-");
	return slabs_kib("dentry") + slabs_kib("kmalloc-");
}

static void check_slabs_of_names(worker_fn pin)
{
	static struct slab_cache before[SLABS_CACHES], after[SLABS_CACHES];
	struct worker worker;
	long kib, charged;

	ASSERT_EQ(mmlimit_set(USER_A, LIMIT_HUGE), 0);
	worker = worker_start(USER_A);
	ASSERT_EQ(worker_call(&worker, make_places, 0), 0);
	kib = kib_of_names();
	slabs_read(before);
	charged = held_exact(USER_A).kernel / KIB;
	ASSERT_EQ(worker_call(&worker, pin, 0), 0);
	kib = kib_of_names() - kib;
	charged = held_exact(USER_A).kernel / KIB - charged;
	printf("slabs of names have grown by %ld KiB, charged %ld KiB\n", kib,
	       charged);
	slabs_read(after);
	slabs_show_grown(before, after, 16);
	/* Slabs that are not full, of each CPU, and what others pin meanwhile */
	EXPECT_LE(kib, charged * 3 / 2 + 256);
	worker_end(&worker);
	held_wait_for_nothing(USER_A);
	EXPECT_EQ(mmlimit_remove(USER_A), 0);
}

KTAP_TEST(names_that_tmpfs_pins_keep_no_slabs_of_names_that_can_be_reclaimed,
	  60, "held held_smp")
{
	check_slabs_of_names(pin_links);
}

KTAP_TEST(
	names_that_descriptors_pin_keep_no_slabs_of_names_that_can_be_reclaimed,
	60, "held held_smp")
{
	check_slabs_of_names(pin_descriptors);
}

/* More users than a batch of pages that are freed together has room for */
#define SHARERS 6
#define SHARED_PAGES (10 * SHARERS)
#define SHARED "/tmp/shared"

/* Every sixth page is this one's. */
static long write_own_pages(long first)
{
	int file = open(SHARED, O_WRONLY);

	for (long page = first; page < SHARED_PAGES; page += SHARERS)
		if (pwrite(file, "x", 1, page * PAGE) != 1)
			return -errno;
	return close(file);
}

KTAP_TEST(pages_of_many_users_that_are_freed_together_are_uncharged_to_each, 20,
	  "held")
{
	int file = open(SHARED, O_CREAT | O_RDWR, 0666);
	struct worker workers[SHARERS];

	ASSERT_TRUE(file >= 0);
	ASSERT_EQ(fchmod(file, 0666), 0);
	for (int i = 0; i < SHARERS; i++) {
		ASSERT_EQ(mmlimit_set(USER_C + i, LIMIT_HUGE), 0);
		workers[i] = worker_start(USER_C + i);
		ASSERT_EQ(worker_call(&workers[i], write_own_pages, i), 0);
		EXPECT_EQ(held_exact(USER_C + i).file,
			  SHARED_PAGES / SHARERS * PAGE);
	}
	ASSERT_EQ(ftruncate(file, 0), 0);
	for (int i = 0; i < SHARERS; i++) {
		EXPECT_EQ(held_exact(USER_C + i).file, 0);
		worker_end(&workers[i]);
	}
	/* It keeps what finds its pages, which the first has paid. */
	close(file);
	ASSERT_EQ(unlink(SHARED), 0);
	for (int i = 0; i < SHARERS; i++) {
		held_wait_for_nothing(USER_C + i);
		EXPECT_EQ(mmlimit_remove(USER_C + i), 0);
	}
}
