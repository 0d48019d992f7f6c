/* SPDX-License-Identifier: GPL-2.0-only */
/* What mutated inputs are made with: the same in every run, unless FUZZ_SEED is set. */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdint.h>

/* Begins anew. Returns FUZZ_ROUNDS, how many inputs to make of each seed, or else @rounds. */
unsigned long random_begin(unsigned long rounds);

/* A number from 0 to @below - 1 */
uint32_t random_number(uint32_t below);

#endif
