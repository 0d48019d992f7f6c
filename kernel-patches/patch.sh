#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# patch.sh STATE QUEUE: applies QUEUE/*.patch to STATE/source. May be repeated
# after any change of the queue: what an earlier run changed is taken back first,
# and a file whose content stays the same keeps its time, so that kbuild rebuilds
# what it must and no more.
#
#	STATE/touched	names of the files that the applied patches change
#	STATE/orig/	these files as Debian has them (absent: a patch adds it)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
state=$(cd "$1" && pwd)
queue=$(cd "$2" && pwd)
source=$state/source

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

# The files that patches name, in their ---/+++ lines
names_in() {
	sed -n -E 's,^(---|\+\+\+) [ab]/([^	]*).*,\2,p' "$@" | sort -u
}

# What changed under linux-edit must not be lost. Its git ends here.
if [ -d "$source/.git" ]; then
	"$here/edit.sh" unchanged "$state"
	"$here/times.sh" restore "$state"
	rm -rf "$source/.git" "$state/times"
fi

rm -f "$state/patched"

# Take back, keeping what was there for comparison.
rm -rf "$state/last"
mkdir -p "$state/orig" "$state/last"
if [ -f "$state/touched" ]; then
	while read -r f; do
		if [ -f "$source/$f" ]; then
			mkdir -p "$state/last/$(dirname "$f")"
			mv "$source/$f" "$state/last/$f"
		fi
		if [ -f "$state/orig/$f" ]; then
			cp -p "$state/orig/$f" "$source/$f"
		fi
	done <"$state/touched"
	mv "$state/touched" "$state/touched.last"
fi
: >>"$state/touched.last"

# Apply.
set -- "$queue"/*.patch
[ -e "$1" ] || set --
if [ $# -gt 0 ]; then
	names_in "$@" >"$state/touched"
	while read -r f; do
		if [ -f "$source/$f" ] && ! [ -f "$state/orig/$f" ]; then
			mkdir -p "$state/orig/$(dirname "$f")"
			cp -p "$source/$f" "$state/orig/$f"
		fi
	done <"$state/touched"
fi
for p; do
	if ! patch -d "$source" -p1 -F0 -N --no-backup-if-mismatch -r - <"$p" >"$state/patch.out" 2>&1; then
		cat "$state/patch.out"
		f=$(awk '/^(patching file|can.t find file)/ { f = $3 } /FAILED|can.t find/ { print f; exit }' "$state/patch.out")
		die "$(basename "$p") does not apply to ${f:-the kernel}: rebase it ('make linux-edit' helps) or take it out of $queue."
	fi
done
rm -f "$state/patch.out"

# Same content, same time: else now, for tar and cp restore old ones.
sort -u "$state/touched.last" ${1:+"$state/touched"} | while read -r f; do
	[ -f "$source/$f" ] || continue
	if cmp -s "$source/$f" "$state/last/$f"; then
		touch -r "$state/last/$f" "$source/$f"
	else
		touch "$source/$f"
	fi
done
rm -rf "$state/last" "$state/touched.last"

touch "$state/patched"
