/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-user memory limits: the hooks for what a user makes the kernel hold beside its
 * address spaces: files in memory, and kernel memory.
 * The model and its locking: Documentation/mm/mm_limit.rst.
 */
#ifndef _LINUX_MM_LIMIT_HELD_H
#define _LINUX_MM_LIMIT_HELD_H

#include <linux/jump_label.h>
#include <linux/mm_limit.h>
#include <linux/sched.h>

struct dentry;
struct folio;
struct inode;
struct kmem_cache;
struct page;
struct page_ext_operations;

/*
 * In &task_struct.mm_limit_scope: how what is allocated meanwhile is charged, and what
 * has become of it
 *	TABLE: not at all, for a page table is charged to the owner of its mm
 *	FORCE: even above the limit, where an allocation must not fail
 *	PINNED: also from caches that can be shrunk, for this will be pinned
 *	LATER: not yet, unless PINNED, as from such a cache: whoever pins it is charged
 *	LOCKED: what is refused waits for nothing, for others may queue for a lock; see
 *	mm_limit_settle()
 *	REFUSED, STOPPED: in mm_limit_stop.h; no scopes
 */
#define MM_LIMIT_SCOPE_TABLE	0x1
#define MM_LIMIT_SCOPE_FORCE	0x2
#define MM_LIMIT_SCOPE_PINNED	0x4
#define MM_LIMIT_SCOPE_LATER	0x20
#define MM_LIMIT_SCOPE_LOCKED	0x40
#define MM_LIMIT_SCOPES		(MM_LIMIT_SCOPE_TABLE | MM_LIMIT_SCOPE_FORCE | \
				 MM_LIMIT_SCOPE_PINNED | MM_LIMIT_SCOPE_LATER | \
				 MM_LIMIT_SCOPE_LOCKED)

/* What mm_limit_begin() returns where nobody is limited */
#define MM_LIMIT_NO_SCOPE	(~0U)

#ifdef CONFIG_MM_LIMIT

/* On while anything may be charged that has not been freed */
extern struct static_key_false_deferred mm_limit_held_key;

extern struct page_ext_operations mm_limit_page_ops;

bool __mm_limit_charge_page(struct page *page, gfp_t gfp);
bool __mm_limit_reserve_pages(unsigned long *owner, unsigned int order,
			      gfp_t gfp);
void __mm_limit_use_reserve(unsigned long owner, struct page *page,
			    unsigned int order);
void mm_limit_uncharge_pages(struct page *page, unsigned int order);
int __mm_limit_charge_folio(struct folio *folio, gfp_t gfp);
void __mm_limit_migrate(struct folio *old, struct folio *new);
bool __mm_limit_charge_dentry(struct dentry *dentry);
bool __mm_limit_charge_object(const void *object);
bool __mm_limit_keeps(const void *object, const struct dentry *dentry);
void __mm_limit_settle(void);
void __mm_limit_fork(void);
int __mm_limit_pin(unsigned long *pin, long pages);
void __mm_limit_pin_shared(unsigned long pin);
void __mm_limit_unpin(unsigned long pin);

/* May anything be charged that is about to be freed? */
static inline bool mm_limit_holds(void)
{
	return static_branch_unlikely(&mm_limit_held_key.key);
}

/**
 * mm_limit_charges - may an allocation of the current task be charged to somebody?
 *
 * Return: false where that costs little to say.
 */
static inline bool mm_limit_charges(void)
{
	return mm_limit_enabled() && current->mm &&
	       READ_ONCE(current->mm->mm_limit.charged);
}

/**
 * mm_limit_begin - charge what this task allocates in another way
 * @scope: MM_LIMIT_SCOPE_*, beside those that are in force
 *
 * Return: for mm_limit_end().
 */
static inline unsigned int mm_limit_begin(unsigned int scope)
{
	unsigned int old;

	if (!mm_limit_enabled())
		return MM_LIMIT_NO_SCOPE;
	old = current->mm_limit_scope;
	current->mm_limit_scope = (old | scope) & ~MM_LIMIT_REFUSED;
	return old;
}

/**
 * mm_limit_end - go on as before mm_limit_begin()
 * @scope: what it returned
 */
static inline void mm_limit_end(unsigned int scope)
{
	if (scope != MM_LIMIT_NO_SCOPE)
		current->mm_limit_scope = (scope & MM_LIMIT_SCOPES) |
					  (current->mm_limit_scope &
					   ~MM_LIMIT_SCOPES);
}

/**
 * mm_limit_error - the error of an allocation, for lack of room if it was refused
 * @error: what it came to
 * @refused: the error that the call has for lack of room
 */
static inline int mm_limit_error(int error, int refused)
{
	if (likely(!(current->mm_limit_scope & MM_LIMIT_REFUSED)))
		return error;
	current->mm_limit_scope &= ~MM_LIMIT_REFUSED;
	return error == -ENOMEM ? refused : error;
}

