#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what is made again though no prerequisite has become newer: a source that is
# gone, another compiler, a tree that was moved. Prints TAP; the runner of
# `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"

# has ARCHIVE NAME: says if an object of that name is part of it
has() {
	ar t "$1" | grep -qx "$2"
}

# Two sources are enough of each for a library that is made at once.
source_that_is_gone_is_linked_no_more() {
	for archive in target/lib/libmmlimit.a host/lib/libmmlimit.a host/lib/libcommon.a; do
		case $archive in
		*/libmmlimit.a) gone=$tree/userland/lib/gone.c ;;
		*) gone=$tree/userland/common/gone.c ;;
		esac
		echo 'int gone;' >"$gone"
		accepted "$out/output/$archive" && has "$out/output/$archive" gone.o || return
		rm "$gone"
		accepted "$out/output/$archive" || return
		! has "$out/output/$archive" gone.o && continue
		echo "# gone.o is still in $archive"
		return 1
	done
	accepted "$out/output/$archive" && [ ! -s "$out/log" ] && return
	echo '# a library whose sources are the same was made again'
	return 1
}

objects_are_made_again_with_another_compiler() {
	for name in gcc arm-linux-gnueabi-gcc; do
		# shellcheck disable=SC2016 # the tool's own
		printf 'echo "$@" >>%s\nexec /usr/bin/%s "$@"\n' "$out/compiled" "$name" | tool "other-$name"
	done
	for object in host/obj/userland/lib/size.o target/obj/userland/lib/size.o; do
		rm -f "$out/compiled"
		accepted "$out/output/$object" || return
		[ ! -e "$out/compiled" ] || return
		for twice in 1 2; do
			accepted CROSS_COMPILE=other-arm-linux-gnueabi- HOSTCC=other-gcc "$out/output/$object" || return
			[ "$(grep -c size.c "$out/compiled")" = 1 ] && continue
			echo "# $object was not compiled once by make $twice with another compiler"
			return 1
		done
	done
}

# What it is made of is written down with its name, which another place would not find.
objects_are_made_again_with_a_new_header_after_a_move() {
	header=$tree/userland/lib/mmlimit.h
	for object in host/obj/userland/lib/size.o target/obj/userland/lib/size.o; do
		accepted "$out/output/$object" || return
	done
	mv "$out/output" "$out/elsewhere"
	for object in host/obj/userland/lib/size.o target/obj/userland/lib/size.o; do
		accepted O="$out/elsewhere" "$out/elsewhere/$object" || return
		touch "$header"
		touch -r "$header" "$out/new"
		accepted O="$out/elsewhere" "$out/elsewhere/$object" || return
		[ -n "$(find "$out/new" -newer "$out/elsewhere/$object")" ] || continue
		echo "# $object is older than a header of its"
		return 1
	done
}

# QEMU gets names of files: those of where the tree is now.
arguments_of_qemu_move_with_the_tree() {
	args=$out/output/virt-release/qemu-kernel.args
	accepted "$args" && grep -qx "$out/output/virt-release/images/zImage" "$args" || return
	mv "$out/output" "$out/moved"
	accepted O="$out/moved" "$out/moved/virt-release/qemu-kernel.args" &&
		grep -qx "$out/moved/virt-release/images/zImage" "$out/moved/virt-release/qemu-kernel.args"
}

run_tests source_that_is_gone_is_linked_no_more objects_are_made_again_with_another_compiler \
	objects_are_made_again_with_a_new_header_after_a_move arguments_of_qemu_move_with_the_tree
