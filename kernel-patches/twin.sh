#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# twin.sh BUILD TWIN CROSS MAKE...: makes TWIN/vmlinux, which has the bytes that
# BUILD/vmlinux has in memory, and debug information besides. MAKE builds in TWIN
# with the options that give it.
set -eu

build=$1
twin=$2
cross=$3
shift 3

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

# image VMLINUX: what is in memory, but for the build ID, a sum that takes in the
# debug information
image() {
	"${cross}objcopy" -O binary -R .notes "$1" "$twin/image"
	sha256sum <"$twin/image"
	rm "$twin/image"
}

mkdir -p "$twin"
cmp -s "$build/.config" "$twin/.config" || cp "$build/.config" "$twin/.config"
"$@" vmlinux
if [ "$(image "$build/vmlinux")" != "$(image "$twin/vmlinux")" ]; then
	die "$twin/vmlinux is not what the image runs: delete $twin and $build, and run 'make gdb' again."
fi
