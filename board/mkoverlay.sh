#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mkoverlay.sh FOLDER ROOTFS LIST OUT: makes OUT, an initramfs of ROOTFS and all that
# FOLDER has, owned by root, modes and times as they are there. The kernel unpacks
# one archive after the other, so that FOLDER's files replace those of the image.
# LIST is what ROOTFS was made from: its folders keep their modes.
set -eu

folder=$1
rootfs=$2
list=$3
out=$4

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

mkdir -p "$(dirname "$out")"
trap 'rm -f "$out.folders" "$out.names" "$out.second" "$out.tmp"' EXIT
sed -n 's/^dir \([^ ]*\) .*/.\1/p' "$list" | sort >"$out.folders"
(cd "$folder" && find . -mindepth 1) | sort | comm -23 - "$out.folders" >"$out.names"
(cd "$folder" && cpio -o -H newc -R 0:0 --reproducible --quiet <"$out.names") | gzip -n >"$out.second"
[ "$(gzip -dc "$out.second" | cpio -t --quiet | wc -l)" = "$(wc -l <"$out.names")" ] ||
	die "OVERLAY=$folder cannot be packed completely: see above."
cat "$rootfs" "$out.second" >"$out.tmp"
mv "$out.tmp" "$out"
