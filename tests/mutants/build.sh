#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh WORKER ID FILE: makes the mutant in WORKER/linux, a copy of a built
# kernel, by the commands that kbuild has saved there. Nothing is ever changed in
# the kernel's tree: the objects that the changed file is part of are compiled from
# a folder of links, one of which is replaced by it. Leaves WORKER/linux's zImage
# and WORKER/module.cpio.gz.
set -eu

worker=$1
id=$2
file=$3
files=$MM_HERE/../../kernel-patches/files
folder=$(dirname "$file")

cd "$worker/linux"

# saved TARGET: kbuild's command that makes it
saved() {
	sed -n -e 's/\$\$/$/g' -e 's/^savedcmd_[^ ]* := //p' "$(dirname "$1")/.$(basename "$1").cmd"
}

again() {
	for target; do
		eval "$(saved "$target")"
	done
}

# What an earlier mutant was compiled into
if [ -d "$worker/original" ]; then
	cp -pr "$worker/original/." .
fi

rm -rf "$worker/tree"
mkdir -p "$worker/tree/$folder"
cp -rs "$files/$folder/." "$worker/tree/$folder"
rm "$worker/tree/$file"
"$MM_MUTATE" apply --root "$files" "$id" >"$worker/tree/$file"

# Its own object, and that of a KUnit test that includes it: those whose commands
# name it. Headers that the folder of links lacks are beside the original.
find "$folder" -name '.*.o.cmd' -exec grep -lE "/$(basename "$file")( |\$)" {} + |
	sed -E 's,/\.([^/]*)\.cmd$,/\1,' >"$worker/objects"
while read -r object; do
	mkdir -p "$worker/original/$(dirname "$object")"
	[ -f "$worker/original/$object" ] || cp -p "$object" "$worker/original/$object"
	eval "$(saved "$object" |
		sed "s, $MM_SOURCE/\([^ ]*\.c\) *\$, -iquote $MM_SOURCE/$(dirname "$object") $worker/tree/\1,")"
done <"$worker/objects"

# scripts/link-vmlinux.sh, for a kernel without kallsyms: one link
# shellcheck disable=SC2086 # lists of flags
link() {
	"$1" $2 $3 --script=arch/arm/kernel/vmlinux.lds -o vmlinux --whole-archive vmlinux.a .vmlinux.export.o \
		init/version-timestamp.o --no-whole-archive --start-group $4 --end-group
	"${MM_CROSS_COMPILE}nm" -S vmlinux >.tmp_vmlinux.nm-sort
	scripts/sorttable -s .tmp_vmlinux.nm-sort vmlinux
}

libs=$(saved vmlinux.o | sed -n 's/.*--start-group \(.*\) --end-group.*/\1/p')
again mm/mm_limit/built-in.a mm/built-in.a kernel/taskmonitor/tests/built-in.a kernel/taskmonitor/built-in.a \
	kernel/built-in.a built-in.a vmlinux.a
eval "link $(saved vmlinux | sed -e 's/;.*//' -e 's/^[^ ]*link-vmlinux.sh//') '$libs'"

# packed for speed
boot=arch/arm/boot
again $boot/Image
eval "$(saved $boot/compressed/piggy_data | sed 's/ -9/ -1/')"
again $boot/compressed/piggy.o $boot/compressed/vmlinux $boot/zImage

# the module comes in an archive after the image's, and so in place of its own
case $folder in
kernel/taskmonitor*)
	again kernel/taskmonitor/taskmonitor.o kernel/taskmonitor/taskmonitor.ko
	echo 'file /lib/modules/taskmonitor.ko kernel/taskmonitor/taskmonitor.ko 0644 0 0' >"$worker/list"
	"$MM_GEN_INIT_CPIO" "$worker/list" | gzip -1 >"$worker/module.cpio.gz"
	;;
*)
	: >"$worker/module.cpio.gz"
	;;
esac
