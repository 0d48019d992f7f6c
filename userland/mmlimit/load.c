// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit load: sets the limits of a configuration, all of them or none. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>

#include "batch.h"
#include "commands.h"
#include "conf_files.h"
#include "mmlimit.h"
#include "refusal.h"
#include "say.h"

static int read_files(struct conf_files *files, const char *path)
{
	char why[CONF_WHY_SIZE];
	int ret;

	ret = path ? conf_files_read(files, path, NULL, why) :
		     conf_files_read(files, MMLIMIT_CONF_PATH, CONF_FOLDER,
				     why);
	if (ret)
		return fail("%s", why);
	if (!files->count)
		return fail("there is neither " MMLIMIT_CONF_PATH
			    " nor a file *.conf in " CONF_FOLDER
			    "; 'mmlimit save' prints the limits that stand");
	return 0;
}

static int fill(struct batch *batch, const struct conf_files *files)
{
	int ret = batch_alloc(batch, files->limits_count);

	for (size_t i = 0; !ret && i < batch->count; i++) {
		const struct conf_limit *limit = &files->limits[i];

		batch->items[i] = (struct batch_item){ .attr = *limit->attr,
						       .path = limit->path,
						       .line = limit->line };
	}
	return ret;
}

static int only_check(struct batch *batch, const struct conf_files *files)
{
	bool enforced = check_privilege() != -ENOSYS;

	if (!enforced)
		fail("warning: this kernel has no per-user memory limits (CONFIG_MM_LIMIT), so only the form of the files was checked");
	else if (batch_check(batch))
		return EXIT_FAILURE;
	batch_warn(batch);
	printf("nothing is wrong: %zu limit%s in %zu file%s\n", batch->count,
	       batch->count == 1 ? "" : "s", files->count,
	       files->count == 1 ? "" : "s");
	return finish_output();
}

static int load(struct batch *batch)
{
	int ret = batch_check(batch);

	if (ret)
		return ret;
	/*
	 * The files say what is to be, so they are not refused for what is in
	 * swap, but whoever loads them is to know why processes go.
	 */
	batch_warn(batch);
	return batch_apply(batch);
}

static int run(char **operands, const struct options *options)
{
	struct batch batch = { 0 };
	struct conf_files files;
	int ret;

	ret = read_files(&files, operands[0]);
	if (!ret)
		ret = fill(&batch, &files);
	if (!ret)
		ret = options->given & OPTION_CHECK ?
			      only_check(&batch, &files) :
			      load(&batch);
	free(batch.items);
	conf_files_free(&files);
	return ret;
}

const struct command load_command = {
	.name = "load",
	.operands = "[FILE]",
	.max = 1,
	.options = OPTION_CHECK,
	.summary = "set all limits of a file",
	.help = "All or none: if one cannot be set, everything is as it was before. FILE may be\n"
		"-, standard input. Without it /etc/mmlimit.conf is read, and then each *.conf in\n"
		"/etc/mmlimit.conf.d, in the order of their names: of a user with a limit in\n"
		"several files the last one counts. Limits of others stay as they are.\n"
		"\n"
		"  # a line for each user; without grace= there is none, without policy=\n"
		"  # it is highest_rss, without reclaim= it does not\n"
		"  u0_a70 100M grace=2s policy=badness\n"
		"  u0_a60 25% reclaim=80% swap_max=256M\n"
		"  u0_a80 64M warn=90% term=500ms dry_run=yes\n"
		"  10080  1.5GiB\n"
		"\n"
		"  [mmlimitd]\n"
		"  interval=5s\n"
		"\n"
		"What is wrong is told as FILE:LINE: REASON.",
	.run = run,
};
