// SPDX-License-Identifier: GPL-2.0-only
/* What splats.conf may say, and what of a kernel's log it makes a splat. */
#include "fixture.h"

#include <errno.h>
#include <string.h>

static void broken_splats_are_named_by_line(void **state)
{
	static const struct {
		const char *data;
		const char *why;
	} cases[] = {
		{ "allow x\n", "p.conf:1: no deny pattern" },
		{ "deny x\nforbid y\n",
		  "p.conf:2: neither deny, allow, start, trace nor end: forbid" },
		{ "deny\n", "p.conf:1: deny needs a pattern" },
		{ "deny (\n", "p.conf:1: bad pattern: " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct splats splats = { 0 };
		struct text why = { 0 };

		assert_int_equal(splats_parse(&splats, "p.conf", cases[i].data,
					      &why),
				 -EINVAL);
		assert_non_null(strstr(text_string(&why), cases[i].why));
		splats_free(&splats);
		text_free(&why);
	}
}

/* Each rule of splats.conf on the lines it is there for, and near misses. */
static void splats_are_told_from_ordinary_lines(void **state)
{
	static const char *const denied[] = {
		"WARNING: possible recursive locking detected",
		"[ BUG: Invalid wait context ]",
		"BUG: sleeping function called from invalid context at mm/x.c:1",
		"BUG kmalloc-64 (Not tainted): Poison overwritten",
		"watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [prj2:33]",
		"kernel BUG at mm/mm_limit/account.c:12!",
		"Unable to handle kernel paging request at virtual address 1",
		"Internal error: Oops: 5 [#1] ARM",
		"rcu: INFO: rcu_sched detected stalls on CPUs/tasks:",
		"rcu: INFO: rcu_preempt self-detected stall on CPU",
		"UBSAN: shift-out-of-bounds in mm/mm_limit/kill.c:12:3",
		"INFO: task prj2:33 blocked for more than 20 seconds.",
		"prj2: page allocation failure: order:0, mode:0x0",
		"Memory cgroup out of memory: Killed process 3 (x)",
		"refcount_t: underflow; use-after-free.",
		"kmemleak: 1 new suspected memory leaks (see ...)",
		"------------[ cut here ]------------",
		"8<--- cut here ---",
		"** 12 printk messages dropped **",
		"INFO: task a",
		"b:123 blocked for more than 20 seconds.",
		"irq 27: nobody cared (try booting with ...)",
		"Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF",
		"get_swap_device: Bad swap file entry 50000001",
		"_swap_info_get: Bad swap offset entry 0000f00d",
		"Read-error on swap-device (254:0:2048)",
		"Write error -5 on dio swapfile (4096)",
		"I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x800",
		"Buffer I/O error on dev vda, logical block 0",
		"zram: Decompression failed! err=-22, page=12",
		"mm/memory.c:54: bad pte 40bff811.",
		"FIX kmalloc-64: Restoring Poison 0x1-0x2=0x6b",
		"[Right Redzone overwritten] 0x1-0x2 @offset=3",
		"pagealloc: memory corruption",
		"usercopy: Kernel memory overwrite attempt detected to x",
		"kobject: kobject_add_internal failed for x with -EEXIST",
		"debugfs: File 'x' in directory 'y' already present!",
		"sysctl duplicate entry: /vm/mm_limit",
		"Division by zero in kernel.",
		"note: prog[33] exited with irqs disabled",
		"huh, entered softirq 1 TIMER 0x1 with preempt_count 100, exited with 101?",
		"bad: scheduling from the idle thread!",
		"schedule_timeout: wrong timeout value ffffffff",
		"rcu: call_rcu(): Double-freed CB 0x1->f()!!!",
		"smp: csd: Detected non-responsive CSD lock (#1) on CPU#0",
		"CPU1: failed to boot: -38",
		"ODEBUG: Out of memory. ODEBUG disabled",
		"turning off the locking correctness validator.",
		"percpu: allocation failed, size=64 align=8 atomic=0",
		"SLUB: Unable to add boot slab kmalloc-64 to sysfs",
		"prog: vmalloc error: size 4096, failed to allocate pages",
		"Failed to set sysctl parameter 'a=b': invalid value",
		"kmemleak: Cannot allocate a kmemleak_object structure",
		"rcu: INFO: rcu_tasks detected stalls on tasks:",
		"CPU: 0 UID: 0 PID: 41 Comm: insmod Not tainted 6.12 #1",
	};
	static const char *const harmless[] = {
		"DEBUG: nothing",
		"WARN_ON is mentioned",
		"Oop",
		"mm_limit: uid=10070, uRSS=1, mm_max=1, pid=1, pRSS=1",
		"kmemleak: Kernel memory leak detector initialized",
		"rcu: Hierarchical RCU implementation.",
		"lkdtm: Performing direct entry WARNING",
		"CPU: ARMv7 Processor [414fc0f0] revision 0 (ARMv7)",
		"CPU0: thread -1, cpu 0, socket 0, mpidr 80000000",
		"CPU1: stopping",
		"SLUB: Unable to allocate memory on CPU 0 (of node 0)",
		"taskmonitor: loading out-of-tree module taints kernel.",
		"taskmonitor: unknown parameter 'x' ignored",
		"mm_limit: stuck: uid=10070, uRSS=1, mm_max=1: no victim",
		"workqueue: f hogged CPU for >10000us 4 times",
		"process 'x' launched 'y' with NULL argv",
		"NMI watchdog: disabled",
		"random: crng init done",
	};
	struct splat_watch watch = { .splats = &fixture_splats };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(denied) / sizeof(*denied); i++) {
		enum splat_found found = splat_feed(&watch, denied[i]);

		if (found != SPLAT_NEW && splat_close(&watch) != SPLAT_NEW)
			fail_msg("not found: %s", denied[i]);
		splat_close(&watch);
	}
	for (i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		if (splat_feed(&watch, harmless[i]) != SPLAT_NONE ||
		    splat_close(&watch) != SPLAT_NONE)
			fail_msg("found: %s", harmless[i]);
	}
	splat_watch_free(&watch);
}

