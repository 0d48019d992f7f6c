#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh WORKER ID FILE: makes the mutant in WORKER/linux, a copy of a built
# kernel. Nothing is ever changed in the kernel's tree: the objects that the changed
# file is part of are compiled from a folder of links, one of which is replaced by
# it. Leaves WORKER/linux/arch/arm/boot/zImage and WORKER/rootfs.cpio.gz; or, if the
# compiler makes the same of it as of the original, WORKER/same alone.
set -eu

worker=$1
id=$2
file=$3
files=$MM_HERE/../../kernel-patches/files
folder=$(dirname "$file")

cd "$worker/linux"
# shellcheck source=tests/mutants/kernel.sh
. "$MM_HERE/kernel.sh"

# What an earlier mutant was compiled into
if [ -d "$worker/original" ]; then
	cp -pr "$worker/original/." .
fi

rm -rf "$worker/tree" "$worker/same"
mkdir -p "$worker/tree/$folder"
cp -rs "$files/$folder/." "$worker/tree/$folder"

# Its own object, and that of a KUnit test that includes it: those whose commands
# name it. Headers that the folder of links lacks are beside the original.
find "$folder" -name '.*.o.cmd' -exec grep -lE "/$(basename "$file")( |\$)" {} + |
	sed -E 's,/\.([^/]*)\.cmd$,/\1,' >"$worker/objects"
[ -s "$worker/objects" ]

# compile OBJECT: from the folder of links
compile() {
	eval "$(saved "$1" |
		sed "s, $MM_SOURCE/\([^ ]*\.c\) *\$, -iquote $MM_SOURCE/$(dirname "$1") $worker/tree/\1,")"
}

# What it makes of the original, once
while read -r object; do
	mkdir -p "$worker/original/$(dirname "$object")" "$worker/plain/$(dirname "$object")"
	[ -f "$worker/original/$object" ] || cp -p "$object" "$worker/original/$object"
	if ! [ -f "$worker/plain/$object" ]; then
		compile "$object"
		cp "$object" "$worker/plain/$object"
	fi
done <"$worker/objects"

rm "$worker/tree/$file"
"$MM_MUTATE" apply --root "$files" "$id" >"$worker/tree/$file"
same=1
while read -r object; do
	compile "$object"
	cmp -s "$object" "$worker/plain/$object" || same=
done <"$worker/objects"
if [ -n "$same" ]; then
	touch "$worker/same"
	exit
fi

link_all "$worker/module.cpio.gz"
cat "$MM_ROOTFS" "$worker/module.cpio.gz" >"$worker/rootfs.cpio.gz"
