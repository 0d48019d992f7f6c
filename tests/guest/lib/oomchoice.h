/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenes in which the system runs out of memory twice with the same processes:
 * once the kernel chooses a victim by itself, once by oomrankd's ranking.
 * Documentation/mm/oom_candidates.rst has the table, with the reasons.
 */
#ifndef GUEST_OOMCHOICE_H
#define GUEST_OOMCHOICE_H

#include "lib/actor.h"

#define MOST_ACTORS 3

/**
 * struct oomchoice - who there is, and who is expected to die
 * @actors: who there is, up to one without a name
 * @kernel: the kernel's victim, by its name
 * @ranked: the victim of the ranking
 * @swap_mib: swap space
 */
struct oomchoice {
	struct actor actors[MOST_ACTORS + 1];
	const char *kernel;
	const char *ranked;
	unsigned int swap_mib;
};

/**
 * oomchoice_play - let memory run out for these, under either regime
 * @scenario: the scenario
 *
 * First with the ranking; then only who has died has to be started again, and
 * who has become old can stay. Other victims are the test's failure.
 */
void oomchoice_play(const struct oomchoice *scenario);

/* OOMCHOICE_PLAY(.actors = ..., .kernel = ..., .ranked = ...) */
#define OOMCHOICE_PLAY(...) \
	oomchoice_play(&(const struct oomchoice){ __VA_ARGS__ })

#endif /* GUEST_OOMCHOICE_H */
