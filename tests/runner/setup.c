// SPDX-License-Identifier: GPL-2.0-only
/* From the command line and its files to the list of jobs. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "globs.h"
#include "suite_list.h"
#include "output.h"
#include "qemu.h"
#include "setup.h"

#define JOBS_MAX 100000

static int folder_of(const char *path, char *folder)
{
	char copy[PATH_MAX];

	if (strlen(path) >= sizeof(copy))
		return -ENAMETOOLONG;
	strcpy(copy, path);
	return realpath(dirname(copy), folder) ? 0 : -errno;
}

/* The folder of suites.conf: tests/ */
static int tests_folder(const struct options *options, char *folder)
{
	return folder_of(options->suites, folder);
}

static int read_splats(struct setup *setup, struct text *why)
{
	const struct options *options = setup->job.options;
	struct text content = { 0 };
	char tests[PATH_MAX];
	int ret;

	ret = tests_folder(options, tests);
	if (ret) {
		text_printf(why, "%s: %s", options->suites, strerror(-ret));
		return ret;
	}
	if (options->splats)
		text_puts(&setup->splats, options->splats);
	else
		text_printf(&setup->splats, "%s/runner/splats.conf", tests);
	ret = file_read(text_string(&setup->splats), &content, why);
	if (!ret)
		ret = splats_parse(&setup->job.splats,
				   text_string(&setup->splats),
				   text_string(&content), why);
	text_free(&content);
	return ret;
}

static int read_qemu(struct arguments *arguments, const char *path,
		     struct text *why)
{
	struct text content = { 0 };
	int ret = path ? file_read(path, &content, why) : 0;

	if (path && !ret)
		ret = qemu_parse(arguments, path, text_string(&content), why);
	text_free(&content);
	return ret;
}

static void add_path(struct arguments *environment, const char *name,
		     const char *path)
{
	char absolute[PATH_MAX];

	if (path && realpath(path, absolute))
		arguments_add(environment, "%s=%s", name, absolute);
}

/* What a host program may want to know; tests/README.md lists it. */
static int set_environment(struct setup *setup)
{
	const struct options *options = setup->job.options;
	struct arguments *environment = &setup->job.environment;
	char tests[PATH_MAX];

	if (!tests_folder(options, tests))
		arguments_add(environment, "MM_TESTS=%s", tests);
	add_path(environment, "MM_RUNNER", "/proc/self/exe");
	add_path(environment, "MM_QEMU_KERNEL", options->qemu_kernel);
	add_path(environment, "MM_QEMU_FIT", options->qemu_fit);
	add_path(environment, "MM_QEMU_SWAP", options->qemu_swap);
	add_path(environment, "MM_SPLATS", text_string(&setup->splats));
	add_path(environment, "MM_OUTPUT", options->output);
	arguments_add(environment, "MM_BOARD=%s", options->board);
	arguments_add(environment, "MM_KERNEL=%s", options->kernel);
	arguments_add(environment, "MM_SLOWDOWN=%u", options->slowdown);
	arguments_add(environment, "MM_SEED=%u", options->seed);
	arguments_add(environment, "MM_JOBS=%u", options->jobs);
	if (options->test)
		arguments_add(environment, "MM_TEST=%s", options->test);
	arguments_add(environment, "CMOCKA_MESSAGE_OUTPUT=TAP");
	return environment->failed ? -ENOMEM : 0;
}

/*
 * Where what messages name may be: the compiler's own name for a guest's file is
 * relative to guest/, a host program's to the project, a kernel's to its tree.
 * Suites of other folders than tests/ have those of tests/, too: splats.conf is
 * always that in tests/runner/.
 */
static int find_sources(struct setup *setup)
{
	static const char *const below[] = { "guest", ".." };
	const struct options *options = setup->job.options;
	char tests[PATH_MAX];
	size_t i;
	int ret = folder_of(text_string(&setup->splats), tests);

	if (ret)
		return ret;
	for (i = 0; i < sizeof(below) / sizeof(*below); i++)
		arguments_add(&setup->folders, "%s/../%s", tests, below[i]);
	for (i = 0; i < options->sources.count; i++)
		arguments_add(&setup->folders, "%s", options->sources.list[i]);
	if (setup->folders.failed)
		return -ENOMEM;
	setup->job.sources = (const char *const *)setup->folders.list;
	return 0;
}

int setup_read(struct setup *setup, const struct options *options,
	       struct text *why)
{
	struct text content = { 0 };
	int ret;

