// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: the ranking, for people. */
#define _GNU_SOURCE 1
#include <string.h>
#include <unistd.h>

#include "mmlimit.h"
#include "table.h"
#include "text.h"

static const char *why(const struct oomrank_facts *facts)
{
	static const char *const words[] = {
		"-",	 "niced",	"root",	      "niced,root",
		"rawio", "niced,rawio", "root,rawio", "niced,root,rawio",
	};

	return words[facts->niced + 2 * facts->root + 4 * facts->raw_io];
}

void table_print(const struct ranking *ranking, FILE *file)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	char vm[MMLIMIT_TEXT_SIZE], name[OOMRANK_NAME_SIZE];

	fprintf(file,
		"RANK     PID  POINTS       VM  CPU_S   AGE_S  %-16s  NAME\n",
		"SPECIAL");
	for (size_t i = 0; i < ranking->count; i++) {
		const struct oomrank_process *process = &ranking->list[i];
		const struct oomrank_facts *facts = &process->facts;
		uint64_t bytes;

		memcpy(name, process->name, sizeof(name));
		if (__builtin_mul_overflow(facts->total_vm, page, &bytes))
			bytes = MM_LIMIT_ATTR_NONE - 1;
		fprintf(file, "%4zu %7d %7lu %8s %6lu %7lu  %-16s  %s\n", i + 1,
			process->pid, process->points,
			mmlimit_format_size(bytes, vm), facts->cpu_s,
			facts->run_s, why(facts), make_printable(name));
	}
}
