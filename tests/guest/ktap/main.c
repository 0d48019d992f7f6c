// SPDX-License-Identifier: GPL-2.0-only
/* The main() of programs that consist of tests. */
#include "ktap/ktap.h"

int main(int argc, char **argv)
{
	return ktap_main(argc, argv);
}
