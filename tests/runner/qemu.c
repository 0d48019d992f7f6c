// SPDX-License-Identifier: GPL-2.0-only
/* QEMU's command line for one guest. Pure. */
#include <errno.h>
#include <string.h>

#include "qemu.h"

int qemu_parse(struct arguments *arguments, const char *file, const char *data,
	       struct text *why)
{
	while (*data) {
		size_t length = strcspn(data, "\n");

		arguments_add(arguments, "%.*s", (int)length, data);
		data += length + (data[length] == '\n');
	}
	if (arguments->failed) {
		text_printf(why, "%s: out of memory", file);
		return -ENOMEM;
	}
	if (!arguments->count || !*arguments->list[0]) {
		text_printf(why, "%s:1: no program", file);
		return -EINVAL;
	}
	if (!strcmp(arguments->list[arguments->count - 1], "-append")) {
		text_printf(why, "%s:%zu: nothing after -append", file,
			    arguments->count);
		return -EINVAL;
	}
	return 0;
}

/* How much its tests do, as a word for ktap_volume() */
static void add_volumes(struct text *words, const struct qemu_run *run)
{
	if (!run->suite->volumes.count)
		return;
	text_puts(words, " MM_VOLUMES=");
	volumes_print(words, &run->suite->volumes, run->soak,
		      run->slowdown > 1);
}

static void add_command_line(struct arguments *arguments, const char *base,
			     const struct qemu_run *run)
{
	struct text volumes = { 0 };

	add_volumes(&volumes, run);
	/* Without this, the guest's log level could hide what speaks against it. */
	arguments_add(
		arguments,
		"%s ignore_loglevel MM_CHECK=%s MM_SEED=%u MM_SLOWDOWN=%u%s%s%s%s%s%s",
		base, run->suite->name, run->seed, run->slowdown,
		run->soak ? " MM_SOAK=1" : "", run->test ? " MM_TEST=" : "",
		run->test ? run->test : "",
		run->suite->swap_disk ? " MM_SWAP=disk" : "",
		text_string(&volumes), text_string(&run->suite->append));
	arguments->failed |= volumes.failed;
	text_free(&volumes);
}

int qemu_arguments(struct arguments *arguments, const struct arguments *base,
		   const struct qemu_run *run)
{
	const struct suite *suite = run->suite;
	size_t i;

	for (i = 0; i < base->count; i++) {
		if (i && !strcmp(base->list[i - 1], "-append"))
			add_command_line(arguments, base->list[i], run);
		else
			arguments_add(arguments, "%s", base->list[i]);
	}
	for (i = 0; suite->swap_disk && i < run->swap->count; i++)
		arguments_add(arguments, "%s", run->swap->list[i]);
	/* Of two of these, QEMU takes the last. */
	arguments_add(arguments, "-m");
	arguments_add(arguments, "%u", suite->memory);
	arguments_add(arguments, "-smp");
	arguments_add(arguments, "%u", suite->smp);
	arguments_add(arguments, "-seed");
	arguments_add(arguments, "%u", run->seed);
	/* The guest's date starts here and runs with its clock, not with ours. */
	arguments_add(arguments, "-rtc");
	arguments_add(arguments, "base=2026-01-01T00:00:00,clock=vm");
	if (suite->icount) {
		arguments_add(arguments, "-icount");
		arguments_add(arguments, "shift=%u,sleep=off", run->shift);
	}
	return arguments->failed ? -ENOMEM : 0;
}
