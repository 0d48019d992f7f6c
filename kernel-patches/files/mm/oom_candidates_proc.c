// SPDX-License-Identifier: GPL-2.0-only
/*
 * Candidates for the OOM killer: /proc/oom and /proc/<pid>/oom.
 *
 * What is written to one open /proc/oom is one list, in however many pieces it
 * comes, and takes effect when the file is closed or rewound. Every error shows
 * at the write() that makes it, and takes the whole list with it: the end of a
 * list cannot fail.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/threads.h>
#include <linux/uaccess.h>

#include "oom_candidates.h"

/* What is copied from a writer at a time */
#define PIECE		128

/* Entries that a list begins with */
#define FIRST_ROOM	64

/* A line takes at most so many bytes, but for pids that only 64-bit machines have. */
#define LINE_SIZE	8

/**
 * struct oom_writer - a list that is being written
 * @lock: guards all of it: io_uring writes without the lock of the position
 * @length: bytes so far
 * @begun: something was written, even if it was empty: there is a list
 * @failed: an error was returned, and what was written means nothing any more
 * @parser: where it has got to
 * @ns: which pid namespace the numbers are in: that of this /proc
 * @list: processes so far, or NULL
 * @room: for so many
 * @seen: a bit for each number that was written, or NULL
 */
struct oom_writer {
	struct mutex lock;	/* one write at a time */
	loff_t length;
	bool begun;
	bool failed;
	struct oom_pid_parser parser;
	struct pid_namespace *ns;
	struct oom_candidates *list;
	unsigned int room;
	unsigned long *seen;
};

