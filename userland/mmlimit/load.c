// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit load: sets the limits of a file, all of them or none. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "format.h"
#include "mmlimit.h"
#include "refusal.h"
#include "saved.h"
#include "say.h"
#include "swapped.h"

/**
 * struct load - a file being loaded
 * @path: its name
 * @conf: what it says
 * @saved: of each limit, what it was before
 */
struct load {
	const char *path;
	struct mmlimit_conf conf;
	struct saved_limit *saved;
};

static int complain(const struct load *load, size_t number, int error)
{
	char user[USER_TEXT_SIZE], why[REFUSAL_SIZE];
	uid_t uid = load->conf.limits[number].uid;

	return fail("%s:%u: %s: %s", load->path, load->conf.lines[number],
		    user_text(uid, user), refusal_text(uid, error, why));
}

/*
 * Finds out before the first change what the kernel would refuse, since to put
 * a limit back does not bring back to life the processes that it has killed.
 * Notes what each limit was before as well.
 */
static int check(struct load *load)
{
	const struct mmlimit_conf *conf = &load->conf;
	long long min_uid = vm_sysctl("mm_limit_min_uid");
	bool privileged = is_privileged();
	int ret = EXIT_SUCCESS;

	for (size_t i = 0; i < conf->count; i++) {
		const struct mm_limit_attr *limit = &conf->limits[i];
		const struct mm_limit_attr *before = &load->saved[i].attr;
		int error = limit_save(limit->uid, &load->saved[i]);

		if (!error && limit->uid < min_uid)
			error = -EACCES;
		if (!error && !privileged && load->saved[i].stood &&
		    before->hard_max != MM_LIMIT_ATTR_NONE)
			error = -EPERM;
		if (error)
			ret = complain(load, i, error);
	}
	return ret;
}

/*
 * A file says what is to be, so it is not refused for what is in swap, but whoever
 * loads it is to know why processes go.
 */
static void warn(const struct load *load)
{
	char user[USER_TEXT_SIZE], what[SWAPPED_SIZE];

	for (size_t i = 0; i < load->conf.count; i++)
		if (swapped_exceeds(&load->conf.limits[i], what))
			fail("%s:%u: warning: %s: %s", load->path,
			     load->conf.lines[i],
			     user_text(load->conf.limits[i].uid, user), what);
}

/* Needed if the kernel refuses what check() did not foresee */
static void undo(const struct load *load, size_t count)
{
	char user[USER_TEXT_SIZE], why[REFUSAL_SIZE];

	while (count--) {
		const struct saved_limit *saved = &load->saved[count];
		int error = limit_restore(saved);

		if (error)
			fail("%s: cannot put the limit back: %s",
			     user_text(saved->uid, user),
			     refusal_text(saved->uid, error, why));
	}
}

static int apply(const struct load *load)
{
	warn(load);
	for (size_t i = 0; i < load->conf.count; i++) {
		int error = mmlimit_change(&load->conf.limits[i]);

		if (error) {
			complain(load, i, error);
			undo(load, i);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}

/* A signal half-way would leave neither all limits nor none. */
static int apply_uninterrupted(const struct load *load)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	ret = apply(load);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

static int run(char **operands, const struct options *options)
{
	struct load load = { .path = operands[0] ? operands[0] :
						   MMLIMIT_CONF_PATH };
	struct mmlimit_conf_error error;
	int ret;

	(void)options;
	ret = mmlimit_conf_read(load.path, &load.conf, &error);
	if (ret == -ENOMEM)
		return fail("%s: %s", load.path, mmlimit_strerror(ret));
	if (ret && error.line)
		return fail("%s:%u: %s", load.path, error.line, error.reason);
	if (ret)
		return fail("%s: %s", load.path, error.reason);
	ret = EXIT_FAILURE;
	load.saved = calloc(load.conf.count + 1, sizeof(*load.saved));
	if (!load.saved)
		fail("%s", mmlimit_strerror(-ENOMEM));
	else if (!check(&load))
		ret = apply_uninterrupted(&load);
	free(load.saved);
	mmlimit_conf_free(&load.conf);
	return ret;
}

const struct command load_command = {
	.name = "load",
	.operands = "[FILE]",
	.max = 1,
	.summary = "set all limits of a file",
	.help = "All or none: if one cannot be set, everything is as it was before. FILE is\n"
		"/etc/mmlimit.conf unless given. Limits that it does not name stay as they are.\n"
		"\n"
		"  # a line for each user; without grace= there is none, without policy=\n"
		"  # it is highest_rss, without reclaim= it does not\n"
		"  u0_a70 100M grace=2s policy=badness\n"
		"  u0_a60 64M reclaim=80% swap_max=256M\n"
		"  10080  1.5GiB\n"
		"\n"
		"  [mmlimitd]\n"
		"  interval=5s\n"
		"\n"
		"What is wrong is told as FILE:LINE: REASON.",
	.run = run,
};
