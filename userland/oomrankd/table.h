/* SPDX-License-Identifier: GPL-2.0-only */
/* oomrankd: the ranking, for people and for programs. */
#ifndef OOMRANKD_TABLE_H
#define OOMRANKD_TABLE_H

#include <stdio.h>

#include "ranking.h"

/* Prints a sorted ranking, one candidate a line. */
void table_print(const struct ranking *ranking, FILE *file);

/* The same as an object of JSON */
void table_print_json(const struct ranking *ranking, FILE *file);

#endif /* OOMRANKD_TABLE_H */
