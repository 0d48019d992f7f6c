/* SPDX-License-Identifier: GPL-2.0-only */
/* taskmon: a picture of the newest samples of a process. */
#ifndef TASKMON_PICTURE_H
#define TASKMON_PICTURE_H

#include <stdio.h>

#include "monitor.h"

/* No terminal is so wide, and a column needs two samples. */
#define PICTURE_SAMPLES 1024

/**
 * struct picture - the newest samples
 * @samples: a ring
 * @count: how many there have been; the last is at index (count - 1) modulo
 *	its size
 */
struct picture {
	struct sample samples[PICTURE_SAMPLES];
	unsigned long count;
};

/* For monitor_read(); @data is a picture. */
void picture_take(const struct sample *sample, void *data);

/**
 * picture_draw - draw CPU use and size, from left to right
 * @picture: what of
 * @file: where to
 * @title: the first line
 * @rows: lines to be used at most
 * @columns: length of the longest
 * @end: what each line ends with but the last one, which has no end
 */
void picture_draw(const struct picture *picture, FILE *file, const char *title,
		  unsigned int rows, unsigned int columns, const char *end);

#endif /* TASKMON_PICTURE_H */
