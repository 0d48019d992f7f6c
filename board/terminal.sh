#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# terminal.sh: the size of this terminal for the guest's kernel command line, which
# a serial console cannot tell it: MM_TERMINAL=ROWSxCOLUMNS, or nothing if there is
# no terminal or it does not know its size. init.d/rcS of the image reads it.
set -eu

size=$(stty size 2>/dev/null) || exit 0
case $size in
0\ * | *\ 0) ;;
*) echo "MM_TERMINAL=${size% *}x${size#* }" ;;
esac
