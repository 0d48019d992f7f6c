// SPDX-License-Identifier: GPL-2.0-only
/* Scenes in which two killers may choose between the same processes. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "ktap/files.h"
#include "ktap/ktap.h"
#include "lib/actor.h"
#include "lib/klog.h"
#include "lib/memory.h"
#include "lib/oomchoice.h"
#include "lib/oomlist.h"
#include "lib/program.h"
#include "lib/rankd.h"
#include "lib/swap.h"

#define DUMP_TASKS "/proc/sys/vm/oom_dump_tasks"

/* So much is left of memory when it is taken in small steps only. */
#define SLOWLY (8 * MIB)

static struct cast casts[MOST_ACTORS];
static int actors;

static unsigned long number_of(pid_t pid, const char *file)
{
	char path[48], text[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	return strtoul(text, NULL, 10);
}

/* The two measures; both have the largest die first. */
static void show_measures(void)
{
	char output[PROGRAM_OUTPUT];

	for (int i = 0; i < actors; i++)
		printf("%s: pid %d, oom_score %lu, total_vm %lu\n",
		       casts[i].actor->name, casts[i].workers[0].pid,
		       number_of(casts[i].workers[0].pid, "oom_score"),
		       number_of(casts[i].workers[0].pid, "statm"));
	EXPECT_EQ(PROGRAM(output, "oomrankd", "--dry-run"), 0);
}

static struct cast *cast_of(const char *name)
{
	for (int i = 0; i < actors; i++)
		if (!strcmp(casts[i].actor->name, name))
			return &casts[i];
	KTAP_FAIL("nobody is called '%s'", name);
	ktap_stop();
}

/*
 * Returns who is chosen, once memory is used up. The kernel tells; a victim that
 * takes its time to exit may cost others their lives before it is gone.
 */
static struct cast *run_out_of_memory(void)
{
	struct worker presser = presser_start();
	struct klog log = klog_open();
	char name[16] = "";

	presser_leave(&presser, SLOWLY);
	ktap_waiting_for("somebody to die");
	while (!*name) {
		presser_take(&presser);
		while (!*name && klog_next(&log))
			sscanf(log.text,
			       "Out of memory: Killed process %*d (%15[^)])",
			       name);
	}
	while (!actor_has_died(cast_of(name)))
		presser_take(&presser);
	ktap_waiting_for(NULL);
	klog_close(&log);
	presser_end(&presser);
	return cast_of(name);
}

static struct cast *run_ranked(void)
{
	struct cast *victim;
	pid_t pids[RANKD_MOST];

	RANKD_START("--interval", "100h");
	show_measures();
	victim = run_out_of_memory();
	/* It may have ranked anew since, under pressure. */
	EXPECT_GT(rankd_list(pids), 0);
	rankd_end();
	return victim;
}

void oomchoice_play(const struct oomchoice *scenario)
{
	struct cast *ranked, *kernel;

	printf("expect-splat invoked oom-killer\n");
	printf("expect-splat ^Out of memory: Killed process\n");
	ASSERT_EQ(file_write(DUMP_TASKS, "0"), 0);
	/*
	 * A victim may be reading itself in when it is killed; then that fails,
	 * and the kernel says so.
	 */
	if (scenario->swap_mib) {
		printf("expect-splat ^[a-z]*: page allocation failure: order:0\n");
		swap_on(scenario->swap_mib * MIB);
	}
	for (actors = 0; scenario->actors[actors].name; actors++)
		actor_start(&casts[actors], &scenario->actors[actors]);

	ranked = run_ranked();
	EXPECT_STREQ(ranked->actor->name, scenario->ranked);
	for (int i = 0; i < actors; i++)
		if (actor_has_died(&casts[i])) {
			actor_end(&casts[i]);
			actor_start(&casts[i], &scenario->actors[i]);
		}

	OOMLIST_EXPECT_EMPTY();
	kernel = run_out_of_memory();
	EXPECT_STREQ(kernel->actor->name, scenario->kernel);
	printf("table: kernel %s, ranking %s\n", kernel->actor->name,
	       ranked->actor->name);

	for (int i = 0; i < actors; i++)
		actor_end(&casts[i]);
	if (scenario->swap_mib)
		EXPECT_EQ(swap_remove(), 0);
	ASSERT_EQ(file_write(DUMP_TASKS, "1"), 0);
}
