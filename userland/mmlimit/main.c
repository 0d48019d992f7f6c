// SPDX-License-Identifier: GPL-2.0-only
/* mmlimit: per-user memory limits from the command line. */
#include "commands.h"

int main(int argc, char **argv)
{
	return command_line(argc, argv);
}
