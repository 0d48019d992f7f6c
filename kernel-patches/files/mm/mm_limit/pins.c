// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: pages of an address space that something keeps though they
 * may have been unmapped since, such as a buffer of a pipe. While they are mapped as well
 * they are charged twice.
 */

#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "held.h"

/**
 * struct pin - pages that are kept
 * @refs: by so many
 * @acct: charged to it
 * @pages: so many
 */
struct pin {
	refcount_t refs;
	struct mm_limit_account *acct;
	long pages;
};

static bool charge(struct pin *pin, long pages)
{
	guard(preempt)();
	pin->acct = mm_limit_payer();
	if (!pin->acct)
		return true;
	if (!mm_limit_held_charge(pin->acct, MM_LIMIT_KERNEL, pages, GFP_KERNEL))
		return false;
	atomic_long_add(pages, &pin->acct->held.pinned);
	return true;
}

int __mm_limit_pin(unsigned long *word, long pages)
{
	struct pin *pin = kmalloc(sizeof(*pin), GFP_KERNEL_ACCOUNT);

	if (!pin)
		return -ENOMEM;
	refcount_set(&pin->refs, 1);
	pin->pages = pages;
	if (!charge(pin, pages) || !pin->acct) {
		int ret = pin->acct ? -ENOMEM : 0;

		kfree(pin);
		return ret;
	}
	*word = (unsigned long)pin;
	return 0;
}

void __mm_limit_pin_shared(unsigned long word)
{
	refcount_inc(&((struct pin *)word)->refs);
}

void __mm_limit_unpin(unsigned long word)
{
	struct pin *pin = (struct pin *)word;

	if (!refcount_dec_and_test(&pin->refs))
		return;
	atomic_long_sub(pin->pages, &pin->acct->held.pinned);
	mm_limit_held_uncharge(pin->acct, MM_LIMIT_KERNEL, pin->pages);
	kfree(pin);
}
