#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# configure.sh BUILD "FRAGMENT..." MAKE...: merges the fragments (later ones win)
# onto allnoconfig, and checks that each wanted option, also each wanted absence,
# is in the final .config: Kconfig drops silently what it cannot satisfy.
set -eu

build=$1
fragments=$2
shift 2

mkdir -p "$build"

# option, line, fragment: the last mention of each option
# shellcheck disable=SC2086 # a list of names
awk '
	match($0, /^(# )?CONFIG_[A-Za-z0-9_]+/) {
		option = substr($0, RSTART, RLENGTH)
		sub(/^# /, "", option)
		if (/^# / && !/ is not set$/)
			next
		line[option] = $0
		from[option] = FILENAME
	}
	END {
		for (option in line)
			print option "\t" line[option] "\t" from[option]
	}' $fragments | sort >"$build/wanted"
cut -f 2 "$build/wanted" >"$build/wanted.config"

rm -f "$build/.config"
"$@" KCONFIG_ALLCONFIG="$build/wanted.config" allnoconfig
cp "$build/.config" "$build/merged.config"

awk -F '\t' '
	NR == FNR {
		if (match($0, /^CONFIG_[A-Za-z0-9_]+/))
			got[substr($0, 1, RLENGTH)] = $0
		next
	}
	{
		want = $2 ~ / is not set$/ ? "" : $2
		is = $1 in got ? got[$1] : ""
		if (is != want) {
			if (is == "")
				is = "not set"
			printf "mm_limit: the kernel configuration dropped %s (wanted by %s; it is %s): ", $2, $3, is
			print "add what it depends on, or remove it there."
			failed = 1
		}
	}
	END { exit failed }' "$build/.config" "$build/wanted" >&2 || {
	rm -f "$build/.config"
	exit 1
}
