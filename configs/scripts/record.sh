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
mkdir -p "$(dirname "$file")" || {
	echo "mm_limit: cannot create $(dirname "$file"): set O= to a folder that can be written." >&2
	exit 1
}
printf '%s\n' "$@" >"$file"