/**
 * mm_limit_refused - did an allocation fail at the limit of the task's user?
 * @gfp: how it was made
 *
 * That is no news for the log.
 */
static inline bool mm_limit_refused(gfp_t gfp)
{
	return (gfp & __GFP_ACCOUNT) &&
	       (current->mm_limit_scope & MM_LIMIT_REFUSED);
}

/**
 * mm_limit_charge_page - charge a page that was allocated with %__GFP_ACCOUNT
 * @page: the page
 * @gfp: how it was allocated
 *
 * Return: false if it does not fit the limit of the current task's user.
 */
static inline bool mm_limit_charge_page(struct page *page, gfp_t gfp)
{
	return __mm_limit_charge_page(page, gfp);
}

/**
 * mm_limit_reserve_pages - charge pages that are about to be allocated together
 * @owner: gets whom they are charged to, for mm_limit_use_reserve(); stays 0 for nobody
 * @order: there are 2^@order
 * @gfp: how they are allocated
 *
 * It takes long to clear many pages. If they were charged afterwards, threads that are kept
 * from going on could have any number of them.
 *
 * Return: false if they do not fit the limit of the current task's user.
 */
static inline bool mm_limit_reserve_pages(unsigned long *owner,
					  unsigned int order, gfp_t gfp)
{
	return !mm_limit_enabled() || !(gfp & __GFP_ACCOUNT) ||
	       __mm_limit_reserve_pages(owner, order, gfp);
}

/**
 * mm_limit_use_reserve - pages that are charged have been allocated, or not
 * @owner: whom they are charged to
 * @page: the first of them; NULL: none
 * @order: there are 2^@order
 */
static inline void mm_limit_use_reserve(unsigned long owner, struct page *page,
					unsigned int order)
{
	if (owner)
		__mm_limit_use_reserve(owner, page, order);
}

/**
 * mm_limit_uncharge_page - a page no longer belongs to whom it is charged to
 * @page: the page, which goes on to be used
 */
static inline void mm_limit_uncharge_page(struct page *page)
{
	if (mm_limit_holds())
		mm_limit_uncharge_pages(page, 0);
}

/**
 * mm_limit_charge_stack - charge a kernel stack that may have been used before
 * @pages: its pages
 * @nr: how many
 */
static inline bool mm_limit_charge_stack(struct page **pages, int nr)
{
	int i;

	if (!mm_limit_enabled())
		return true;
	for (i = 0; i < nr; i++)
		if (!__mm_limit_charge_page(pages[i], GFP_KERNEL))
			break;
	if (i == nr)
		return true;
	while (i--)
		mm_limit_uncharge_pages(pages[i], 0);
	return false;
}

/**
 * mm_limit_uncharge_stack - a kernel stack waits to be used again
 * @pages: its pages
 * @nr: how many
 */
static inline void mm_limit_uncharge_stack(struct page **pages, int nr)
{
	while (nr--)
		mm_limit_uncharge_page(pages[nr]);
}

/**
 * mm_limit_settle - a lock is about to be taken that others may queue for
 *
 * What the current task's user has freed, and is charged for a grace period, is waited for
 * now if the user is near its limit; with the lock, in %MM_LIMIT_SCOPE_LOCKED, it is not.
 *
 * Context: process, without a lock.
 */
static inline void mm_limit_settle(void)
{
	if (mm_limit_enabled())
		__mm_limit_settle();
}

/**
 * mm_limit_fork - a process is about to be made, by the current task
 */
static inline void mm_limit_fork(void)
{
	if (mm_limit_enabled())
		__mm_limit_fork();
}

/**
 * mm_limit_charge_folio - charge a folio of a file that is in memory only
 * @folio: the folio, new
 * @gfp: how it was allocated
 *
 * It is uncharged when it is freed.
 *
 * Return: 0, or -ENOSPC: it does not fit the limit of the current task's user.
 */
static inline int mm_limit_charge_folio(struct folio *folio, gfp_t gfp)
{
	return mm_limit_enabled() ? __mm_limit_charge_folio(folio, gfp) : 0;
}

/**
 * mm_limit_migrate - a folio has taken the place of another
 * @old: the other
 * @new: the folio, of the same size
 */
static inline void mm_limit_migrate(struct folio *old, struct folio *new)
{
	if (mm_limit_holds())
		__mm_limit_migrate(old, new);
}

/**
 * mm_limit_charge_dentry - charge a dentry that is about to be pinned
 * @dentry: the dentry
 *
 * Return: false if it does not fit the limit of the current task's user.
 */
static inline bool mm_limit_charge_dentry(struct dentry *dentry)
{
	return !mm_limit_enabled() || __mm_limit_charge_dentry(dentry);
}

