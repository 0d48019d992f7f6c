// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: whom a slab object is charged to.
 *
 * The account stands in the slab's vector of extensions, as a memory cgroup does. Bytes
 * are added up for each account; only where they need a page more, or a page less,
 * anything else of the account is touched.
 *
 * Caches that can be shrunk hold what the kernel may take back at will, such as the
 * inodes of files on disk. Of them, only what the user pins is charged. While they are
 * pinned by an object of the user's, such as an open file, that is charged with them.
 */

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kfence.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/sizes.h>
#include <linux/xarray.h>

#include "../slab.h"
#include "bytes.h"
#include "held.h"

/*
 * What an object keeps is added to it, as one of these sizes, which is in the lowest bits
 * of its account's address: from a name and an inode to those of a file of a thread in
 * /proc, which keeps four folders. More than KEPT_MOST is charged as that. KEPT_CALLS is what
 * the calls of a thread keep: a name, and as many links as a path may have. What is above is
 * for the numbers of a process in nested namespaces, in which each may take a node.
 */
#define KEPT_MASK	15UL
#define KEPT_MOST	6UL
#define KEPT_CALLS	7UL
#define KEPT_NUMBERS	9UL

static const short kept_sizes[KEPT_MASK + 1] = {
	0, 192, 384, 640, 1024, 1792, 3072,
	PATH_MAX + (IS_ENABLED(CONFIG_64BIT) ? SZ_2K : SZ_1K),
	7 * SZ_1K, sizeof(struct xa_node) * MAX_PID_NS_LEVEL
};

static_assert(sizeof(struct xa_node) * MAX_PID_NS_LEVEL > 7 * SZ_1K);

static_assert(__alignof__(struct mm_limit_account) > KEPT_MASK);

static long kept_size(const struct slabobj_ext *ext)
{
	return kept_sizes[(unsigned long)ext->mm_limit & KEPT_MASK];
}

static struct mm_limit_account *account_of(const struct slabobj_ext *ext)
{
	return (void *)((unsigned long)ext->mm_limit & ~KEPT_MASK);
}

/* What an object takes, with its place in the vector */
static long object_bytes(struct kmem_cache *s)
{
	return s->size + sizeof(struct slabobj_ext);
}

/* An object's place in the vector of its slab, which is made if need be; NULL: no memory */
static __always_inline struct slabobj_ext *extension_of(struct kmem_cache *s,
							struct slab *slab,
							gfp_t flags,
							void *object)
{
	if (unlikely(!slab_obj_exts(slab)) &&
	    alloc_slab_obj_exts(slab, s, flags, false))
		return NULL;
	return slab_obj_exts(slab) + obj_to_index(s, slab, object);
}

/* Whom a slab was made for, and how many of its objects are charged to that user */
struct slab_maker {
	struct mm_limit_account *acct;	/* only to be compared: it may have gone */
	atomic_t objects;
};

static_assert(sizeof(struct slab_maker) <=
	      MM_LIMIT_SLAB_EXTS * sizeof(struct slabobj_ext));

static __always_inline struct slab_maker *maker_of(struct slab *slab)
{
	return (void *)(slab_obj_exts(slab) + slab->objects);
}

/* The vector of a page of KFENCE's has one place and nothing behind it. */
static __always_inline bool is_made_for(struct slab *slab,
					const struct mm_limit_account *acct)
{
	return !is_kfence_address(slab_address(slab)) &&
	       maker_of(slab)->acct == acct;
}

/**
 * mm_limit_slab_made - a slab has been made, of a cache whose objects are charged
 * @s: the cache
 * @slab: the slab, which has no objects yet
 * @flags: how
 *
 * Without memory for a vector it is as if it were made for nobody.
 *
 * Context: any.
 */
void mm_limit_slab_made(struct kmem_cache *s, struct slab *slab, gfp_t flags)
{
	if (!mm_limit_charges() ||
	    ((s->flags & SLAB_RECLAIM_ACCOUNT) &&
	     !(current->mm_limit_scope & MM_LIMIT_SCOPE_PINNED)))
		return;
	if (!slab_obj_exts(slab) && alloc_slab_obj_exts(slab, s, flags, true))
		return;

	guard(preempt)();
	maker_of(slab)->acct = mm_limit_payer();
}

