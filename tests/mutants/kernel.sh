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

# link LD FLAGS FLAGS LIBRARIES: to vmlinux
# shellcheck disable=SC2086 # lists of flags
link() {
	"$1" $2 $3 --script=arch/arm/kernel/vmlinux.lds -o vmlinux --whole-archive vmlinux.a .vmlinux.export.o \
		init/version-timestamp.o --no-whole-archive --start-group $4 --end-group .tmp_vmlinux2.kallsyms.o
}

# configured NAME OPTION: prints the option if the kernel has CONFIG_NAME.
configured() {
	if grep -q "^CONFIG_$1=y" include/config/auto.conf; then
		echo "$2"
	fi
}

# The names of vmlinux's functions, for its next link. Tests read them, as in
# /proc/PID/wchan. They come after the functions, whose addresses stay.
# shellcheck disable=SC2046 # options, or none
name_functions() {
	"${MM_CROSS_COMPILE}nm" -n vmlinux | sed -f "$MM_SOURCE/scripts/mksysmap" >.tmp_vmlinux.syms
	scripts/kallsyms $(configured KALLSYMS_ALL --all-symbols) \
		$(configured KALLSYMS_ABSOLUTE_PERCPU --absolute-percpu) .tmp_vmlinux.syms >.tmp_vmlinux2.kallsyms.S
	eval "$(saved arch/arm/lib/memset.o |
		sed 's, -o .*, -o .tmp_vmlinux2.kallsyms.o .tmp_vmlinux2.kallsyms.S,')"
}

# From objects to arch/arm/boot/zImage, packed for speed, and to the module in an
# archive that comes after the image's, and so in place of its own: FILE
link_all() {
	libraries=$(saved vmlinux.o | sed -n 's/.*--start-group \(.*\) --end-group.*/\1/p')
	again mm/mm_limit/built-in.a mm/built-in.a kernel/taskmonitor/tests/built-in.a kernel/taskmonitor/built-in.a \
		kernel/built-in.a built-in.a vmlinux.a
	link="link $(saved vmlinux | sed -e 's/;.*//' -e 's/^[^ ]*link-vmlinux.sh//') '$libraries'"
	eval "$link"
	name_functions
	eval "$link"
	"${MM_CROSS_COMPILE}nm" -S vmlinux >.tmp_vmlinux.nm-sort
	scripts/sorttable -s .tmp_vmlinux.nm-sort vmlinux
	boot=arch/arm/boot
	again $boot/Image
	eval "$(saved $boot/compressed/piggy_data | sed 's/ -9/ -1/')"
	again $boot/compressed/piggy.o $boot/compressed/vmlinux $boot/zImage

	again kernel/taskmonitor/taskmonitor.o kernel/taskmonitor/taskmonitor.ko
	echo 'file /lib/modules/taskmonitor.ko kernel/taskmonitor/taskmonitor.ko 0644 0 0' >module.list
	"$MM_GEN_INIT_CPIO" module.list | gzip -1 >"$1"
}
