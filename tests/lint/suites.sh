#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# suites.sh CONF... -- FILE...: suites that a FILE of the documentation names, as in
# "suite `held`" or SUITE='enforce kill*', and that no CONF has.
set -eu

confs=
while [ "$1" != -- ]; do
	confs="$confs $1"
	shift
done
shift
# shellcheck disable=SC2086 # names without blanks
suites=$(awk '$2 == "guest" || $2 == "host" { print $1 }' $confs)

# is_there GLOB
is_there() {
	for suite in $suites; do
		# shellcheck disable=SC2254 # a pattern
		case $suite in $1) return ;; esac
	done
	return 1
}

# named FILE: what it names, a suite or a glob a line
named() {
	# shellcheck disable=SC2016 # quotes of the documentation
	tr '\n' ' ' <"$1" | grep -oE '(suite|Suite)s? `+[a-z0-9_*]+`+( and `+[a-z0-9_*]+`+)*' | grep -oE '`[a-z0-9_*]+' | tr -d '`' || true
	grep -oE "SUITE=('[^']*'|[a-z0-9_*]+)" "$1" | sed "s/^SUITE=//; s/'//g" | tr ' ' '\n' | grep . || true
}

set -f
for f; do
	named "$f" | sort -u | while read -r name; do
		is_there "$name" || echo "$f: no suite is called $name"
	done
done
