#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lock.sh FOLDER COMMAND...: runs COMMAND, which builds in FOLDER, unless another
# such command is still at work there. The lock is on the open file that all
# children of COMMAND inherit as descriptor 9, so it ends with the last of them,
# however they end, and nothing stale can stay behind.
set -eu

folder=$1
shift

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

# What is built has the same modes whoever builds it.
umask 022

if ! { mkdir -p "$folder" && : >>"$folder/.lock"; } 2>/dev/null; then
	die "cannot write to $folder: set O= to a folder that can be written."
fi
lock=$(cd "$folder" && pwd -P)/.lock

# busy: says who holds the lock, as far as it can be seen from here
# (the same name may be another file where other file systems are mounted)
busy() {
	file=$(stat -L -c %d:%i /proc/self/fd/9)
	exec 9>&-
	read -r maker <"$lock" || maker=
	holders=$(stat -L -c '%d:%i %n' /proc/[0-9]*/fd/9 2>/dev/null |
		awk -F '[ /]' -v file="$file" '$1 == file { printf "%s ", $4 }')
	case " $holders" in
	*" ${maker:-none} "*)
		die "another make (pid $maker) is at work in $folder: wait for it, end it, or set O= to another folder."
		;;
	"  "* | " ")
		die "another make is at work in $folder: wait for it, or set O= to another folder."
		;;
	*)
		die "what a killed make has left running is at work in $folder: wait for it, 'kill ${holders% }', or set O= to another folder."
		;;
	esac
}

# `make clean` removes the file along with the folder: only the one that can be
# found there locks anybody out.
while :; do
	exec 9>>"$lock"
	status=0
	flock -n -E 75 9 || status=$?
	[ $status -ne 75 ] || busy
	[ $status -eq 0 ] || die "$lock cannot be locked: set O= to a folder on another file system."
	[ "$(stat -L -c %d:%i /proc/self/fd/9)" != "$(stat -c %d:%i "$lock" 2>/dev/null)" ] || break
done
echo $$ >"$lock"

BUILD_LOCK=$folder exec "$@"
