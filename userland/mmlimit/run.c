// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmlimit run: runs a command as a user, under a limit, and says so if the limit
 * killed it.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "array.h"
#include "change.h"
#include "commands.h"
#include "format.h"
#include "mmlimit.h"
#include "operands.h"
#include "refusal.h"
#include "saved.h"
#include "say.h"

/* As env(1), nohup(1) and others have it */
#define EXIT_CANNOT_EXECUTE 126
#define EXIT_NOT_FOUND 127

/* What is passed on to the command */
static const int forwarded[] = {
	SIGHUP,	 SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
	SIGUSR2, SIGTSTP, SIGCONT, SIGALRM, SIGWINCH,
};

/**
 * struct job - a command under a limit
 * @command: its words, up to NULL
 * @pid: its process
 * @before: the user's limit before
 * @limited: what it was when the command began
 * @signals: what is waited for
 * @mask: which signals were blocked before
 */
struct job {
	char **command;
	pid_t pid;
	struct saved_limit before;
	struct mm_limit_attr limited;
	sigset_t signals;
	sigset_t mask;
};

/* What follows runs in the command's process, and returns only on failure. */

static int become_user(uid_t uid)
{
	struct passwd *entry = getpwuid(uid);
	/* Users without an entry have a group of the same number. */
	gid_t gid = entry ? entry->pw_gid : uid;

	if (entry ? initgroups(entry->pw_name, gid) : setgroups(0, NULL))
		return -errno;
	if (setgid(gid) || setuid(uid))
		return -errno;
	return 0;
}

