// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-user memory limits: rules, which give many users a limit, from the first page of
 * each on.
 *
 * A rule is a limit of a user that nobody is. A work sets, changes or removes one, and goes
 * through all users that there are; its caller waits for it, unless it is killed.
 */

#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "account.h"
#include "enforce.h"
#include "limit.h"
#include "table.h"

/* Serializes changes of rules; outside any account's limit_mutex. */
static DEFINE_MUTEX(rules_mutex);

/* Walks of killers over members are nested in what walks of users are not. */
static struct lock_class_key pool_walk_key;

/* Have a user obey the rule that goes for it now, which may be the one that has changed. */
static void obey(struct user_struct *user, const struct mm_limit *changed)
{
	struct mm_limit_account *acct = &user->mm_limit;
	struct mm_limit *rule;

	mutex_lock(&acct->limit_mutex);
	rule = mm_limit_rule_for(user);
	mm_limit_obey_locked(user, rule, rule && rule == changed);
	mutex_unlock(&acct->limit_mutex);
	if (rule)
		mm_limit_put(rule);
}

/*
 * So many users obey together, and charges are waited for once. Anybody can have tens of
 * thousands of users.
 */
#define MM_LIMIT_OBEYING	64

/* Under rules_mutex. */
static struct mm_limit_obeying obeying[MM_LIMIT_OBEYING];

/*
 * Have these users obey. Whoever else holds a limit_mutex waits for none, nor for
 * rules_mutex, so all of theirs can be held together, in any order.
 */
static void obey_together(unsigned int users, const struct mm_limit *changed)
{
	struct mm_limit_obeying *one;
	bool wait = false;

	lockdep_assert_held(&rules_mutex);

	for (one = obeying; one < obeying + users; one++)
		mutex_lock_nest_lock(&one->user->mm_limit.limit_mutex,
				     &rules_mutex);
	for (one = obeying; one < obeying + users; one++) {
		one->rule = mm_limit_rule_for(one->user);
		wait |= mm_limit_begin_obeying(one, one->rule &&
						    one->rule == changed);
	}
	if (wait)
		mm_limit_wait_for_charges();
	for (one = obeying; one < obeying + users; one++)
		mm_limit_finish_obeying(one);
	for (one = obeying; one < obeying + users; one++) {
		mutex_unlock(&one->user->mm_limit.limit_mutex);
		if (one->rule)
			mm_limit_put(one->rule);
		free_uid(one->user);
	}
}

/* Who has users obey, with a reference; under rules_mutex. */
static struct task_struct *caller;

/*
 * How many times more to rest for a caller that is killed; under rules_mutex. This is a
 * hundred milliseconds in all: no more can a process that is killed and does not run have
 * others wait.
 */
#define MM_LIMIT_DYING_RESTS	40

static unsigned int dying_rests;

/* SIGKILL is pending only until the caller takes it, which is where its way out begins. */
static bool caller_is_dying(void)
{
	lockdep_assert_held(&rules_mutex);
	return (READ_ONCE(caller->signal->flags) & SIGNAL_GROUP_EXIT) &&
	       !READ_ONCE(caller->exit_state);
}

/*
 * Let others run: before a work of this priority all else would stand back for as long as
 * it takes. A caller that is killed goes first.
 */
static void rest(void)
{
	lockdep_assert_held(&rules_mutex);

	usleep_range(200, 300);
	while (dying_rests && caller_is_dying()) {
		dying_rests--;
		usleep_range(2000, 3000);
	}
}

/* Have all users of a range obey. */
static void obey_all(uid_t first, uid_t last, const struct mm_limit *changed)
{
	kuid_t kuid = INVALID_UID;
	struct user_struct *user;
	unsigned int bucket = 0;
	unsigned int users = 0;
	uid_t uid;

	lockdep_assert_held(&rules_mutex);

	mm_limit_look_at_new_users();
	while ((user = next_user(&bucket, &kuid))) {
		uid = from_kuid(&init_user_ns, kuid);
		if (uid < first || uid > last) {
			free_uid(user);
			cond_resched();
			continue;
		}
		obeying[users++].user = user;
		if (users < MM_LIMIT_OBEYING)
			continue;
		obey_together(users, changed);
		users = 0;
		rest();
	}
	obey_together(users, changed);
}

static bool wants_reclaim(const struct mm_limit_change *change)
{
	return change->fields & MM_LIMIT_FIELD_FLAGS &&
	       change->settings.flags & MM_LIMIT_RECLAIM;
}