/**
 * mm_limit_charge_inode - charge an inode that is pinned
 * @inode: the inode
 *
 * Return: false if it does not fit the limit of the current task's user.
 */
static inline bool mm_limit_charge_inode(struct inode *inode)
{
	return !mm_limit_enabled() || __mm_limit_charge_object(inode);
}

/**
 * mm_limit_keeps - charge a user's object with the inode and the name that it keeps
 * @object: a slab object that has been charged when it was allocated, if at all
 * @dentry: the name, with an inode
 *
 * They come from caches that the kernel can shrink, but not while the object lives. Each
 * object that keeps them is charged with them, until it is freed. For a file system in
 * memory, and what is somebody's already, that is nothing.
 *
 * Return: false if it does not fit the limit of the current task's user.
 */
static inline bool mm_limit_keeps(const void *object,
				  const struct dentry *dentry)
{
	return !mm_limit_enabled() || __mm_limit_keeps(object, dentry);
}

/**
 * mm_limit_charge_name - charge a path's name, where it will be pinned
 * @name: the object that it is in
 *
 * Most names last no longer than a call, and are charged with the thread
 * (mm_limit_charge_calls()): those that are not in %MM_LIMIT_SCOPE_PINNED.
 *
 * Return: false if it does not fit the limit of the current task's user.
 */
static inline bool mm_limit_charge_name(const void *name)
{
	return !mm_limit_enabled() ||
	       !(current->mm_limit_scope & MM_LIMIT_SCOPE_PINNED) ||
	       __mm_limit_charge_object(name);
}

/**
 * mm_limit_pin - charge pages of an address space that are kept though unmapped
 * @pin: where to keep whom they are charged to; 0: nobody
 * @pages: how many
 *
 * Return: 0 or -ENOMEM.
 */
static inline int mm_limit_pin(unsigned long *pin, long pages)
{
	*pin = 0;
	return mm_limit_enabled() ? __mm_limit_pin(pin, pages) : 0;
}

/**
 * mm_limit_pin_shared - something else keeps the same pages
 * @pin: what mm_limit_pin() has left; there is one mm_limit_unpin() more to come
 */
static inline void mm_limit_pin_shared(unsigned long pin)
{
	if (pin)
		__mm_limit_pin_shared(pin);
}

/**
 * mm_limit_unpin - pages are kept no longer
 * @pin: what mm_limit_pin() has left
 */
static inline void mm_limit_unpin(unsigned long pin)
{
	if (pin)
		__mm_limit_unpin(pin);
}

#else /* !CONFIG_MM_LIMIT */

static inline bool mm_limit_holds(void)
{
	return false;
}

static inline bool mm_limit_charges(void)
{
	return false;
}

static inline unsigned int mm_limit_begin(unsigned int scope)
{
	return 0;
}

static inline void mm_limit_end(unsigned int scope)
{
}

static inline int mm_limit_error(int error, int refused)
{
	return error;
}

static inline bool mm_limit_refused(gfp_t gfp)
{
	return false;
}

static inline bool mm_limit_charge_page(struct page *page, gfp_t gfp)
{
	return true;
}

static inline bool mm_limit_reserve_pages(unsigned long *owner,
					  unsigned int order, gfp_t gfp)
{
	return true;
}

static inline void mm_limit_use_reserve(unsigned long owner, struct page *page,
					unsigned int order)
{
}

static inline void mm_limit_uncharge_page(struct page *page)
{
}

static inline bool mm_limit_charge_stack(struct page **pages, int nr)
{
	return true;
}

static inline void mm_limit_uncharge_stack(struct page **pages, int nr)
{
}

static inline void mm_limit_settle(void)
{
}

static inline void mm_limit_fork(void)
{
}

static inline int mm_limit_charge_folio(struct folio *folio, gfp_t gfp)
{
	return 0;
}

static inline void mm_limit_migrate(struct folio *old, struct folio *new)
{
}

static inline bool mm_limit_charge_dentry(struct dentry *dentry)
{
	return true;
}

static inline bool mm_limit_charge_inode(struct inode *inode)
{
	return true;
}

static inline bool mm_limit_keeps(const void *object,
				  const struct dentry *dentry)
{
	return true;
}

static inline bool mm_limit_charge_name(const void *name)
{
	return true;
}

static inline int mm_limit_pin(unsigned long *pin, long pages)
{
	*pin = 0;
	return 0;
}

static inline void mm_limit_pin_shared(unsigned long pin)
{
}

static inline void mm_limit_unpin(unsigned long pin)
{
}

#endif /* CONFIG_MM_LIMIT */

#include <linux/mm_limit_kept.h>
#include <linux/mm_limit_swap.h>

#endif /* _LINUX_MM_LIMIT_HELD_H */
