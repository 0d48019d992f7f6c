// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer's entry to the target FUZZ_TARGET: `make fuzz`. Seeds go to the folder
 * that is the last argument.
 */
#include "fuzz.h"

#include <stdio.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *folder = (*argv)[*argc - 1];
	char path[4096];

	for (size_t i = 0; FUZZ_TARGET.seeds[i]; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/seed-%zu", folder, i);
		file = fopen(path, "w");
		/* a single input instead of a folder */
		if (!file)
			break;
		fputs(FUZZ_TARGET.seeds[i], file);
		fclose(file);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FUZZ_TARGET.run((const char *)data, size);
	return 0;
}
