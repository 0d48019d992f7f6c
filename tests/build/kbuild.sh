#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what the kernel's build gets to see: nothing of the environment that could
# change the kernel, and the compilers that were asked for. Here a program named
# make takes its place and writes down what it sees. Prints TAP; the runner of
# `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"

# A state in which all is done but the kernel's build, and the kernel's make
prepare() {
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	linux=$out/output/linux
	kernel=$out/output/virt-release/linux
	mkdir -p "$out/dl/$release" "$linux/source" "$kernel"
	touch -d '2 hours ago' "$tree/configs/sources.lock"
	touch -d '1 hour ago' "$out/dl/$release/linux-source-6.12" "$out/dl/$release/.fetched"
	touch "$linux/unpacked"
	accepted "$linux/patches" "$linux/files" "$out/output/virt-release/fragments" || return
	touch "$linux/patched" "$linux/linked" "$kernel/.config"
	tool make <<-END
		printf '%s\n' "\$@" >$out/words
		env >$out/environment
	END
}

# the kernel's build runs once, and with these words
kernel_builds() {
	rm -f "$kernel/built" "$out/words" "$out/environment"
	accepted "$kernel/built" "$@" && [ -s "$out/words" ] && return
	echo '# the kernel was not built'
	return 1
}

word() {
	grep -qxF -- "$1" "$out/words" && return
	echo "# kbuild did not get '$1' but:"
	cat "$out/words"
	return 1
}

# What kbuild's makefiles and Kconfig take from the environment, and some that compilers do
leaking='KCFLAGS KAFLAGS KCPPFLAGS KRUSTFLAGS CFLAGS_KERNEL AFLAGS_KERNEL CFLAGS_MODULE AFLAGS_MODULE LDFLAGS_MODULE
	LDFLAGS LDFLAGS_vmlinux CFLAGS CPPFLAGS CXXFLAGS ASFLAGS HOSTCFLAGS HOSTLDFLAGS HOSTLDLIBS HOSTCXXFLAGS USERCFLAGS USERLDFLAGS
	ARCH SUBARCH LLVM LLVM_IAS CC LD AR NM OBJCOPY STRIP HOSTLD HOSTAR HOSTCXX CHECK CF W C M MO KBUILD_EXTMOD KBUILD_OUTPUT
	KBUILD_SRC KBUILD_VERBOSE KBUILD_CFLAGS KBUILD_CPPFLAGS KBUILD_AFLAGS KBUILD_LDFLAGS KBUILD_HOSTCFLAGS
	KBUILD_BUILD_HOST KBUILD_BUILD_USER KBUILD_BUILD_VERSION KBUILD_BUILD_TIMESTAMP KBUILD_DEFCONFIG KBUILD_KCONFIG
	KBUILD_MODPOST_WARN KBUILD_EXTRA_SYMBOLS KBUILD_ABS_SRCTREE KCONFIG_CONFIG KCONFIG_ALLCONFIG KCONFIG_SEED
	KCONFIG_OVERWRITECONFIG CONFIG_SHELL LOCALVERSION KERNELRELEASE KERNELVERSION INSTALL_MOD_STRIP
	DTC_FLAGS RUSTC PAHOLE BASH_ENV ENV CPATH C_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX
	DEPENDENCIES_OUTPUT SOURCE_DATE_EPOCH PERL5LIB PERL5OPT GREP_OPTIONS GNUMAKEFLAGS O V'

environment_does_not_reach_kbuild() {
	prepare || return
	for name in $leaking; do
		case $name in
		# these are our own
		O) with="$with O=$out/output" ;;
		GNUMAKEFLAGS) with="$with GNUMAKEFLAGS=--no-builtin-variables" ;;
		V) ;;
		*) with="$with $name=leaked" ;;
		esac
	done
	kernel_builds || return
	if grep -n leaked "$out/words" "$out/environment"; then
		return 1
	fi
	cut -d = -f 1 "$out/environment" | grep -vxE 'PATH|HOME|LC_ALL|PWD|OLDPWD|SHLVL|_' | sed 's/^/kbuild sees /' | grep . || return 0
	return 1
}

# A variable given to our make is as good as exported.
command_line_does_not_reach_kbuild() {
	prepare || return
	kernel_builds KCFLAGS=leaked ARCH=leaked W=leaked MAKEFLAGS=leaked=leaked LLVM=leaked -j2 || return
	! grep -n -e leaked -e jobserver "$out/words" "$out/environment" && word ARCH=arm
}

settings_of_compiler_caches_reach_kbuild() {
	prepare || return
	with='CCACHE_DIR=/cache DISTCC_HOSTS=localhost'
	kernel_builds && grep -qx CCACHE_DIR=/cache "$out/environment" && grep -qx DISTCC_HOSTS=localhost "$out/environment" &&
		grep -qx "HOME=$out" "$out/environment"
}

