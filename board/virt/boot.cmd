# SPDX-License-Identifier: GPL-2.0-only
# U-Boot: starts the FIT image beside this script. The build puts the kernel's
# command line in place of the word between the at signs.
setenv bootargs @BOOTARGS@
setenv fdt_high 0xffffffff
setenv initrd_high 0xffffffff
load virtio 0:1 0x48000000 image.itb && bootm 0x48000000
poweroff
