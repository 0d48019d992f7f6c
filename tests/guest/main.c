// SPDX-License-Identifier: GPL-2.0-only
/* What each suite's program begins with. */
#include "ktap.h"

int main(int argc, char **argv)
{
	const struct ktap_table *table;

	/* A test has started its own program, for another purpose. */
	for (table = __start_ktap_tables;
	     argc > 1 && table < __stop_ktap_tables; table++)
		if (table->program)
			return table->program(argc, argv);
	return ktap_run(__start_ktap_tables, __stop_ktap_tables);
}
