// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: whom memory that each CPU has is charged to.
 *
 * The account stands in the chunk's vector of extensions, as a memory cgroup does, at
 * the area's first unit of allocation. What an area takes on all CPUs, and its place in
 * the vector, is added up in bytes, together with slab objects.
 */

#include <linux/mm.h>
#include <linux/preempt.h>

#include "../percpu-internal.h"
#include "held.h"

static struct pcpuobj_ext *extension_of(struct pcpu_chunk *chunk, int off)
{
	return &chunk->obj_exts[off >> PCPU_MIN_ALLOC_SHIFT];
}

static long area_bytes(size_t size)
{
	return size * num_possible_cpus() +
	       (size >> PCPU_MIN_ALLOC_SHIFT) * sizeof(struct pcpuobj_ext);
}

/**
 * mm_limit_charge_area - charge an area of each CPU's that has been allocated
 * @chunk: where; it has a vector
 * @off: at which offset
 * @size: of how many bytes
 * @gfp: how it was allocated
 *
 * Return: false if it does not fit the limit of the current task's user.
 * Context: any.
 */
bool mm_limit_charge_area(struct pcpu_chunk *chunk, int off, size_t size,
			  gfp_t gfp)
{
	struct mm_limit_account *acct;

	guard(preempt)();
	acct = mm_limit_payer();
	if (!acct)
		return true;
	if (!mm_limit_charge_bytes(acct, area_bytes(size), gfp)) {
		current->mm_limit_scope |= MM_LIMIT_REFUSED;
		return false;
	}
	extension_of(chunk, off)->mm_limit = acct;
	return true;
}

/**
 * mm_limit_leave_area - an area is about to be freed
 * @chunk: where it is; it has a vector
 * @off: at which offset
 *
 * Return: whom it is charged to, for mm_limit_uncharge_area(), or NULL.
 * Context: with pcpu_lock held.
 */
struct mm_limit_account *mm_limit_leave_area(struct pcpu_chunk *chunk, int off)
{
	struct pcpuobj_ext *ext = extension_of(chunk, off);
	struct mm_limit_account *acct = ext->mm_limit;

	ext->mm_limit = NULL;
	return acct;
}

/**
 * mm_limit_uncharge_area - an area has been freed
 * @acct: whom it was charged to
 * @size: of how many bytes it was
 *
 * Context: any.
 */
void mm_limit_uncharge_area(struct mm_limit_account *acct, size_t size)
{
	mm_limit_uncharge_bytes(acct, area_bytes(size));
}

static void walk_chunk(struct pcpu_chunk *chunk)
{
	const int bits = pcpu_chunk_map_bits(chunk);
	int bit, end;
	long bytes;

	for (bit = 0; chunk->obj_exts && bit < bits; bit = end) {
		struct mm_limit_account *acct = chunk->obj_exts[bit].mm_limit;

		end = find_next_bit(chunk->bound_map, bits, bit + 1);
		if (!acct)
			continue;
		bytes = area_bytes((end - bit) * PCPU_MIN_ALLOC_SIZE);
		acct->held.walk.bytes += bytes;
		acct->held.walk.areas += bytes;
	}
}

/**
 * mm_limit_walk_areas - add what each CPU has to what a walk finds
 *
 * Context: while nobody else runs.
 */
void mm_limit_walk_areas(void)
{
	struct pcpu_chunk *chunk;
	int slot;

	for (slot = 0; slot < pcpu_nr_slots; slot++)
		list_for_each_entry(chunk, &pcpu_chunk_lists[slot], list)
			walk_chunk(chunk);
}
