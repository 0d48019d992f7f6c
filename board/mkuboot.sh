#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mkuboot.sh DIR RECORD PROGRAM DTB: unpacks U-Boot to DIR/u-boot.bin. Its device
# tree DIR/u-boot.dtb, QEMU's own besides, spares the countdown and the search for
# something to boot: U-Boot reads both from /config.
set -eu

dir=$1
deb=$("$(dirname "$0")/../configs/scripts/source-file.sh" "$2")

rm -rf "$dir"
mkdir -p "$dir"
dpkg-deb -x "$deb" "$dir/debian"
cp "$dir/debian/usr/lib/u-boot/$3" "$dir/u-boot.bin"
rm -r "$dir/debian"

cp "$4" "$dir/u-boot.dtb"
fdtput -c "$dir/u-boot.dtb" /config
fdtput -t i "$dir/u-boot.dtb" /config bootdelay 0
# shellcheck disable=SC2016 # U-Boot's variable
fdtput -t s "$dir/u-boot.dtb" /config bootcmd \
	'load virtio 0:1 ${scriptaddr} boot.scr && source ${scriptaddr}; poweroff'
