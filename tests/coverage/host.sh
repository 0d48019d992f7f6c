#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# host.sh COVERAGE TOP OBJECTS COVER FLOOR RUNNER OPTION... runs the host's suites,
# whose programs and objects, compiled with --coverage, are in OBJECTS, by a RUNNER
# that is compiled like that, too. Makes
#
#	COVERAGE/host.info	what they executed of the runner, the library and the tools
#	COVERAGE/host-html/	the same to look at
#	COVERAGE/host-missing	lines and branches that were not reached
#
# and prints one line a file.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
coverage=$1
top=$2
objects=$3
cover=$4
floor=$5
shift 5

# counts of an earlier run
find "$objects" -name '*.gcda' -delete

awk '/^#/ || NF < 2 || $2 == "host"' "$here/../suites.conf" | sed 's/[ \t]for=[a-z-]*//g' >"$coverage/host-suites.conf"
status=0
"$@" --suites "$coverage/host-suites.conf" --splats "$here/../runner/splats.conf" --output "$coverage/host-check" || status=1

# Files without counts were not executed at all.
find "$objects/obj" -name '*.gcno' | sort |
	(cd "$objects" && xargs gcov --json-format --stdout --branch-probabilities --branch-counts) 2>"$coverage/host.gcov.log" |
	"$cover" --root "$top" --not '*test*[._]c' info 'tests/runner/*' 'userland/*' 'tests/coverage/*' 'tests/mutants/*' \
		>"$coverage/host.info"
(cd "$top" && genhtml --quiet --branch-coverage --title 'mm_limit: host' -o "$coverage/host-html" "$coverage/host.info")
"$cover" --root "$top" missing "$coverage/host.info" >"$coverage/host-missing"
echo
"$cover" --root "$top" --floor "$floor" report "$coverage/host.info" || status=1
echo
echo "Lines and branches: $coverage/host-html/index.html; what was not reached: $coverage/host-missing"
exit "$status"