compilers_reach_kbuild() {
	prepare || return
	kernel_builds && word CROSS_COMPILE=arm-linux-gnueabi- && word CC=arm-linux-gnueabi-gcc && word HOSTCC=gcc
}

launcher_reaches_kbuild_as_part_of_the_compiler() {
	prepare || return
	echo 'exec "$@"' | tool launch
	kernel_builds 'CROSS_COMPILE=launch arm-linux-gnueabi-' 'HOSTCC=launch gcc' || return
	word CROSS_COMPILE=arm-linux-gnueabi- && word 'CC=launch arm-linux-gnueabi-gcc' && word 'HOSTCC=launch gcc'
}

# A build of the same sources in another folder, another time, by somebody else
kernel_is_built_again_with_another_compiler() {
	prepare || return
	kernel_builds && rm "$out/words" && accepted "$kernel/built" || return
	if [ -e "$out/words" ]; then
		echo '# the kernel was built twice with one compiler'
		return 1
	fi
	ln -sf "$(command -v arm-linux-gnueabi-gcc)" "$out/bin/other-gcc"
	accepted "$kernel/built" CROSS_COMPILE=other- && word CC=other-gcc
}

stamps_are_fixed() {
	prepare || return
	kernel_builds && word KBUILD_BUILD_USER=mm_limit && word KBUILD_BUILD_HOST=mm_limit && word KBUILD_BUILD_VERSION=1 &&
		word 'KBUILD_BUILD_TIMESTAMP=2025-01-01 00:00:00 UTC' && word LOCALVERSION=
}

# The second kernel of `make gdb` differs in what it is told, not in its configuration.
debug_information_is_for_gdb_alone() {
	prepare || return
	kernel_builds || return
	! grep -e KCFLAGS -e KAFLAGS -e ' -g' "$out/words" || return
	twin=$out/output/virt-release/linux-twin
	echo CONFIG_A=y >"$kernel/.config"
	touch "$kernel/built"
	# shellcheck disable=SC2016 # the tool's own
	echo 'for f; do :; done; echo code >"$f"' | tool arm-linux-gnueabi-objcopy
	accepted "$twin/built" && word 'KCFLAGS=-g -fno-var-tracking-assignments' && word KAFLAGS=-g && word "O=$twin" && word vmlinux &&
		cmp "$kernel/.config" "$twin/.config"
}

twin_with_other_code_is_refused() {
	prepare && kernel_builds || return
	twin=$out/output/virt-release/linux-twin
	# shellcheck disable=SC2016 # the tool's own
	echo 'for f; do :; done; echo $$ >"$f"' | tool arm-linux-gnueabi-objcopy
	refused "$twin/built" && said 'is not what the image runs' && [ ! -e "$twin/built" ]
}

# kernel_is CONFIG_LINE...: it was configured so, by hand
kernel_is() {
	printf '%s\n' "$@" >"$kernel/.config"
}

# As menuconfig leaves it; a file of all options is the smallest one of these.
difference_to_the_fragments_is_kept() {
	prepare || return
	echo "cp '$kernel/.config' '$kernel/defconfig'" | tool make
	printf '%s\n' CONFIG_A=y CONFIG_B=y '# CONFIG_C is not set' >"$kernel/merged.config"
	kernel_is CONFIG_A=y '# CONFIG_B is not set' CONFIG_C=7
	accepted linux-savedefconfig && said 'Differences to the fragments are in' || return
	diff - "$out/output/virt-release/menuconfig.config" <<-'END' || return
		# SPDX-License-Identifier: GPL-2.0-only
		# CONFIG_B is not set
		CONFIG_C=7
	END
	kernel_is CONFIG_A=y CONFIG_B=y '# CONFIG_C is not set'
	"$tree/configs/scripts/changes.sh" "$kernel" "$out/output/virt-release/menuconfig.config" "$out/bin/make" >"$out/log" &&
		said 'The configuration is what the fragments say.' && [ ! -e "$out/output/virt-release/menuconfig.config" ]
}

# Where gdb is told to stop there is something to stop at.
function_that_gdb_stops_at_exists() {
	function=$(sed -n 's/^GDB_BREAK.*,\([a-z_]*\))$/\1/p' "$tree/board/images.mk")
	[ -n "$function" ] && grep -rq "^void $function(" "$tree/kernel-patches/files/mm/mm_limit" && return
	echo "# no function '$function'"
	return 1
}

run_tests environment_does_not_reach_kbuild command_line_does_not_reach_kbuild settings_of_compiler_caches_reach_kbuild \
	compilers_reach_kbuild launcher_reaches_kbuild_as_part_of_the_compiler stamps_are_fixed \
	kernel_is_built_again_with_another_compiler \
	difference_to_the_fragments_is_kept debug_information_is_for_gdb_alone twin_with_other_code_is_refused function_that_gdb_stops_at_exists
