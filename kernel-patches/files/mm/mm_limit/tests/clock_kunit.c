// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: tests of the clock, on memory of the test's own.
 */

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/user.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "../reclaim.h"

#define PAGES	32

static unsigned long map(struct kunit *test, unsigned long flags)
{
	bool attached = current->mm;
	unsigned long base;

	base = kunit_vm_mmap(test, NULL, 0, PAGES * PAGE_SIZE,
			     PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | flags, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(base));
	KUNIT_ASSERT_NE(test, base, 0);
	/* The end of this thread gives back one of KUnit's two references. */
	if (!attached)
		mmdrop(current->mm);
	return base;
}

static void use(struct kunit *test, unsigned long base, unsigned int first,
		unsigned int pages)
{
	unsigned int i;

	for (i = first; i < first + pages; i++)
		KUNIT_ASSERT_EQ(test,
				put_user(i, (u32 __user *)(base +
							   i * PAGE_SIZE)),
				0);
	/* From this CPU's list of new pages to those of the page replacement */
	lru_add_drain();
}

static unsigned long map_and_use(struct kunit *test)
{
	unsigned long base = map(test, 0);

	use(test, base, 0, PAGES);
	return base;
}

/* Move the hand on, and put back what it finds. Return: whether it ended. */
static bool advance_hand(struct mm_limit_sweep *sweep)
{
	LIST_HEAD(folios);
	bool ended;

	sweep->acct = current->mm->mm_limit.owner;
	sweep->folios = &folios;
	mmap_read_lock(current->mm);
	ended = mm_limit_sweep_mm(current->mm, sweep);
	mmap_read_unlock(current->mm);
	mm_limit_put_back(&folios);
	/* What waits in this CPU's list of new pages is not found by the next turn. */
	lru_add_drain();
	return ended;
}

static struct mm_limit_sweep all_of(unsigned long base)
{
	return (struct mm_limit_sweep){
		.want = 2 * PAGES,
		.room = INT_MAX,
		.addr = base,
	};
}

/* A whole turn; KUnit's memory is all that this address space has. */
static struct mm_limit_sweep turn(struct kunit *test, unsigned long base)
{
	struct mm_limit_sweep all = all_of(base);

	KUNIT_EXPECT_TRUE(test, advance_hand(&all));
	return all;
}

static void used_pages_are_spared_and_lose_their_bits(struct kunit *test)
{
	unsigned long base = map_and_use(test);
	struct mm_limit_sweep all;

	all = turn(test, base);
	KUNIT_EXPECT_EQ(test, all.scanned, PAGES);
	KUNIT_EXPECT_EQ(test, all.spared, PAGES);
	KUNIT_EXPECT_EQ(test, all.found, 0);

	all = turn(test, base);
	KUNIT_EXPECT_EQ(test, all.scanned, PAGES);
	KUNIT_EXPECT_EQ(test, all.spared, 0);
	KUNIT_EXPECT_EQ(test, all.found, PAGES);
}

static void pages_used_since_the_last_visit_are_spared(struct kunit *test)
{
	unsigned long base = map_and_use(test);
	struct mm_limit_sweep all;

	turn(test, base);
	use(test, base, 5, 10);
	all = turn(test, base);
	KUNIT_EXPECT_EQ(test, all.spared, 10);
	KUNIT_EXPECT_EQ(test, all.found, PAGES - 10);
	/* And they have lost their bits again. */
	all = turn(test, base);
	KUNIT_EXPECT_EQ(test, all.spared, 0);
}

static void reading_is_using(struct kunit *test)
{
	unsigned long base = map_and_use(test);
	struct mm_limit_sweep all;
	u32 value;

	turn(test, base);
	KUNIT_EXPECT_EQ(test, get_user(value, (u32 __user *)base), 0);
	all = turn(test, base);
	KUNIT_EXPECT_EQ(test, all.spared, 1);
}

static void hand_goes_on_where_it_stopped(struct kunit *test)
{
	unsigned long base = map_and_use(test);
	struct mm_limit_sweep some;
	unsigned int found = 0;

	turn(test, base);
	some = all_of(base);
	some.want = 5;
	KUNIT_EXPECT_FALSE(test, advance_hand(&some));
	KUNIT_EXPECT_EQ(test, some.found, 5);
	KUNIT_EXPECT_EQ(test, some.addr, base + 5 * PAGE_SIZE);
	for (found = some.found; found < PAGES; found += some.found) {
		some.found = 0;
		advance_hand(&some);
		KUNIT_ASSERT_GT(test, some.found, 0);
	}
	KUNIT_EXPECT_EQ(test, found, PAGES);
	KUNIT_EXPECT_EQ(test, some.scanned, PAGES);
}

static void work_is_bounded(struct kunit *test)
{
	unsigned long base = map_and_use(test);
	struct mm_limit_sweep some = all_of(base);

	some.room = 1;
	KUNIT_EXPECT_FALSE(test, advance_hand(&some));
	/* It looks after each page table only. */
	KUNIT_EXPECT_LE(test, some.scanned, PTRS_PER_PTE);
	KUNIT_EXPECT_LE(test, some.room, 0);
}

static void untouched_memory_is_not_come_across(struct kunit *test)
{
	unsigned long base = map(test, 0);

	use(test, base, 3, 1);
	KUNIT_EXPECT_EQ(test, turn(test, base).scanned, 1);
}

static void locked_memory_is_left_alone(struct kunit *test)
{
	unsigned long base = map(test, MAP_LOCKED);

	use(test, base, 0, PAGES);
	KUNIT_EXPECT_EQ(test, turn(test, base).scanned, 0);
	KUNIT_EXPECT_EQ(test, turn(test, base).found, 0);
}

