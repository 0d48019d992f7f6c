#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# qemu.sh FOLDER QEMU ARGUMENT...: becomes QEMU, whose guest has one port more,
# coverage, to a file in FOLDER that is named after the guest's suite. The runner
# takes it for QEMU itself.
set -eu

folder=$1
shift
for word; do
	case $word in
	*MM_CHECK=*)
		suite=${word#*MM_CHECK=}
		suite=${suite%% *}
		;;
	esac
done
# A virtual port answers at once, in the guest's time; a disk does not.
exec "$@" -chardev "file,id=coverage,path=$folder/$suite.tar" -device virtio-serial-device \
	-device virtserialport,chardev=coverage
