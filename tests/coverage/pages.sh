#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# pages.sh FOLDER TITLE INFO OUT: makes pages of INFO, whose source files are in
# FOLDER, in OUT.
set -eu

cd "$1"
title=$2
info=$3
out=$4

# From version 2 on genhtml refuses what it finds odd, such as a function that was
# not called and has executed lines, because it was inlined.
case $(genhtml --version) in
*'version 1.'*) set -- ;;
*) set -- --ignore-errors inconsistent,inconsistent ;;
esac
genhtml --quiet --branch-coverage --title "$title" -o "$out" "$@" "$info"