static void pinned_pages_are_left_alone(struct kunit *test)
{
	unsigned long base = map_and_use(test);
	struct page *page;

	KUNIT_ASSERT_EQ(test, pin_user_pages_fast(base, 1, FOLL_WRITE, &page),
			1);
	turn(test, base);
	KUNIT_EXPECT_EQ(test, turn(test, base).found, PAGES - 1);
	unpin_user_page(page);
	KUNIT_EXPECT_EQ(test, turn(test, base).found, PAGES);
}

static void other_users_memory_is_left_alone(struct kunit *test)
{
	unsigned long base = map_and_use(test);
	struct mm_limit_account *acct = current->mm->mm_limit.owner;
	struct page *page;
	struct folio *folio;

	/* A second mapping of the same mm makes these pages shared ones. */
	turn(test, base);
	KUNIT_ASSERT_EQ(test, get_user_pages_fast(base, 1, 0, &page), 1);
	folio = page_folio(page);
	turn(test, base);
	KUNIT_EXPECT_TRUE(test, mm_limit_is_own_and_unused(folio, acct));
	KUNIT_EXPECT_FALSE(test, mm_limit_is_own_and_unused(folio, NULL));
	use(test, base, 0, 1);
	KUNIT_EXPECT_FALSE(test, mm_limit_is_own_and_unused(folio, acct));
	put_page(page);
}

/* Address spaces of a user, neither of which any process has */
struct face {
	struct mm_limit_account *acct;
	struct mm_limit_clock clock;
	struct mm_struct *mms[4];
};

static void add_mm(struct kunit *test, struct face *face, unsigned int i,
		   int count)
{
	struct mm_struct *mm = kunit_kzalloc(test, sizeof(*mm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mm);
	atomic_set(&mm->mm_count, count);
	spin_lock(&face->acct->lock);
	list_add_tail(&mm->mm_limit.node, &face->acct->mms);
	spin_unlock(&face->acct->lock);
	face->mms[i] = mm;
}

static struct face make_face(struct kunit *test)
{
	struct user_struct *user = kunit_kzalloc(test, sizeof(*user),
						 GFP_KERNEL);
	struct face face = { .clock.turn = 1 };

	KUNIT_ASSERT_NOT_NULL(test, user);
	mm_limit_user_init(user);
	face.acct = &user->mm_limit;
	return face;
}

/* The hand is at this mm, or the turn is over (NULL); it is done with it. */
static void expect_hand(struct kunit *test, struct face *face,
			struct mm_struct *expected)
{
	struct mm_struct *mm;

	mutex_lock(&face->acct->reclaim_mutex);
	mm = mm_limit_hand(face->acct, &face->clock);
	KUNIT_EXPECT_PTR_EQ(test, mm, expected);
	if (mm) {
		mm->mm_limit.turn = face->clock.turn;
		KUNIT_EXPECT_GT(test, atomic_dec_return(&mm->mm_count), 0);
	} else {
		face->clock.turn++;
	}
	mutex_unlock(&face->acct->reclaim_mutex);
}

static void turn_passes_each_address_space_once(struct kunit *test)
{
	struct face face = make_face(test);
	unsigned int round, i;

	expect_hand(test, &face, NULL);
	for (i = 0; i < 3; i++)
		add_mm(test, &face, i, 1);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 3; i++)
			expect_hand(test, &face, face.mms[i]);
		expect_hand(test, &face, NULL);
	}
}

static void new_address_space_waits_for_the_next_turn(struct kunit *test)
{
	struct face face = make_face(test);

	add_mm(test, &face, 0, 1);
	add_mm(test, &face, 1, 1);
	expect_hand(test, &face, face.mms[0]);
	expect_hand(test, &face, face.mms[1]);
	add_mm(test, &face, 2, 1);
	expect_hand(test, &face, NULL);
	/* It came between the two, for they are behind the hand. */
	expect_hand(test, &face, face.mms[0]);
	expect_hand(test, &face, face.mms[2]);
	expect_hand(test, &face, face.mms[1]);
	expect_hand(test, &face, NULL);
}

static void address_spaces_on_their_way_out_are_passed_over(struct kunit *test)
{
	struct face face = make_face(test);

	add_mm(test, &face, 0, 0);
	add_mm(test, &face, 1, 1);
	add_mm(test, &face, 2, 0);
	expect_hand(test, &face, face.mms[1]);
	expect_hand(test, &face, NULL);
	atomic_set(&face.mms[1]->mm_count, 0);
	expect_hand(test, &face, NULL);
}

static struct kunit_case clock_cases[] = {
	KUNIT_CASE(used_pages_are_spared_and_lose_their_bits),
	KUNIT_CASE(pages_used_since_the_last_visit_are_spared),
	KUNIT_CASE(reading_is_using),
	KUNIT_CASE(hand_goes_on_where_it_stopped),
	KUNIT_CASE(work_is_bounded),
	KUNIT_CASE(untouched_memory_is_not_come_across),
	KUNIT_CASE(locked_memory_is_left_alone),
	KUNIT_CASE(pinned_pages_are_left_alone),
	KUNIT_CASE(other_users_memory_is_left_alone),
	KUNIT_CASE(turn_passes_each_address_space_once),
	KUNIT_CASE(new_address_space_waits_for_the_next_turn),
	KUNIT_CASE(address_spaces_on_their_way_out_are_passed_over),
	{}
};

static struct kunit_suite clock_suite = {
	.name = "mm_limit_clock",
	.test_cases = clock_cases,
};

kunit_test_suite(clock_suite);