static bool separates(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/**
 * oom_parse_pids - read the next piece of a list of pids
 * @parser: zeroed for the first one
 * @text: the piece, which may begin and end in the middle of a number
 * @length: of @text
 * @add: called for each number that has come to its end, in order
 * @arg: handed to it
 *
 * Numbers are decimal, from 1 to INT_MAX, without a sign or a leading zero, and
 * stand between blanks, tabulators and newlines.
 *
 * Return: 0; -EINVAL: not a list of pids; or what @add returned.
 */
int oom_parse_pids(struct oom_pid_parser *parser, const char *text,
		   size_t length, oom_pid_fn add, void *arg)
{
	unsigned int digit;
	size_t i;
	int ret;

	for (i = 0; i < length; i++) {
		if (separates(text[i])) {
			ret = oom_parse_end(parser, add, arg);
			if (ret)
				return ret;
			continue;
		}
		digit = text[i] - '0';
		if (digit > 9 || (!parser->number && !digit) ||
		    parser->number > (INT_MAX - digit) / 10)
			return -EINVAL;
		parser->number = parser->number * 10 + digit;
	}
	return 0;
}

/**
 * oom_parse_end - a list of pids has come to its end
 * @parser: as for oom_parse_pids()
 * @add: called if it ended with a number
 * @arg: handed to it
 *
 * Return: 0, or what @add returned.
 */
int oom_parse_end(struct oom_pid_parser *parser, oom_pid_fn add, void *arg)
{
	pid_t nr = parser->number;

	parser->number = 0;
	return nr ? add(nr, arg) : 0;
}

/* Make sure that there is room for one more. */
static int make_room(struct oom_writer *writer)
{
	struct oom_candidates *larger;
	unsigned int room;

	if (!writer->seen) {
		writer->seen = kvcalloc(BITS_TO_LONGS(PID_MAX_LIMIT),
					sizeof(long), GFP_KERNEL_ACCOUNT);
		if (!writer->seen)
			return -ENOMEM;
	}
	if (writer->list && writer->list->nr < writer->room)
		return 0;

	room = writer->list ? 2 * writer->room : FIRST_ROOM;
	larger = kvrealloc(writer->list,
			   struct_size(larger, entries, room),
			   GFP_KERNEL_ACCOUNT);
	if (!larger)
		return -ENOMEM;
	if (!writer->list)
		larger->nr = 0;
	writer->list = larger;
	writer->room = room;
	return 0;
}

/* A number that no process has is skipped: a listed process may have exited. */
static int add_process(pid_t nr, void *arg)
{
	struct oom_writer *writer = arg;
	struct oom_candidates *list = writer->list;
	struct pid *pid;

	if (nr >= PID_MAX_LIMIT || __test_and_set_bit(nr, writer->seen))
		return 0;

	rcu_read_lock();
	pid = find_pid_ns(nr, writer->ns);
	if (pid && pid_task(pid, PIDTYPE_TGID)) {
		list->entries[list->nr++] = (struct oom_candidate){
			.pid = get_pid(pid),
		};
	}
	rcu_read_unlock();
	return 0;
}

/* The same in the middle of a list; also sees to the room of the next one. */
static int add_process_and_room(pid_t nr, void *arg)
{
	add_process(nr, arg);
	return make_room(arg);
}

static void reset(struct oom_writer *writer)
{
	oom_candidates_free(writer->list);
	kvfree(writer->seen);
	writer->list = NULL;
	writer->seen = NULL;
	writer->length = 0;
	writer->begun = false;
	writer->failed = false;
	writer->parser = (struct oom_pid_parser){};
}

static int take_text(struct oom_writer *writer, const char __user *text,
		     size_t length)
{
	char piece[PIECE];
	size_t size;
	int ret;

	for (; length; text += size, length -= size) {
		size = min(length, sizeof(piece));
		if (copy_from_user(piece, text, size))
			return -EFAULT;
		ret = oom_parse_pids(&writer->parser, piece, size,
				     add_process_and_room, writer);
		if (ret)
			return ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Take the next piece of the list; at the start of the file a new list begins. */
static int write_piece(struct oom_writer *writer, const char __user *text,
		       size_t length, loff_t pos)
{
	int ret;

	lockdep_assert_held(&writer->lock);

	if (!pos)
		reset(writer);
	ret = -EINVAL;
	if (!writer->failed && pos == writer->length)
		ret = make_room(writer);
	if (!ret)
		ret = take_text(writer, text, length);
	writer->begun = true;
	writer->failed = ret;
	writer->length += length;
	return ret;
}

static struct oom_writer *file_writer(struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static ssize_t oom_write(struct file *file, const char __user *text,
			 size_t length, loff_t *pos)
{
	struct oom_writer *writer = file_writer(file);
	int ret;

	mutex_lock(&writer->lock);
	ret = write_piece(writer, text, length, *pos);
	mutex_unlock(&writer->lock);
	if (ret)
		return ret;
	*pos += length;
	return length;
}

/* Put what was written in force. */
static void commit(struct oom_writer *writer)
{
	struct oom_candidates *list;

	mutex_lock(&writer->lock);
	if (writer->begun && !writer->failed) {
		/* There is room, so this cannot fail. */
		oom_parse_end(&writer->parser, add_process, writer);
		list = writer->list;
		writer->list = NULL;
		if (!list->nr) {
			oom_candidates_free(list);
			list = NULL;
		}
		oom_candidates_replace(list);
	}
	reset(writer);
	mutex_unlock(&writer->lock);
}

/* Only a return to the start ends a list; to ask for the position does not. */
static loff_t oom_lseek(struct file *file, loff_t offset, int whence)
{
	struct oom_writer *writer = file_writer(file);

	if (writer && whence == SEEK_SET && !offset)
		commit(writer);
	return seq_lseek(file, offset, whence);
}

/* A list that a signal has cut short may end in the middle of a number. */
static bool killed_while_writing(void)
{
	return (current->flags & PF_EXITING) && (current->exit_code & 0x7f);
}

static int oom_release(struct inode *inode, struct file *file)
{
	struct oom_writer *writer = file_writer(file);

	if (writer) {
		if (!killed_while_writing())
			commit(writer);
		reset(writer);
		kfree(writer);
	}
	return single_release(inode, file);
}

/* What this /proc hides from a reader (hidepid=) stays hidden. */
static bool may_see(struct proc_fs_info *info, struct task_struct *task)
{
	switch (info->hide_pid) {
	case HIDEPID_NOT_PTRACEABLE:
		break;
	case HIDEPID_INVISIBLE:
		if (in_group_p(info->pid_gid))
			return true;
		break;
	default:
		return true;
	}
	return ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS |
				       PTRACE_MODE_NOAUDIT);
}

/* The list is shown in one go: a reader never sees the halves of two. */
static int oom_show(struct seq_file *m, void *unused)
{
	struct proc_fs_info *info = proc_sb_info(file_inode(m->file)->i_sb);
	struct oom_candidates *list;
	struct task_struct *task;
	unsigned int i;
	pid_t nr;

	rcu_read_lock();
	list = oom_candidates_get_rcu();
	for (i = 0; list && i < list->nr && !seq_has_overflowed(m); i++) {
		task = oom_candidate_task(&list->entries[i]);
		if (!task || !may_see(info, task))
			continue;
		nr = pid_nr_ns(list->entries[i].pid, info->pid_ns);
		if (nr)
			seq_printf(m, "%d\n", nr);
	}
	rcu_read_unlock();
	return 0;
}

static size_t size_to_show(void)
{
	struct oom_candidates *list;
	size_t size;

	rcu_read_lock();
	list = oom_candidates_get_rcu();
	size = list ? list->nr * LINE_SIZE : 0;
	rcu_read_unlock();
	return size + 1;
}

/*
 * The file's mode alone would let root of a container in that kept its uid, but not
 * its capabilities.
 */
static int oom_open(struct inode *inode, struct file *file)
{
	struct oom_writer *writer = NULL;
	int ret;

	if (file->f_mode & FMODE_WRITE) {
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		writer = kzalloc(sizeof(*writer), GFP_KERNEL_ACCOUNT);
		if (!writer)
			return -ENOMEM;
		mutex_init(&writer->lock);
		writer->ns = proc_pid_ns(inode->i_sb);
	}
	ret = single_open_size(file, oom_show, writer, size_to_show());
	if (ret)
		kfree(writer);
	return ret;
}

static const struct proc_ops oom_proc_ops = {
	.proc_open	= oom_open,
	.proc_read	= seq_read,
	.proc_write	= oom_write,
	.proc_lseek	= oom_lseek,
	.proc_release	= oom_release,
};

/**
 * proc_pid_oom - /proc/<pid>/oom: what it takes to rank a process
 * @m: gets "pid utime stime", times of all its threads in clock ticks
 * @ns: the pid namespace of this /proc
 * @pid: the process
 * @task: the same
 *
 * Return: 0.
 */
int proc_pid_oom(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		 struct task_struct *task)
{
	u64 utime, stime;

	thread_group_cputime_adjusted(task, &utime, &stime);
	seq_printf(m, "%d %llu %llu\n", pid_nr_ns(pid, ns),
		   nsec_to_clock_t(utime), nsec_to_clock_t(stime));
	return 0;
}

static int __init oom_proc_init(void)
{
	proc_create("oom", 0644, NULL, &oom_proc_ops);
	return 0;
}
late_initcall(oom_proc_init);
