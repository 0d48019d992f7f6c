/* SPDX-License-Identifier: GPL-2.0-only */
/* mmlimit: limits for Prometheus. */
#ifndef MMLIMIT_PROMETHEUS_H
#define MMLIMIT_PROMETHEUS_H

#include "mmlimit.h"

/* Prints limits to standard output, in the text format that Prometheus scrapes. */
void prometheus_print(const struct mm_limit_attr *limits, size_t count);

#endif /* MMLIMIT_PROMETHEUS_H */
