// SPDX-License-Identifier: GPL-2.0-only
/* What a program of tests begins with. */
#include "ktap/ktap.h"

int main(int argc, char **argv)
{
	return ktap_main(argc, argv);
}
