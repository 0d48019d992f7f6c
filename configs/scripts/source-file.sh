#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# source-file.sh RECORD: prints the path of the package that fetch.sh recorded,
# after checking its sum once more.
set -eu

read -r file version sum _ <"$1"
path=$(dirname "$(dirname "$1")")/$file

if [ "$(sha256sum <"$path" 2>/dev/null)" != "$sum  -" ]; then
	echo "mm_limit: $path is missing or damaged (not the sha256 recorded for $version): delete it and run 'make source'." >&2
	exit 1
fi
echo "$path"