static noinline bool enter_first(struct mm_limit_account *acct,
				 struct slab *slab, gfp_t flags)
{
	return mm_limit_slabs_grow(acct, slab_size(slab), flags);
}

static __always_inline bool enter_slab(struct mm_limit_account *acct,
				       struct slab *slab, gfp_t flags)
{
	return !is_made_for(slab, acct) ||
	       likely(atomic_inc_return_relaxed(&maker_of(slab)->objects) > 1) ||
	       enter_first(acct, slab, flags);
}

static noinline void leave_last(struct mm_limit_account *acct,
				struct slab *slab)
{
	mm_limit_slabs_fall(acct, slab_size(slab));
}

static __always_inline void leave_slab(struct mm_limit_account *acct,
				       struct slab *slab)
{
	if (is_made_for(slab, acct) &&
	    unlikely(!atomic_dec_return_relaxed(&maker_of(slab)->objects)))
		leave_last(acct, slab);
}

/* Inside the unit that mm_limit_charge() describes */
static __always_inline bool charge_to(struct mm_limit_account *acct,
				      struct kmem_cache *s, struct slab *slab,
				      struct slabobj_ext *ext, gfp_t flags)
{
	if (!mm_limit_bytes_grow(acct, object_bytes(s), flags))
		return false;
	ext->mm_limit = acct;
	if (likely(enter_slab(acct, slab, flags)))
		return true;
	mm_limit_uncharge_object(s, slab, ext);
	return false;
}

static __always_inline bool charge_object(struct kmem_cache *s, gfp_t flags,
					  void *object)
{
	struct slab *slab = virt_to_slab(object);
	struct slabobj_ext *ext = extension_of(s, slab, flags, object);
	struct mm_limit_account *acct;

	if (unlikely(!ext))
		return mm_limit_held_forced(flags);

	guard(preempt)();
	acct = mm_limit_payer();
	if (!acct || ext->mm_limit)
		return true;
	return charge_to(acct, s, slab, ext, flags);
}

/* What its user has freed of the same kind may make room, a grace period later. */
static noinline bool charge_again(struct kmem_cache *s, gfp_t flags,
				  void *object)
{
	return (s->flags & SLAB_TYPESAFE_BY_RCU) &&
	       !(current->mm_limit_scope & MM_LIMIT_SCOPE_LOCKED) &&
	       gfpflags_allow_blocking(flags) && mm_limit_wait_for_later() &&
	       charge_object(s, flags, object);
}

/**
 * mm_limit_charge_objects - charge slab objects that have been allocated
 * @s: the cache
 * @flags: how
 * @size: how many
 * @p: the objects
 *
 * The current task's address space is charged at all: mm_limit_charges().
 *
 * Return: false if they do not fit the limit of the current task's user.
 * Context: any.
 */
bool mm_limit_charge_objects(struct kmem_cache *s, gfp_t flags, size_t size,
			     void **p)
{
	const unsigned int scope = current->mm_limit_scope;
	size_t i;

	if (((s->flags & SLAB_RECLAIM_ACCOUNT) ||
	     (scope & MM_LIMIT_SCOPE_LATER)) &&
	    !(scope & MM_LIMIT_SCOPE_PINNED))
		return true;
	for (i = 0; i < size; i++) {
		if (p[i] && !charge_object(s, flags, p[i]) &&
		    !charge_again(s, flags, p[i])) {
			current->mm_limit_scope |= MM_LIMIT_REFUSED;
			return false;
		}
	}
	return true;
}

static noinline void uncharge_kept(struct slabobj_ext *ext)
{
	struct mm_limit_account *acct = account_of(ext);

	mm_limit_bytes_fall(acct, kept_size(ext));
	ext->mm_limit = acct;
}

/**
 * mm_limit_uncharge_object - a slab object that is charged is freed
 * @s: the cache
 * @slab: its slab
 * @ext: its place in the vector of its slab
 *
 * Context: any.
 */
