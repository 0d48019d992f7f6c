#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# record.sh FILE WORD...: writes the words to FILE, one a line, only if they
# differ from what it holds.
set -eu

file=$1
shift

if [ -f "$file" ] && [ "$(cat "$file")" = "$(printf '%s\n' "$@")" ]; then
	exit 0
fi
mkdir -p "$(dirname "$file")"
printf '%s\n' "$@" >"$file"
