#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# same.sh COVERAGE ARGS RUNNER OPTION... runs the deterministic suites that the
# options select twice, and compares the counts byte for byte.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
coverage=$1
args=$2
shift 2

mkdir -p "$coverage/same"
awk '/^#/ || NF < 2 || ($2 == "guest" && !/boot=fit|icount=no/)' "$here/../suites.conf" |
	sed 's/[ \t]for=[a-z-]*//g' >"$coverage/same/suites.conf"
for run in 1 2; do
	rm -rf "$coverage/same/$run"
	mkdir "$coverage/same/$run"
	{
		echo "$here/qemu.sh"
		echo "$coverage/same/$run"
		cat "$args"
	} >"$coverage/same/qemu.args"
	"$@" --suites "$coverage/same/suites.conf" --splats "$here/../runner/splats.conf" \
		--output "$coverage/same/check" --qemu kernel="$coverage/same/qemu.args"
done

status=0
for tar in "$coverage"/same/1/*.tar; do
	suite=$(basename "$tar" .tar)
	if ! [ -s "$tar" ]; then
		echo "$suite: no counts"
		status=1
	elif cmp "$tar" "$coverage/same/2/$suite.tar"; then
		echo "$suite: the same counts twice"
	else
		status=1
	fi
done
exit "$status"
