#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mkimages.sh IMAGES BOARD LINUX_BUILD ROOTFS DTB QEMU SOURCES CC: fills IMAGES with
# zImage, rootfs.cpio.gz, the device tree, image.itb, and the manifest of them.
# DTB is the device tree's name in the kernel's build; empty: QEMU is asked for it.
set -eu

images=$1
board=$2
linux=$3
rootfs=$4
dtb=$5
qemu=$6
sources=$7
cc=$8

rm -rf "$images.tmp"
mkdir -p "$images.tmp"
cp "$linux/arch/arm/boot/zImage" "$images.tmp/"
cp "$rootfs" "$images.tmp/rootfs.cpio.gz"
if [ -n "$dtb" ]; then
	cp "$linux/arch/arm/boot/dts/$dtb" "$images.tmp/"
else
	# shellcheck disable=SC2086 # a command line
	$qemu -nic none -display none -machine "dumpdtb=$images.tmp/padded"
	dtc -q -I dtb -O dtb -o "$images.tmp/$(basename "$board").dtb" "$images.tmp/padded"
	rm "$images.tmp/padded"
fi
cp "$board/image.its" "$images.tmp/"
(cd "$images.tmp" && mkimage -f image.its image.itb)
rm "$images.tmp/image.its"

{
	echo "# image size sha256"
	for f in "$images.tmp"/*; do
		echo "${f##*/} $(wc -c <"$f") $(sha256sum <"$f" | cut -d ' ' -f 1)"
	done
	echo "# kernel"
	echo "$(basename "$board") $(cat "$linux/include/config/kernel.release")"
	echo "# source version sha256 locked|unlocked"
	for r in "$sources"/*; do
		echo "${r##*/} $(cut -d ' ' -f 2- "$r")"
	done
	echo "# tools"
	$cc --version | head -n 1
	${qemu%% *} --version | head -n 1
	mkimage -V
} >"$images.manifest"
mv "$images.manifest" "$images.tmp/manifest"

rm -rf "$images"
mv "$images.tmp" "$images"
