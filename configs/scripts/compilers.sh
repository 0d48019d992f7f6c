#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# compilers.sh CROSS_COMPILE HOSTCC: can the two be used? Either may begin with a
# launcher, as in "ccache gcc".
set -eu

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

# target COMMAND...: what a compiler builds for
target() {
	"$@" -dumpmachine 2>/dev/null
}

# shellcheck disable=SC2086 # commands with their words
{
	machine=$(target ${1}gcc) ||
		die "CROSS_COMPILE=$1 names no compiler, '${1}gcc' cannot be run: leave it out for Debian's, arm-linux-gnueabi-, perhaps with a launcher: CROSS_COMPILE='ccache arm-linux-gnueabi-'."
	target $2 >/dev/null ||
		die "HOSTCC=$2 cannot be run: leave it out for gcc, or name a compiler of this machine, perhaps with a launcher: HOSTCC='ccache gcc'."
}
case $machine in
arm*-gnueabi) ;;
*) die "CROSS_COMPILE=$1 compiles for $machine, but the image holds Debian's armel: it takes a compiler for arm-linux-gnueabi." ;;
esac
