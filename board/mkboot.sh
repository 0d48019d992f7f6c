#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mkboot.sh DIR IMAGE BOOT_CMD BOOTARGS: makes DIR what U-Boot boots from: the FIT
# image, and boot.scr, which is BOOT_CMD with the kernel's command line filled in.
set -eu

dir=$1

mkdir -p "$dir"
ln -f "$2" "$dir/image.itb" 2>/dev/null || cp "$2" "$dir/image.itb"
sed "s|@BOOTARGS@|$4|" "$3" >"$dir/../boot.cmd"
mkimage -A arm -O linux -T script -C none -n mm_limit -d "$dir/../boot.cmd" "$dir/boot.scr" >/dev/null