/* One stack trace is part of a permitted splat, another one is not. */
static void a_trace_belongs_to_one_splat(void **state)
{
	static const char trace[] = "CPU: 0 UID: 0 PID: 41 Comm: x";
	struct splat_watch watch = { .splats = &fixture_splats };

	(void)state;
	assert_null(splat_expect(&watch, "^x invoked oom-killer"));
	assert_int_equal(splat_feed(&watch, "x invoked oom-killer: "),
			 SPLAT_NONE);
	assert_int_equal(splat_feed(&watch, trace), SPLAT_NONE);
	assert_int_equal(splat_feed(&watch, "Mem-Info:"), SPLAT_NONE);
	assert_int_equal(splat_feed(&watch, "what it is"), SPLAT_NONE);
	assert_int_equal(splat_feed(&watch, trace), SPLAT_NEW);
	assert_string_equal(text_string(&watch.headline), "what it is");
	assert_string_equal(text_string(&watch.pending),
			    "what it is\nCPU: 0 UID: 0 PID: 41 Comm: x\n");
	assert_int_equal(splat_close(&watch), SPLAT_NONE);
	/* A line that is not the kernel's comes between. */
	assert_int_equal(splat_feed(&watch, trace), SPLAT_NEW);
	assert_string_equal(text_string(&watch.headline), trace);
	splat_watch_free(&watch);
}

static void a_permitted_splat_hides_no_other(void **state)
{
	static const char patterns[] = "start ^-+\\[ cut here\n"
				       "end ^---\\[ end\n"
				       "deny ^WARNING: \n"
				       "deny ^BUG: \n"
				       "allow at known\\.c\n";
	struct splat_watch watch = { 0 };
	struct splats splats = { 0 };
	struct text why = { 0 };

	(void)state;
	assert_int_equal(splats_parse(&splats, "p.conf", patterns, &why), 0);
	watch.splats = &splats;
	assert_int_equal(splat_feed(&watch, "---[ cut here"), SPLAT_NONE);
	assert_int_equal(splat_feed(&watch, "WARNING: at known.c"), SPLAT_NONE);
	assert_int_equal(splat_feed(&watch, "Call trace:"), SPLAT_NONE);
	assert_int_equal(splat_feed(&watch, "BUG: other"), SPLAT_NEW);
	assert_string_equal(text_string(&watch.headline), "BUG: other");
	assert_int_equal(splat_feed(&watch, "WARNING: at known.c"), SPLAT_MORE);
	assert_int_equal(splat_feed(&watch, "---[ end trace"), SPLAT_MORE);
	assert_int_equal(splat_feed(&watch, "WARNING: at known.c"), SPLAT_NONE);
	assert_null(splat_expect(&watch, "^BUG: wanted"));
	assert_int_equal(splat_feed(&watch, "BUG: wanted"), SPLAT_NONE);
	splat_expect_none(&watch);
	assert_int_equal(splat_feed(&watch, "BUG: wanted"), SPLAT_NEW);
	assert_non_null(splat_expect(&watch, "("));
	assert_non_null(splat_expect(&watch, ""));
	assert_non_null(splat_expect(&watch, "a{9999}"));
	assert_non_null(splat_expect(&watch, "a++++++++++++++++++++++++++++"));
	assert_non_null(splat_expect(&watch, "(a)\\1"));
	splat_watch_free(&watch);
	splats_free(&splats);
	text_free(&why);
}

/* A test that permits everything would pass whatever the kernel says. */
static void only_so_many_splats_are_permitted_at_once(void **state)
{
	struct splat_watch watch = { .splats = &fixture_splats };
	int i;

	(void)state;
	/* An escape that is no reference is one of those that cost nothing. */
	for (i = 0; i < SPLAT_EXPECTED_MAX; i++)
		assert_null(splat_expect(&watch, "^a\\.b\\[1\\]"));
	assert_string_equal(splat_expect(&watch, "one more"),
			    "too many expected splats");
	splat_expect_none(&watch);
	assert_null(splat_expect(&watch, "one more"));
	splat_watch_free(&watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_splats_are_named_by_line),
		cmocka_unit_test(splats_are_told_from_ordinary_lines),
		cmocka_unit_test(a_trace_belongs_to_one_splat),
		cmocka_unit_test(a_permitted_splat_hides_no_other),
		cmocka_unit_test(only_so_many_splats_are_permitted_at_once),
	};

	return RUN_GROUP_IN(tests, load_splats, free_splats);
}
