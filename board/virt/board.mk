# SPDX-License-Identifier: GPL-2.0-only
#
# QEMU's virt machine with a Cortex-A15. QEMU makes its device tree, and hands it
# to the kernel; U-Boot starts the FIT image.

BOARD_QEMU	:= qemu-system-arm -M virt,dtb-randomness=off -cpu cortex-a15 -m 512
BOARD_CONSOLE	:= ttyAMA0,115200
# name below arch/arm/boot/dts; none: dumped from QEMU
BOARD_DTB	:=
# program below /usr/lib/u-boot of u-boot-qemu; none: the board has no U-Boot
BOARD_UBOOT	:= qemu_arm/u-boot.bin
