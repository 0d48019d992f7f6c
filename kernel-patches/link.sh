#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# link.sh STATE QUEUE: links every file of QUEUE/files into STATE/source, in place
# of the links of an earlier run, which STATE/links names.
set -eu

state=$1
queue=$(cd "$2" && pwd)
source=$state/source

rm -f "$state/linked"
if [ -f "$state/links" ]; then
	while read -r f; do
		rm -f "$source/$f"
	done <"$state/links"
fi
: >"$state/links"

if [ -d "$queue/files" ]; then
	(cd "$queue/files" && find . -type f ! -name '*~' ! -name '*.sw?' | sed 's,^\./,,' | sort) >"$state/links.new"
	while read -r f; do
		if [ -e "$source/$f" ]; then
			echo "mm_limit: $queue/files/$f is already a file of the kernel: files/ only adds, a patch changes." >&2
			exit 1
		fi
		mkdir -p "$source/$(dirname "$f")"
		ln -s "$queue/files/$f" "$source/$f"
		echo "$f" >>"$state/links"
	done <"$state/links.new"
	rm "$state/links.new"
fi

# No part of linux-edit's git: they are files of ours already.
if [ -d "$source/.git" ]; then
	sed 's,^,/,' "$state/links" >"$source/.git/info/exclude"
fi
touch "$state/linked"
