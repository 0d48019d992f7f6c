# SPDX-License-Identifier: GPL-2.0-only
#
# Arm's Versatile Express with a Cortex-A9 tile, as QEMU models it.

BOARD_QEMU	:= qemu-system-arm -M vexpress-a9 -cpu cortex-a9 -m 512
BOARD_CONSOLE	:= ttyAMA0,115200
BOARD_DTB	:= arm/vexpress-v2p-ca9.dtb
BOARD_UBOOT	:=