static _Noreturn void execute(const struct job *job, bool other_user)
{
	uid_t uid = job->before.attr.uid;
	char user[USER_TEXT_SIZE];
	int error = other_user ? become_user(uid) : 0;

	if (error)
		_exit(fail("cannot become %s: %s", user_text(uid, user),
			   strerror(-error)));
	sigprocmask(SIG_SETMASK, &job->mask, NULL);
	execvp(job->command[0], job->command);
	error = errno;
	fail("%s: %s", job->command[0], strerror(error));
	_exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

/* What follows runs in our own process. */

/*
 * Signals of a terminal are not passed on, since they reach all processes in
 * its foreground, and so the command, too.
 */
static void forward(const struct job *job, const siginfo_t *info)
{
	if (info->si_code != SI_KERNEL)
		kill(job->pid, info->si_signo);
}

/* Handles what has become of the command; returns whether it has ended. */
static bool reap(const struct job *job, int *status)
{
	while (waitpid(job->pid, status, WNOHANG | WUNTRACED) == job->pid) {
		if (!WIFSTOPPED(*status))
			return true;
		/*
		 * The shell has to see that we stop as well; SIGCONT lets us go
		 * on.
		 */
		raise(SIGSTOP);
	}
	return false;
}

static int wait_for_end(const struct job *job)
{
	siginfo_t info;
	int status;

	while (!reap(job, &status))
		if (sigwaitinfo(&job->signals, &info) > 0 &&
		    info.si_signo != SIGCHLD)
			forward(job, &info);
	return status;
}

/*
 * Blocks all signals that are waited for. They stay blocked, so that none ends
 * us before the limit is what it was.
 */
static void block_signals(struct job *job)
{
	/* If our parent ignored it, so would we, and no status would come. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&job->signals);
	sigaddset(&job->signals, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
		sigaddset(&job->signals, forwarded[i]);
	sigprocmask(SIG_BLOCK, &job->signals, &job->mask);
}

static bool was_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* The user's own limit has killed nothing, but its pool may have. */
static void explain_pool(const struct job *job, int status)
{
	char range[MMLIMIT_TEXT_SIZE], limit[MMLIMIT_TEXT_SIZE];
	char had[MMLIMIT_TEXT_SIZE], all[MMLIMIT_TEXT_SIZE];
	struct mmlimit_kill *kills;
	size_t count;

	if (!was_killed(status) || mmlimit_kills_read(&kills, &count))
		return;
	while (count--) {
		const struct mmlimit_kill *kill = &kills[count];

		if (!kill->is_pool || kill->victim.pid != job->pid ||
		    kill->dry_run || kill->term)
			continue;
		fail("%s: killed by the limit of %s of the pool %s: all together had %s, of which this process (pid %d) had %s",
		     job->command[0], size_text(kill->mm_max, false, limit),
		     mmlimit_format_range(kill->first, kill->last, range),
		     size_text(kill->usage, false, all), job->pid,
		     size_text(kill->victim.memory, false, had));
		break;
	}
	free(kills);
}

/*
 * The limit's last victim tells the cause: it was the command, or another
 * process of the user, perhaps one that the command started. Nothing follows
 * from the command's own end by SIGKILL, since it can have killed itself.
 */
static void explain(const struct job *job, int status)
{
	char user[USER_TEXT_SIZE], limit[MMLIMIT_TEXT_SIZE];
	char had[MMLIMIT_TEXT_SIZE], all[MMLIMIT_TEXT_SIZE];
	struct mm_limit_attr now;

	if (mmlimit_read(job->before.attr.uid, &now))
		return;
	if (now.kills <= job->limited.kills) {
		if (now.rule == MM_LIMIT_RULE_POOL)
			explain_pool(job, status);
		return;
	}
	user_text(now.uid, user);
	size_text(now.mm_max, false, limit);
	size_text(now.kill_rss, false, had);
	size_text(now.kill_usage, false, all);
	if (was_killed(status) && now.kill_pid == job->pid)
		fail("%s: killed by the limit of %s: user %s had %s, of which this process (pid %d) had %s",
		     job->command[0], limit, user, all, job->pid, had);
	else
		fail("%s: the limit of %s has killed %llu of the processes of user %s; the last one, pid %d, had %s of %s",
		     job->command[0], limit, now.kills - job->limited.kills,
		     user, now.kill_pid, had, all);
}

/* The command inherits oom_score_adj, and with -1000 nothing kills it. */
static void warn_if_protected(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "re");
	int adj = 0;

	if (file && fscanf(file, "%d", &adj) == 1 && adj == -1000)
		fail("warning: oom_score_adj is -1000 here, so no limit kills what is started; 'echo 0 >/proc/self/oom_score_adj' before that");
	if (file)
		fclose(file);
}

static int run_limited(struct job *job, bool other_user)
{
	int status;

	warn_if_protected();
	job->pid = fork();
	if (job->pid < 0)
		return fail("cannot start a process: %s", strerror(errno));
	if (!job->pid)
		execute(job, other_user);
	status = wait_for_end(job);
	explain(job, status);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

static int set_limit(struct job *job, const char *size,
		     const struct options *options)
{
	struct mm_limit_attr attr = {
		.uid = job->before.attr.uid,
		.fields = MM_LIMIT_FIELD_GRACE,
	};
	int ret = change_parse(size, options, &attr);

	if (!ret)
		change_complete(&attr, options);
	if (!ret)
		ret = change_check(&attr, options);
	if (!ret)
		ret = change_make(&attr, size);
	if (ret)
		return ret;
	ret = mmlimit_read(attr.uid, &job->limited);
	return ret ? refused(attr.uid, ret, "cannot read the limit") : 0;
}

static int run(char **operands, const struct options *options)
{
	struct job job = { .command = operands + 2 };
	struct mm_limit_attr target = { 0 };
	char user[USER_TEXT_SIZE], why[REFUSAL_SIZE];
	bool other_user;
	int ret, error;

	ret = parse_user(operands[0], &target.uid);
	if (ret)
		return ret;
	other_user = target.uid != getuid();
	error = limit_save(&target, &job.before);
	if (other_user && error == -EPERM)
		return fail(
			"cannot run a command as %s: that takes root; as %s, you can limit yourself",
			operands[0], user_text(getuid(), user));
	if (error)
		return refused(target.uid, error, "cannot set a limit of %s",
			       operands[1]);
	block_signals(&job);
	ret = set_limit(&job, operands[1], options);
	if (ret)
		return ret;
	ret = run_limited(&job, other_user);
	error = limit_restore(&job.before);
	if (error)
		fail("%s: cannot put the limit back: %s",
		     user_text(job.before.attr.uid, user),
		     refusal_text(job.before.attr.uid, error, why));
	return ret;
}

const struct command run_command = {
	.name = "run",
	.operands = "USER SIZE -- COMMAND...",
	.min = 3,
	.max = ANY_NUMBER,
	.options = OPTION_SETTINGS | OPTION_FORCE,
	.summary = "run a command under a limit",
	.help = "Sets the limit, runs COMMAND as USER, passes signals on to it, and puts the\n"
		"limit back as it was. If the limit killed something, says so. Users may run\n"
		"commands as themselves. The limit is the user's: what else USER runs counts as\n"
		"well.\n"
		"\n"
		"Exit status: the command's, 128 + N if signal N ended it, so 137 if the limit\n"
		"did; 126 or 127 if it cannot be executed or found; 1 or 2 as for other commands.\n"
		"\n"
		"  mmlimit run u0_a70 100M -- hog 160M\n"
		"  mmlimit run u0_a70 100M --reclaim 80% -- hog 160M",
	.run = run,
};