void mm_limit_uncharge_object(struct kmem_cache *s, struct slab *slab,
			      struct slabobj_ext *ext)
{
	struct mm_limit_account *acct;

	/* A walk sees both of them, or neither. */
	guard(preempt)();
	if (unlikely((unsigned long)ext->mm_limit & KEPT_MASK))
		uncharge_kept(ext);
	acct = ext->mm_limit;
	ext->mm_limit = NULL;
	leave_slab(acct, slab);
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		mm_limit_bytes_fall_later(acct, object_bytes(s));
	else
		mm_limit_bytes_fall(acct, object_bytes(s));
}

/* An object's cache, NULL for what is none, and its place in the vector, NULL for none */
static struct slabobj_ext *find_extension(const void *object,
					  struct kmem_cache **s)
{
	struct slab *slab = virt_to_slab(object);
	struct slabobj_ext *exts = slab ? slab_obj_exts(slab) : NULL;

	*s = slab ? slab->slab_cache : NULL;
	return exts ? exts + obj_to_index(*s, slab, (void *)object) : NULL;
}

/**
 * mm_limit_disown_object - an object stays, but no longer for the user who made it
 * @object: the object, which nobody frees meanwhile
 *
 * Context: any.
 */
void mm_limit_disown_object(const void *object)
{
	struct kmem_cache *s;
	struct slabobj_ext *ext = find_extension(object, &s);

	if (ext && ext->mm_limit)
		mm_limit_uncharge_object(s, virt_to_slab(object), ext);
}

/**
 * mm_limit_walk_objects - add a slab's objects to what a walk finds
 * @page: its first page
 *
 * Context: while nobody else runs.
 */
void mm_limit_walk_objects(struct page *page)
{
	struct slab *slab = page_slab(page);
	struct slabobj_ext *ext = slab_obj_exts(slab);
	struct kmem_cache *s = slab->slab_cache;
	unsigned int i, own = 0;

	if (!ext)
		return;
	for (i = 0; i < slab->objects; i++) {
		struct mm_limit_account *acct = account_of(&ext[i]);

		if (!acct)
			continue;
		acct->held.walk.bytes += object_bytes(s) + kept_size(&ext[i]);
		if (is_made_for(slab, acct) && !own++)
			acct->held.walk.slabs += slab_size(slab);
	}
}

/* Charge an object that was not when it was allocated, if the current task is at all. */
bool __mm_limit_charge_object(const void *object)
{
	struct slab *slab = virt_to_slab(object);

	if (!slab || !mm_limit_charges())
		return true;
	return charge_object(slab->slab_cache, GFP_KERNEL, (void *)object);
}

/* Its name is an object of its own, if it is long; any address within will do. */
bool __mm_limit_charge_dentry(struct dentry *dentry)
{
	return __mm_limit_charge_object(dentry) &&
	       (dentry->d_name.name == dentry->d_iname ||
		__mm_limit_charge_object(dentry->d_name.name));
}

/* What is not charged, and could be taken back if nothing kept it */
static long reclaimable_bytes(const void *object)
{
	struct kmem_cache *s;
	struct slabobj_ext *ext = find_extension(object, &s);

	if (!s || !(s->flags & SLAB_RECLAIM_ACCOUNT) || (ext && ext->mm_limit))
		return 0;
	return object_bytes(s);
}

static long kept_bytes(const struct dentry *dentry)
{
	struct inode *inode = d_inode_rcu(dentry);
	const unsigned char *name;
	long bytes;

	bytes = inode ? reclaimable_bytes(inode) : 0;
	if (!bytes)
		return 0;
	bytes += reclaimable_bytes(dentry);
	/* What a rename has replaced is freed a grace period later. */
	guard(rcu)();
	name = READ_ONCE(dentry->d_name.name);
	if (name != dentry->d_iname)
		bytes += reclaimable_bytes(name);
	return bytes;
}

/*
 * With the folders above it, which stay when what they are of has gone, as a thread in
 * /proc has. The root is the file system's.
 */