static int create_rule(const struct mm_limit_range *range,
		       const struct mm_limit_change *change)
{
	struct user_struct *user = alloc_nobody(KUIDT_INIT(range->first));
	struct mm_limit_account *acct;
	int ret;

	if (!user)
		return -ENOMEM;
	acct = &user->mm_limit;
	acct->is_pool = range->rule == MM_LIMIT_RULE_POOL;
	lockdep_set_class(&acct->walk_mutex, &pool_walk_key);
	mutex_lock(&acct->limit_mutex);
	ret = mm_limit_create(user, true, range, change, NULL);
	mutex_unlock(&acct->limit_mutex);
	free_uid(user);
	return ret;
}

/* What its members have was charged to a pool after it has come into force. */
static void look_at_pool(struct mm_limit *rule)
{
	struct mm_limit_account *acct = mm_limit_account(rule);
	struct mm_limit_part in_force;

	if (!acct->is_pool)
		return;
	mutex_lock(&acct->limit_mutex);
	in_force = mm_limit_in_force(rule);
	mm_limit_enforce_apply(rule, &in_force, false);
	mutex_unlock(&acct->limit_mutex);
}

static int change_rule(struct mm_limit *rule,
		       const struct mm_limit_change *change)
{
	struct mm_limit_account *acct = mm_limit_account(rule);
	int ret;

	mutex_lock(&acct->limit_mutex);
	ret = mm_limit_set_locked(rule->user, true, change);
	mutex_unlock(&acct->limit_mutex);
	return ret;
}

static int set_rule(const struct mm_limit_range *range,
		    const struct mm_limit_change *change)
{
	struct mm_limit *rule = mm_limit_table_rule(range->first, range->last);
	enum mm_limit_rule kind = range->rule;
	int ret;

	lockdep_assert_held(&rules_mutex);

	if (rule && kind == MM_LIMIT_RULE_NONE)
		kind = rule->range.rule;
	if (rule && kind != rule->range.rule)
		ret = -EEXIST;
	else if (kind == MM_LIMIT_RULE_NONE ||
		 (kind == MM_LIMIT_RULE_POOL && wants_reclaim(change)))
		ret = -EINVAL;
	else
		ret = rule ? change_rule(rule, change) :
			     create_rule(range, change);
	if (!ret && !rule)
		rule = mm_limit_table_rule(range->first, range->last);
	if (!ret) {
		obey_all(range->first, range->last, rule);
		look_at_pool(rule);
	}
	if (rule)
		mm_limit_put(rule);
	return ret;
}

/* The rule for just these users, with a reference, if it is of that kind or of any */
static struct mm_limit *find_rule(const struct mm_limit_range *range)
{
	struct mm_limit *rule = mm_limit_table_rule(range->first, range->last);

	if (rule && range->rule != MM_LIMIT_RULE_NONE &&
	    range->rule != rule->range.rule) {
		mm_limit_put(rule);
		rule = NULL;
	}
	return rule;
}

static int remove_rule(const struct mm_limit_range *range)
{
	struct mm_limit *rule = find_rule(range);
	struct mm_limit_account *acct;

	lockdep_assert_held(&rules_mutex);

	if (!rule)
		return -ENODATA;
	acct = mm_limit_account(rule);
	mutex_lock(&acct->limit_mutex);
	mm_limit_remove_locked(rule->user, true, NULL);
	mutex_unlock(&acct->limit_mutex);
	obey_all(range->first, range->last, NULL);
	mm_limit_put(rule);
	return 0;
}

/**
 * enum rule_job_kind - what is done about rules
 * @RULE_SET: one is set or changed
 * @RULE_REMOVE: one is removed
 * @RULE_OBEY: all users obey what there is
 */
enum rule_job_kind {
	RULE_SET,
	RULE_REMOVE,
	RULE_OBEY,
};

/**
 * struct rule_job - something that is done about rules for a caller
 * @work: does it: however many users there are, who waits for that can be killed, and
 *	what was begun is finished
 * @refs: the caller's and the work's
 * @kind: what
 * @range: for these users
 * @change: with %RULE_SET, what to change
 * @caller: the caller, with a reference
 * @ret: what came of it
 * @done: it has been done
 */
struct rule_job {
	struct work_struct work;
	refcount_t refs;
	enum rule_job_kind kind;
	struct mm_limit_range range;
	struct mm_limit_change change;
	struct task_struct *caller;
	int ret;
	struct completion done;
};

static struct workqueue_struct *mm_limit_rules_wq;

static void put_job(struct rule_job *job)
{
	if (!refcount_dec_and_test(&job->refs))
		return;
	put_task_struct(job->caller);
	kfree(job);
}

