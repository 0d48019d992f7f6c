// SPDX-License-Identifier: GPL-2.0-only
/* What suites.conf, QEMU's argument files and the command line may say. */
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
		{ "a guest shift=9\n",
		  "s.conf:1: not a number from 1 to 8: 9" },
		{ "a guest shift=5 icount=no\n",
		  "s.conf:1: icount=no takes no shift=: a" },
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
		"qemu|-append|panic=-1 ignore_loglevel MM_CHECK=a MM_SEED=3 MM_SLOWDOWN=20 MM_SOAK=1 MM_TEST=x* q=1"
		"|-m|512|-smp|2|-seed|3|-rtc|base=2026-01-01T00:00:00,clock=vm"
		"|-icount|shift=4,sleep=off");
	assert_command(
		"a guest icount=no volume=n:40*2/8,m:3\n",
		"qemu\n-append\npanic=-1\n",
		"qemu|-append|panic=-1 ignore_loglevel MM_CHECK=a MM_SEED=3 MM_SLOWDOWN=20 MM_SOAK=1 MM_TEST=x* MM_VOLUMES=n:10,m:3"
		"|-m|512|-smp|1|-seed|3|-rtc|base=2026-01-01T00:00:00,clock=vm");
	assert_command("fit guest boot=fit icount=no\n",
		       "qemu\n-bios\nu-boot.bin",
		       "qemu|-bios|u-boot.bin|-m|512|-smp|1|-seed|3"
		       "|-rtc|base=2026-01-01T00:00:00,clock=vm");
	assert_command(
		"a guest swap=disk icount=no append=q=1\n",
		"qemu\n-append\npanic=-1\n",
		"qemu|-append|panic=-1 ignore_loglevel MM_CHECK=a MM_SEED=3 MM_SLOWDOWN=20 MM_SOAK=1 MM_TEST=x* MM_SWAP=disk q=1"
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
		cmocka_unit_test(qemu_gets_what_the_guest_needs),
		cmocka_unit_test(broken_argument_files_are_refused),
		cmocka_unit_test(wrong_options_are_refused),
	};

	return RUN_GROUP(tests);
}
