// SPDX-License-Identifier: GPL-2.0-only
/* oomrankd: the ranking, for people and for programs. */
#define _GNU_SOURCE 1
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "json_text.h"
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

/* What the process has mapped, in bytes */
static uint64_t vm_bytes(const struct oomrank_facts *facts)
{
	uint64_t page = sysconf(_SC_PAGESIZE), bytes;

	if (__builtin_mul_overflow(facts->total_vm, page, &bytes))
		bytes = MM_LIMIT_ATTR_NONE - 1;
	return bytes;
}

void table_print(const struct ranking *ranking, FILE *file)
{
	char vm[MMLIMIT_TEXT_SIZE], name[OOMRANK_NAME_SIZE];

	fprintf(file,
		"RANK     PID  POINTS       VM  CPU_S   AGE_S  %-16s  NAME\n",
		"SPECIAL");
	for (size_t i = 0; i < ranking->count; i++) {
		const struct oomrank_process *process = &ranking->list[i];
		const struct oomrank_facts *facts = &process->facts;

		memcpy(name, process->name, sizeof(name));
		fprintf(file, "%4zu %7d %7lu %8s %6lu %7lu  %-16s  %s\n", i + 1,
			process->pid, process->points,
			mmlimit_format_size(vm_bytes(facts), vm), facts->cpu_s,
			facts->run_s, why(facts), make_printable(name));
	}
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

void table_print_json(const struct ranking *ranking, FILE *file)
{
	char name[OOMRANK_NAME_SIZE];

	fprintf(file, "{\n  \"schema\": 1,\n  \"ranking\": [");
	for (size_t i = 0; i < ranking->count; i++) {
		const struct oomrank_process *process = &ranking->list[i];
		const struct oomrank_facts *facts = &process->facts;

		fprintf(file,
			"%s\n    {\"rank\": %zu, \"pid\": %d, \"points\": %lu, \"vm\": %" PRIu64
			", \"cpu_s\": %lu, \"run_s\": %lu, \"niced\": %s, \"root\": %s, \"raw_io\": %s, \"name\": ",
			i ? "," : "", i + 1, process->pid, process->points,
			vm_bytes(facts), facts->cpu_s, facts->run_s,
			truth(facts->niced), truth(facts->root),
			truth(facts->raw_io));
		memcpy(name, process->name, sizeof(name));
		json_string(file, make_printable(name));
		putc('}', file);
	}
	fprintf(file, "%s]\n}\n", ranking->count ? "\n  " : "");
}
