# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# For prepare.sh and build.sh, in a copy of a built kernel: makes targets anew by
# the commands that kbuild has saved there.

# saved TARGET: its command
saved() {
	sed -n -e 's/\$\$/$/g' -e 's/^savedcmd_[^ ]* := //p' "$(dirname "$1")/.$(basename "$1").cmd"
}

again() {
	for target; do
		eval "$(saved "$target")"
	done
}

# link LD FLAGS FLAGS LIBRARIES: scripts/link-vmlinux.sh does it three times, until
# kallsyms knows every address. That of the kernel without a mutant is near enough
# for the names in a backtrace, and nothing else needs it.
# shellcheck disable=SC2086 # lists of flags
link() {
	"$1" $2 $3 --script=arch/arm/kernel/vmlinux.lds -o vmlinux --whole-archive vmlinux.a .vmlinux.export.o \
		init/version-timestamp.o --no-whole-archive --start-group $4 --end-group .tmp_vmlinux2.kallsyms.o
	"${MM_CROSS_COMPILE}nm" -S vmlinux >.tmp_vmlinux.nm-sort
	scripts/sorttable -s .tmp_vmlinux.nm-sort vmlinux
}

# From objects to arch/arm/boot/zImage, packed for speed, and to the module in an
# archive that comes after the image's, and so in place of its own: FILE
link_all() {
	libraries=$(saved vmlinux.o | sed -n 's/.*--start-group \(.*\) --end-group.*/\1/p')
	again mm/mm_limit/built-in.a mm/built-in.a kernel/taskmonitor/tests/built-in.a kernel/taskmonitor/built-in.a \
		kernel/built-in.a built-in.a vmlinux.a
	eval "link $(saved vmlinux | sed -e 's/;.*//' -e 's/^[^ ]*link-vmlinux.sh//') '$libraries'"
	boot=arch/arm/boot
	again $boot/Image
	eval "$(saved $boot/compressed/piggy_data | sed 's/ -9/ -1/')"
	again $boot/compressed/piggy.o $boot/compressed/vmlinux $boot/zImage

	again kernel/taskmonitor/taskmonitor.o kernel/taskmonitor/taskmonitor.ko
	echo 'file /lib/modules/taskmonitor.ko kernel/taskmonitor/taskmonitor.ko 0644 0 0' >module.list
	"$MM_GEN_INIT_CPIO" module.list | gzip -1 >"$1"
}