	*setup = (struct setup){ .job.options = options };
	ret = file_read(options->suites, &content, why);
	if (!ret)
		ret = suites_parse(&setup->suites, options->suites,
				   text_string(&content), why);
	text_free(&content);
	if (!ret)
		ret = read_splats(setup, why);
	if (!ret)
		ret = read_qemu(&setup->job.qemu_kernel, options->qemu_kernel,
				why);
	if (!ret)
		ret = read_qemu(&setup->job.qemu_fit, options->qemu_fit, why);
	if (!ret)
		ret = read_qemu(&setup->job.qemu_swap, options->qemu_swap, why);
	return ret;
}

static bool is_selected(const struct options *options,
			const struct suite *suite)
{
	/* A board without U-Boot has no FIT boot to test. */
	return suite_is_for(suite, options->kernel) &&
	       (!suite->fit || options->qemu_fit) &&
	       (!options->suite || globs_match(options->suite, suite->name));
}

static const char *suite_name(const void *suites, size_t i)
{
	const struct suites *all = suites;

	return i < all->count ? all->suites[i].name : NULL;
}

/* A glob that matches nothing is a mistyped name. */
static int check_globs(const struct setup *setup, struct text *why)
{
	const struct suites *suites = &setup->suites;
	const char *globs = setup->job.options->suite;
	char *glob;
	size_t i;

	glob = globs ? globs_unmatched(globs, suite_name, suites) : NULL;
	if (!glob)
		return 0;
	text_puts(why, "no suite has a name like '");
	text_add_clean(why, glob, strlen(glob));
	text_puts(why, "'; there are");
	for (i = 0; i < suites->count; i++)
		text_printf(why, " %s", suites->suites[i].name);
	text_puts(why, "; make list says more");
	free(glob);
	return -EINVAL;
}

/* The suites asked for exist, but none is for this kernel. */
static void explain_empty(const struct setup *setup, struct text *why)
{
	const struct options *options = setup->job.options;
	size_t i;

	text_printf(why, "no suite for the %s kernel is selected",
		    options->kernel);
	for (i = 0; options->suite && i < setup->suites.count; i++) {
		const struct suite *suite = &setup->suites.suites[i];
		const char *flavours = text_string(&suite->flavours);

		if (!globs_match(options->suite, suite->name))
			continue;
		flavours += strspn(flavours, " ");
		if (suite->flavours.length)
			text_printf(why, "; %s takes KERNEL=%.*s", suite->name,
				    (int)strcspn(flavours, " "), flavours);
		else if (suite->fit)
			text_printf(why, "; %s takes a board with U-Boot",
				    suite->name);
	}
}

int setup_select(struct setup *setup, struct text *why)
{
	const struct options *options = setup->job.options;
	size_t selected = 0;
	unsigned int run;
	size_t i;

	if (check_globs(setup, why))
		return -EINVAL;
	for (i = 0; i < setup->suites.count; i++)
		selected += is_selected(options, &setup->suites.suites[i]);
	if (!selected) {
		explain_empty(setup, why);
		return -EINVAL;
	}
	if (selected * options->repeat > JOBS_MAX) {
		text_printf(why, "more than %d runs", JOBS_MAX);
		return -EINVAL;
	}
	setup->jobs = calloc(selected * options->repeat, sizeof(struct job));
	if (!setup->jobs) {
		text_puts(why, "memory ran out");
		return -ENOMEM;
	}
	for (run = 1; run <= options->repeat; run++) {
		for (i = 0; i < setup->suites.count; i++) {
			struct suite *suite = &setup->suites.suites[i];

			if (is_selected(options, suite))
				job_init(&setup->jobs[setup->count++],
					 &setup->job, suite, run);
		}
	}
	return 0;
}

/* Reports of an earlier run must not be there, whatever happens to this one. */
int setup_output(struct setup *setup, struct text *why)
{
	const char *output = setup->job.options->output;
	int ret = output_prepare(output, why);

	if (ret)
		return ret;
	ret = set_environment(setup);
	if (!ret)
		ret = find_sources(setup);
	if (ret)
		text_printf(why, "%s: %s", output, strerror(-ret));
	return ret;
}

int setup_list(const struct setup *setup, struct text *why)
{
	const struct options *options = setup->job.options;
	char tests[PATH_MAX];
	int ret = check_globs(setup, why);

	if (!ret)
		ret = tests_folder(options, tests);
	if (!ret)
		list_suites(&setup->suites, options->suite, tests);
	return ret;
}

void setup_free(struct setup *setup)
{
	size_t i;

	for (i = 0; i < setup->count; i++)
		job_free(&setup->jobs[i]);
	free(setup->jobs);
	text_free(&setup->splats);
	suites_free(&setup->suites);
	splats_free(&setup->job.splats);
	arguments_free(&setup->job.qemu_kernel);
	arguments_free(&setup->job.qemu_fit);
	arguments_free(&setup->job.qemu_swap);
	arguments_free(&setup->job.environment);
	arguments_free(&setup->folders);
	*setup = (struct setup){ 0 };
}