static long kept_with_folders(const struct dentry *dentry)
{
	long bytes = kept_bytes(dentry);

	/* A former folder may be freed meanwhile, but a grace period later. */
	guard(rcu)();
	while (bytes && bytes < kept_sizes[KEPT_MOST] && !IS_ROOT(dentry)) {
		dentry = READ_ONCE(dentry->d_parent);
		if (!IS_ROOT(dentry))
			bytes += kept_bytes(dentry);
	}
	return bytes;
}

/* Charge an object of the current task's user with one of the sizes. */
static bool charge_kept_size(const void *object, unsigned long size)
{
	struct kmem_cache *s;
	struct slabobj_ext *ext = find_extension(object, &s);
	struct mm_limit_account *acct;

	guard(preempt)();
	acct = mm_limit_payer();
	/* Somebody else's is not charged, nor is the same object twice. */
	if (!acct || !ext || ext->mm_limit != acct)
		return true;
	if (!mm_limit_bytes_grow(acct, kept_sizes[size], GFP_KERNEL))
		return false;
	ext->mm_limit = (void *)((unsigned long)acct | size);
	return true;
}

/* The least of the sizes up to @most that is enough, or that one */
static unsigned long size_for(long kept, unsigned long most)
{
	unsigned long size = 0;

	while (size < most && kept_sizes[size] < kept)
		size++;
	return size;
}

static noinline bool charge_kept(const void *object, const struct dentry *dentry)
{
	long kept;

	if (!mm_limit_charges())
		return true;
	kept = kept_with_folders(dentry);
	if (!kept)
		return true;
	return charge_kept_size(object, size_for(kept, KEPT_MOST));
}

/* Such file systems keep their names themselves, as tmpfs does. */
static bool keeps_itself(const struct dentry *dentry)
{
	return dentry->d_sb->s_type->kill_sb == kill_litter_super;
}

bool __mm_limit_keeps(const void *object, const struct dentry *dentry)
{
	return keeps_itself(dentry) || charge_kept(object, dentry);
}

int __mm_limit_keep(struct mm_limit_kept *kept, const struct path *path)
{
	const struct dentry *dentry = path->dentry;
	void *object;

	if (!mm_limit_charges() || dentry == path->mnt->mnt_root ||
	    keeps_itself(dentry) || !kept_with_folders(dentry))
		return 0;
	object = kmalloc(sizeof(long), GFP_KERNEL_ACCOUNT);
	if (!object)
		return -ENOMEM;
	if (!charge_kept(object, dentry)) {
		kfree(object);
		return -ENOMEM;
	}
	kept->object = object;
	return 0;
}

/**
 * mm_limit_unkeep - a path is kept no longer
 * @kept: what mm_limit_keep() has left
 *
 * Context: any.
 */
void mm_limit_unkeep(struct mm_limit_kept *kept)
{
	kfree(kept->object);
}

bool __mm_limit_charge_calls(const struct task_struct *task)
{
	return !mm_limit_charges() || charge_kept_size(task, KEPT_CALLS);
}

bool __mm_limit_charge_numbers(const struct pid *pid)
{
	return !mm_limit_charges() ||
	       charge_kept_size(pid, size_for(pid->level * sizeof(struct xa_node),
					      KEPT_NUMBERS));
}

/*
 * The other object is charged to the account, and so keeps it. If the limit has been removed
 * since, nothing is charged.
 */
bool __mm_limit_charge_like(const void *object, const void *other, gfp_t gfp)
{
	struct slab *slab = virt_to_slab(object);
	struct mm_limit_account *acct;
	struct slabobj_ext *ext, *others;
	struct kmem_cache *s;

	if (!slab || !virt_addr_valid(other) || !in_task())
		return true;
	others = find_extension(other, &s);
	if (!others || !others->mm_limit)
		return true;
	ext = extension_of(slab->slab_cache, slab, gfp, (void *)object);
	if (!ext)
		return mm_limit_held_forced(gfp);

	guard(preempt)();
	acct = account_of(others);
	if (ext->mm_limit || !READ_ONCE(acct->held.charging))
		return true;
	return charge_to(acct, slab->slab_cache, slab, ext, gfp);
}
