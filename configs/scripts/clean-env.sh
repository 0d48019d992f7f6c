#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# clean-env.sh COMMAND...: runs COMMAND without what the environment could add to
# the kernel: kbuild takes KCFLAGS, ARCH, LLVM, KBUILD_* and dozens more from there,
# and the compiler CPATH and the like. What stays finds programs, shows menus, or
# belongs to compiler caches.
set -eu

# shellcheck disable=SC2013 # names hold no blanks
for name in $(awk 'BEGIN { for (name in ENVIRON) print name }'); do
	case $name in
	PATH | HOME | USER | LOGNAME | SHELL | TMPDIR | TERM | COLORTERM | LINES | COLUMNS) ;;
	LC_ALL | LD_LIBRARY_PATH | LD_PRELOAD | MENUCONFIG_* | NCONFIG_*) ;;
	CCACHE_* | DISTCC_* | ICECC_* | SCCACHE_*) ;;
	*) set -- -u "$name" "$@" ;;
	esac
done
exec env "$@"
