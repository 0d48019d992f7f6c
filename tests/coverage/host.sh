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

mkdir -p "$coverage/host-check"
# counts of an earlier run
find "$objects" -name '*.gcda' -delete

# Programs find their fixtures from where suites.conf is, so it has to be the real
# one, and is asked for a suite at a time.
status=0
awk '!/^#/ && $2 == "host" { print $1 }' "$here/../suites.conf" >"$coverage/host-suites"
while read -r suite; do
	if "$@" --kernel release --suite "$suite" --output "$coverage/host-check/$suite" \
		>"$coverage/host.log" 2>&1 </dev/null; then
		echo "$suite: passed"
	else
		cat "$coverage/host.log"
		status=1
	fi
done <"$coverage/host-suites"

# Files without counts were not executed at all.
find "$objects/obj" -name '*.gcno' | sort |
	(cd "$objects" && xargs gcov --json-format --stdout --branch-probabilities --branch-counts) \
		2>"$coverage/host.gcov.log" |
	"$cover" --root "$top" --not 'tests/*/test[_s]*' info 'tests/runner/*' 'userland/*' \
		'tests/coverage/*' 'tests/mutants/*' >"$coverage/host.info"
"$here/pages.sh" "$top" 'mm_limit: host' "$coverage/host.info" "$coverage/host-html"
"$cover" --root "$top" missing "$coverage/host.info" >"$coverage/host-missing"
echo
"$cover" --root "$top" --floor "$floor" report "$coverage/host.info" || status=1
echo
echo "Lines and branches: $coverage/host-html/index.html; what was not reached: $coverage/host-missing"
exit "$status"
