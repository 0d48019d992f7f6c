/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Per-user limits on physical memory: system call numbers and structures.
 * Semantics and errors: Documentation/mm/mm_limit.rst.
 */
#ifndef _UAPI_LINUX_MM_LIMIT_H
#define _UAPI_LINUX_MM_LIMIT_H

/*
 * The numbers are the same in the kernel's table (arch/arm/tools/syscall.tbl),
 * far above those upstream hands out.
 */
#ifndef __NR_mm_limit
#define __NR_mm_limit		500
#define __NR_mm_limit_time	501
#define __NR_get_mm_limit	502
#endif

/**
 * struct mm_limit_user - the limit in force for a user, see get_mm_limit()
 * @mm_max: bytes of physical memory
 * @time_allow_exceed_ms: how long the user may stay above @mm_max, in
 *	milliseconds; 0 is not at all
 */
struct mm_limit_user {
	unsigned long mm_max;
	unsigned long time_allow_exceed_ms;
};

#endif /* _UAPI_LINUX_MM_LIMIT_H */
