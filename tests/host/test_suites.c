// SPDX-License-Identifier: GPL-2.0-only
/* What suites.conf, splats.conf and QEMU's argument files may say. */
#include "fixture.h"

#include <errno.h>
#include <string.h>

#include "options.h"
#include "qemu.h"
#include "suites.h"

static void suites_have_keys_and_defaults(void **state)
{
	static const char data[] =
		"# comment\n"
		"\n"
		"prj2 guest\t# comment\n"
		"races\tguest smp=4 icount=no timeout=30 append=a=b append=c#d\r\n"
		"fit guest boot=fit for=release for=debug\n"
		"unit host path=test_unit";
	struct suites suites = { 0 };
	struct text why = { 0 };

	(void)state;
	assert_int_equal(suites_parse(&suites, "s.conf", data, &why), 0);
	assert_int_equal(suites.count, 4);
	assert_string_equal(suites.suites[0].name, "prj2");
	assert_int_equal(suites.suites[0].kind, SUITE_GUEST);
	assert_int_equal(suites.suites[0].timeout, 600);
	assert_int_equal(suites.suites[0].smp, 1);
	assert_true(suites.suites[0].icount);
	assert_false(suites.suites[0].fit);
	assert_int_equal(suites.suites[1].smp, 4);
	assert_int_equal(suites.suites[1].timeout, 30);
	assert_false(suites.suites[1].icount);
	assert_string_equal(text_string(&suites.suites[1].append), " a=b c#d");
	assert_true(suites.suites[2].fit);
	assert_true(suite_is_for(&suites.suites[2], "debug"));
	assert_false(suite_is_for(&suites.suites[2], "bench"));
	assert_false(suite_is_for(&suites.suites[2], "deb"));
	assert_true(suite_is_for(&suites.suites[0], "bench"));
	assert_int_equal(suites.suites[3].kind, SUITE_HOST);
	assert_string_equal(suites.suites[3].path, "test_unit");
	suites_free(&suites);
	text_free(&why);
}

