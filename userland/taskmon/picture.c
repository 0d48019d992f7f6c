// SPDX-License-Identifier: GPL-2.0-only
/* taskmon: a picture of the newest samples of a process. */
#define _GNU_SOURCE 1
#include <string.h>

#include "mmlimit.h"
#include "picture.h"

/* Room for what stands before an axis, such as "1023.9MiB |" */
#define LABEL 9
#define AXIS (LABEL + 2)

/* With fewer lines there is only one chart. */
#define TWO_CHARTS 12

typedef unsigned long (*value_fn)(const struct sample *before,
				  const struct sample *now);
typedef const char *(*label_fn)(unsigned long value,
				char text[MMLIMIT_TEXT_SIZE]);

void picture_take(const struct sample *sample, void *data)
{
	struct picture *picture = data;

	picture->samples[picture->count++ % PICTURE_SAMPLES] = *sample;
}

static unsigned long cpu_value(const struct sample *before,
			       const struct sample *now)
{
	return cpu_share(before, now);
}

static const char *cpu_label(unsigned long value, char text[MMLIMIT_TEXT_SIZE])
{
	snprintf(text, MMLIMIT_TEXT_SIZE, "%lu.%lu%%", value / 10, value % 10);
	return text;
}

static unsigned long size_value(const struct sample *before,
				const struct sample *now)
{
	(void)before;
	return now->total_kib;
}

static const char *size_label(unsigned long value, char text[MMLIMIT_TEXT_SIZE])
{
	return mmlimit_format_size(1024ULL * value, text);
}

static const struct chart {
	value_fn value;
	label_fn label;
} charts[] = {
	{ cpu_value, cpu_label },
	{ size_value, size_label },
};

/* The value of the sample that has so many newer ones */
static unsigned long value_at(const struct picture *picture,
			      const struct chart *chart, unsigned long newer)
{
	unsigned long index = picture->count - 1 - newer;

	return chart->value(&picture->samples[(index - 1) % PICTURE_SAMPLES],
			    &picture->samples[index % PICTURE_SAMPLES]);
}

/* How many samples have one before them, and fit */
static unsigned long usable(const struct picture *picture, unsigned long width)
{
	unsigned long kept = picture->count < PICTURE_SAMPLES ? picture->count :
								PICTURE_SAMPLES;

	if (!kept)
		return 0;
	return kept - 1 < width ? kept - 1 : width;
}

static void draw_chart(const struct picture *picture, FILE *file,
		       const struct chart *chart, unsigned int rows,
		       unsigned int width, const char *end)
{
	unsigned long shown = usable(picture, width), most = 1, value;
	char text[MMLIMIT_TEXT_SIZE];

	for (unsigned long i = 0; i < shown; i++) {
		value = value_at(picture, chart, i);
		most = value > most ? value : most;
	}
	for (unsigned int row = rows; row > 0; row--) {
		unsigned int blanks = 0;

		fprintf(file, "%s%*.*s |", end, LABEL, LABEL,
			row == rows && shown ? chart->label(most, text) :
			row == 1	     ? "0" :
					       "");
		for (unsigned long i = shown; i > 0; i--) {
			value = value_at(picture, chart, i - 1);
			/*
			 * Values are rounded up, so that whatever is not 0 can
			 * be seen.
			 */
			if ((unsigned long long)value * rows <=
			    (row - 1ULL) * most) {
				blanks++;
				continue;
			}
			/*
			 * Serial lines are slow, so blanks at the end of a line
			 * are left out.
			 */
			fprintf(file, "%*s#", (int)blanks, "");
			blanks = 0;
		}
	}
}

void picture_draw(const struct picture *picture, FILE *file, const char *title,
		  unsigned int rows, unsigned int columns, const char *end)
{
	unsigned int count = rows < TWO_CHARTS ? 1 : 2, left = rows - 1;

	fprintf(file, "%.*s", (int)columns, title);
	if (columns <= AXIS)
		return;
	for (unsigned int i = 0; i < count; i++) {
		unsigned int height = left / (count - i);

		left -= height;
		if (height)
			draw_chart(picture, file, &charts[i], height,
				   columns - AXIS, end);
	}
}