static void do_job(struct work_struct *work)
{
	struct rule_job *job = container_of(work, struct rule_job, work);

	mutex_lock(&rules_mutex);
	caller = job->caller;
	dying_rests = MM_LIMIT_DYING_RESTS;
	switch (job->kind) {
	case RULE_SET:
		job->ret = set_rule(&job->range, &job->change);
		break;
	case RULE_REMOVE:
		job->ret = remove_rule(&job->range);
		break;
	case RULE_OBEY:
		obey_all(job->range.first, job->range.last, NULL);
		break;
	}
	mutex_unlock(&rules_mutex);
	complete(&job->done);
	put_job(job);
}

/*
 * Have it done, and wait for that.
 *
 * Return: what came of it, or -EINTR: the caller is killed. Then it is done all the same,
 * unless it has not begun.
 */
static int have_done(enum rule_job_kind kind, const struct mm_limit_range *range,
		     const struct mm_limit_change *change)
{
	struct rule_job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	int ret;

	if (!job)
		return -ENOMEM;
	INIT_WORK(&job->work, do_job);
	refcount_set(&job->refs, 2);
	init_completion(&job->done);
	job->kind = kind;
	job->range = *range;
	job->caller = get_task_struct(current);
	if (change)
		job->change = *change;

	queue_work(mm_limit_rules_wq, &job->work);
	ret = wait_for_completion_killable(&job->done) ? -EINTR : job->ret;
	if (ret == -EINTR && cancel_work(&job->work))
		put_job(job);
	put_job(job);
	return ret;
}

/**
 * mm_limit_set_rule - set or change a rule
 * @range: the users that it is for, and what it gives them: %MM_LIMIT_RULE_NONE: as before
 * @change: what to change; policies and fields are known
 *
 * Each user gets its limit before this returns, or before its first page. If the caller is
 * killed, it has been set or will be, for all of them, or it will not be.
 *
 * Return: 0, or -EACCES: users below vm.mm_limit_min_uid among them; -EPERM: no
 * CAP_SYS_RESOURCE; -EEXIST: a rule of another kind is for just these users; -EINVAL: a
 * pool cannot reclaim, or a new rule has no kind; -ENODATA, -ENOSPC, -ENOMEM and -EINTR
 * as for mm_limit_set().
 * Context: process.
 */
int mm_limit_set_rule(const struct mm_limit_range *range,
		      const struct mm_limit_change *change)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (mm_limit_is_exempt(KUIDT_INIT(range->first)))
		return -EACCES;
	return have_done(RULE_SET, range, change);
}

/**
 * mm_limit_remove_rule - remove a rule
 * @range: the users that it is for, and of which kind it is: %MM_LIMIT_RULE_NONE: of any
 *
 * Each user gets the limit of the rule that goes for it then, if there is one. When this
 * returns, nobody will be killed for what has been removed; if the caller is killed, the
 * removal goes on.
 *
 * Return: 0, or -EPERM: no CAP_SYS_RESOURCE; -ENODATA: there is no such rule; -ENOMEM;
 * -EINTR: killed.
 * Context: process.
 */
int mm_limit_remove_rule(const struct mm_limit_range *range)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	return have_done(RULE_REMOVE, range, NULL);
}

/**
 * mm_limit_read_rule - read everything about a rule
 * @range: as for mm_limit_remove_rule()
 * @attr: where to put it, but for the uid
 *
 * Return: 0, or -EPERM and -ENODATA as for mm_limit_remove_rule().
 * Context: process.
 */
int mm_limit_read_rule(const struct mm_limit_range *range,
		       struct mm_limit_attr *attr)
{
	struct mm_limit *rule;

	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	rule = find_rule(range);
	if (!rule)
		return -ENODATA;
	mm_limit_describe(rule, attr);
	mm_limit_put(rule);
	return 0;
}

/**
 * mm_limit_obey - have a user obey the rule that goes for it, once its own limit has gone
 * @user: the user
 *
 * Context: process.
 */
void mm_limit_obey(struct user_struct *user)
{
	obey(user, NULL);
}

/**
 * mm_limit_obey_all - have all users obey: others can be limited than before
 *
 * Return: 0, or -ENOMEM; -EINTR: the caller is killed, and they do all the same.
 * Context: process.
 */
int mm_limit_obey_all(void)
{
	const struct mm_limit_range all = { .last = U32_MAX };

	return have_done(RULE_OBEY, &all, NULL);
}

static int __init mm_limit_rules_setup(void)
{
	mm_limit_rules_wq = alloc_ordered_workqueue("mm_limit_rules",
						    WQ_HIGHPRI);
	if (!mm_limit_rules_wq)
		panic("mm_limit: no memory for the workqueue of rules");
	return 0;
}
core_initcall(mm_limit_rules_setup);