static void broken_suites_are_named_by_line(void **state)
{
	static const struct {
		const char *data;
		const char *why;
	} cases[] = {
		{ "", "s.conf:0: no suite" },
		{ "# nothing\n", "s.conf:1: no suite" },
		{ "a guest\nb\n", "s.conf:2: neither guest nor host: b" },
		{ "a gest\n", "s.conf:1: neither guest nor host: gest" },
		{ "../a guest\n", "s.conf:1: not a suite's name: ../a" },
		{ "-a guest\n", "s.conf:1: not a suite's name: -a" },
		{ "a guest\n\na host path=x\n",
		  "s.conf:3: a second suite of this name: a" },
		{ "a guest smp\n", "s.conf:1: not key=value: smp" },
		{ "a guest smp=\n", "s.conf:1: not a number from 1 to 8: " },
		{ "a guest smp=0\n", "s.conf:1: not a number from 1 to 8: 0" },
		{ "a guest smp=-1\n",
		  "s.conf:1: not a number from 1 to 8: -1" },
		{ "a guest timeout=5s\n",
		  "s.conf:1: not a number from 1 to 86400: 5s" },
		{ "a guest timeout=99999999999999999999\n",
		  "s.conf:1: not a number from 1 to 86400: 99999999999999999999" },
		{ "a guest icount=maybe\n",
		  "s.conf:1: neither yes nor no: maybe" },
		{ "a guest boot=disk\n",
		  "s.conf:1: neither fit nor kernel: disk" },
		{ "a guest path=x\n",
		  "s.conf:1: no key of a guest suite: path" },
		{ "a host path=x smp=2\n",
		  "s.conf:1: no key of a host suite: smp" },
		{ "a host path=/bin/true\n",
		  "s.conf:1: not a relative path: /bin/true" },
		{ "a host\n", "s.conf:1: a host suite needs path=: a" },
		{ "a guest boot=fit\n",
		  "s.conf:1: boot=fit is for the suite fit, which the image names: a" },
		{ "fit guest boot=fit append=x\n",
		  "s.conf:1: boot=fit takes no append=: fit" },
		{ "fit guest boot=fit icount=no swap=disk\n",
		  "s.conf:1: boot=fit takes no swap=: fit" },
		{ "a guest swap=disk\n",
		  "s.conf:1: swap=disk takes icount=no: a" },
		{ "a guest swap=zram\n",
		  "s.conf:1: neither disk nor none: zram" },
		{ "a host path=x swap=disk\n",
		  "s.conf:1: no key of a host suite: swap" },
		{ "a guest append=\n", "s.conf:1: nothing to append: " },
		{ "a guest for=a,b\n", "s.conf:1: not a kernel flavour: a,b" },
		{ "a host path=x volume=n:1\n",
		  "s.conf:1: no key of a host suite: volume" },
		{ "fit guest boot=fit volume=n:1\n",
		  "s.conf:1: boot=fit takes no volume=: fit" },
		{ "a guest volume=n:1 volume=n:2\n",
		  "s.conf:1: a second volume of this name: n" },
		{ "a guest volume=a:1,b:1,c:1,d:1,e:1,f:1,g:1 volume=h:1,i:1,j:1,k:1,l:1,m:1\n",
		  "s.conf:1: more than 12 volumes" },
		{ "\x1b[2J guest\n", "s.conf:1: not a suite's name: \\x1b[2J" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct suites suites = { 0 };
		struct text why = { 0 };

		assert_int_equal(suites_parse(&suites, "s.conf", cases[i].data,
					      &why),
				 -EINVAL);
		assert_string_equal(text_string(&why), cases[i].why);
		suites_free(&suites);
		text_free(&why);
	}
}

static void malformed_volumes_are_refused(void **state)
{
	static const char *const values[] = {
		"",
		":1",
		"n",
		"n:",
		"n:0",
		"n:1*",
		"n:x",
		"n:1/0",
		"n:1/2*3",
		"n:1000000001",
		"n:1,",
		",n:1",
		"N:1",
		"n:-1",
		"n:1 ",
		"n:1*2*3",
		"a_name_of_twenty_five_let:1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct volumes volumes = { 0 };
		struct text why = { 0 };

		if (volumes_add(&volumes, values[i], &why) != -EINVAL)
			fail_msg("taken: %s", values[i]);
		assert_non_null(strstr(text_string(&why),
				       "not NAME:COUNT[*SOAK][/SLOW]"));
		assert_non_null(strstr(text_string(&why), values[i]));
		text_free(&why);
	}
}

static void assert_volumes(bool soak, bool slow, const char *expected)
{
	struct volumes volumes = { 0 };
	struct text text = { 0 };
	struct text why = { 0 };

	assert_int_equal(volumes_add(&volumes, "plain:7,long:10*100/3", &why),
			 0);
	assert_int_equal(
		volumes_add(&volumes, "huge:999999999*9,few:2/5", &why), 0);
	volumes_print(&text, &volumes, soak, slow);
	assert_string_equal(text_string(&text), expected);
	text_free(&text);
	text_free(&why);
}

static void a_soak_multiplies_volumes_and_a_slow_kernel_divides(void **state)
{
	(void)state;
	assert_volumes(false, false, "plain:7,long:10,huge:999999999,few:2");
	assert_volumes(true, false, "plain:7,long:1000,huge:1000000000,few:2");
	assert_volumes(false, true, "plain:7,long:3,huge:999999999,few:1");
	assert_volumes(true, true, "plain:7,long:333,huge:1000000000,few:1");
}

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
	/* A line that is not the kernel's came between. */
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

/* @expected: the whole command line, the arguments separated by "|" */
static void assert_command(const char *suite, const char *file,
			   const char *expected)
{
	char *disk[] = { "-drive", "swap" };
	const struct arguments swap = { .list = disk, .count = 2 };
	struct qemu_run run = {
		.test = "x*",
		.seed = 3,
		.shift = 4,
		.slowdown = 20,
		.soak = true,
		.swap = &swap,
	};
	struct arguments arguments = { 0 };
	struct arguments base = { 0 };
	struct suites suites = { 0 };
	struct text line = { 0 };
	struct text why = { 0 };
	size_t i;

	assert_int_equal(suites_parse(&suites, "s", suite, &why), 0);
	assert_int_equal(qemu_parse(&base, "q", file, &why), 0);
	run.suite = &suites.suites[0];
	assert_int_equal(qemu_arguments(&arguments, &base, &run), 0);
	for (i = 0; i < arguments.count; i++)
		text_printf(&line, "%s%s", i ? "|" : "", arguments.list[i]);
	assert_string_equal(text_string(&line), expected);
	assert_null(arguments.list[i]);
	text_free(&line);
	arguments_free(&arguments);
	arguments_free(&base);
	suites_free(&suites);
	text_free(&why);
}

static void qemu_gets_what_the_guest_needs(void **state)
{
	(void)state;
	assert_command(
		"a guest smp=2 append=q=1\n", "qemu\n-append\npanic=-1\n",
		"qemu|-append|panic=-1 ignore_loglevel MM_CHECK=a MM_SEED=3 MM_SLOWDOWN=20 MM_TEST=x* q=1"
		"|-m|512|-smp|2|-seed|3|-rtc|base=2026-01-01T00:00:00,clock=vm"
		"|-icount|shift=4,sleep=off");
	assert_command(
		"a guest icount=no volume=n:40*2/8,m:3\n",
		"qemu\n-append\npanic=-1\n",
		"qemu|-append|panic=-1 ignore_loglevel MM_CHECK=a MM_SEED=3 MM_SLOWDOWN=20 MM_TEST=x* MM_VOLUMES=n:10,m:3"
		"|-m|512|-smp|1|-seed|3|-rtc|base=2026-01-01T00:00:00,clock=vm");
	assert_command("fit guest boot=fit icount=no\n",
		       "qemu\n-bios\nu-boot.bin",
		       "qemu|-bios|u-boot.bin|-m|512|-smp|1|-seed|3"
		       "|-rtc|base=2026-01-01T00:00:00,clock=vm");
	assert_command(
		"a guest swap=disk icount=no append=q=1\n",
		"qemu\n-append\npanic=-1\n",
		"qemu|-append|panic=-1 ignore_loglevel MM_CHECK=a MM_SEED=3 MM_SLOWDOWN=20 MM_TEST=x* MM_SWAP=disk q=1"
		"|-drive|swap|-m|512|-smp|1|-seed|3|-rtc|base=2026-01-01T00:00:00,clock=vm");
}

static void broken_argument_files_are_refused(void **state)
{
	struct arguments base = { 0 };
	struct text why = { 0 };

	(void)state;
	assert_int_equal(qemu_parse(&base, "q", "qemu\n-append", &why),
			 -EINVAL);
	assert_string_equal(text_string(&why), "q:2: nothing after -append");
	arguments_free(&base);
	text_reset(&why);
	assert_int_equal(qemu_parse(&base, "q", "", &why), -EINVAL);
	assert_string_equal(text_string(&why), "q:1: no program");
	text_free(&why);
}

static int parse(struct options *options, const char *option, const char *value,
		 struct text *why)
{
	char *argv[] = { "runner", "--suites",	   "s",		  "--output",
			 "o",	   (char *)option, (char *)value, NULL };

	return options_parse(options, value ? 7 : 6, argv, why);
}

static void wrong_options_are_refused(void **state)
{
	static const struct {
		const char *option;
		const char *value;
		const char *why;
	} cases[] = {
		{ "--jobs", "0", "JOBS=0: not a number from 1 to 256" },
		{ "--repeat", "-1", "REPEAT=-1: not a number from 1 to 10000" },
		{ "--shift", "11", "SHIFT=11: not a number from 0 to 10" },
		{ "--slowdown", "", "SLOWDOWN=: not a number from 1 to 1000" },
		{ "--test", "a b", "TEST=: a glob for tests has no blanks" },
		{ "--test", "\"", "TEST=: a glob for tests has no blanks" },
		{ "--qemu", "x=y",
		  "--qemu takes kernel=FILE, fit=FILE or swap=FILE" },
		{ "--kernel", "a b", "malformed" },
		{ "--fact", "a", "--fact takes NAME=VALUE, not a" },
		{ "--fact", "=b", "--fact takes NAME=VALUE, not =b" },
		{ "--make", "a-b=c", "--make takes NAME=VALUE, not a-b=c" },
		{ "--nonsense", NULL, "unknown option" },
		{ "--jobs", NULL, "unknown option, or one that lacks" },
		{ "stray", NULL, "unexpected argument: stray" },
	};
	struct options options;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text why = { 0 };

		assert_int_equal(parse(&options, cases[i].option,
				       cases[i].value, &why),
				 -EINVAL);
		if (!strstr(text_string(&why), cases[i].why))
			fail_msg("%s: %s", cases[i].why, text_string(&why));
		text_free(&why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_have_keys_and_defaults),
		cmocka_unit_test(broken_suites_are_named_by_line),
		cmocka_unit_test(malformed_volumes_are_refused),
		cmocka_unit_test(
			a_soak_multiplies_volumes_and_a_slow_kernel_divides),
		cmocka_unit_test(broken_splats_are_named_by_line),
		cmocka_unit_test(splats_are_told_from_ordinary_lines),
		cmocka_unit_test(a_trace_belongs_to_one_splat),
		cmocka_unit_test(a_permitted_splat_hides_no_other),
		cmocka_unit_test(qemu_gets_what_the_guest_needs),
		cmocka_unit_test(broken_argument_files_are_refused),
		cmocka_unit_test(wrong_options_are_refused),
	};

	return RUN_GROUP(tests, load_splats, free_splats);
}
