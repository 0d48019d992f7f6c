#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guests.sh COVERAGE SOURCE BUILD GCOV COVER FLOOR ARGS RUNNER OPTION... runs the
# guests' suites by RUNNER on a kernel with gcov, whose tree is SOURCE and whose
# objects are in BUILD; ARGS has QEMU's arguments for it. Makes
#
#	COVERAGE/SUITE.info	what each suite executed
#	COVERAGE/total.info	all of them, and what none did
#	COVERAGE/html/		the same to look at
#	COVERAGE/missing	lines and branches that were not reached
#
# and prints one line a file.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
coverage=$1
source=$2
build=$3
gcov=$4
cover=$5
floor=$6
args=$7
shift 7
files=$here/../../kernel-patches/files

mkdir -p "$coverage/raw"

# Suites of the host are not for guests. U-Boot's kernel has arguments of its own,
# and no port. What is for another flavour runs here, too: this one can fail on
# purpose as debug does, and is as fast as release; but it has no memory cgroups, and
# counting shifts the shares of the CPU that fairness measures.
awk '/^#/ || NF < 2 || ($2 == "guest" && $1 != "fairness" && !/boot=fit|for=bench/)' "$here/../suites.conf" |
	sed 's/[ \t]for=[a-z-]*//g' >"$coverage/suites.conf"
{
	echo "$here/qemu.sh"
	echo "$coverage/raw"
	cat "$args"
} >"$coverage/qemu.args"

status=0
"$@" --suites "$coverage/suites.conf" --splats "$here/../runner/splats.conf" --output "$coverage/check" \
	--qemu kernel="$coverage/qemu.args" || status=1

# info NAME FOLDER: counts in FOLDER beside the notes they belong to
info() {
	find "$2" -name "$3" | sort |
		(cd "$coverage" && xargs "$gcov" --json-format --stdout --branch-probabilities --branch-counts) \
			2>"$coverage/$1.gcov.log" |
		"$cover" info --root "$source" --not '*test*' 'mm/mm_limit/*' 'mm/oom_candidates*' 'kernel/taskmonitor/*' \
			'include/linux/mm_limit*' 'include/linux/oom_candidates*' >"$coverage/$1.info"
}

# what was never executed has no counts at all
mkdir -p "$coverage/raw/none"
find "$build" -name '*.gcno' | while read -r f; do
	mkdir -p "$coverage/raw/none/$(dirname "${f#"$build"}")"
	ln -sf "$f" "$coverage/raw/none/${f#"$build"}"
done
info none "$coverage/raw/none" '*.gcno'

set -- "$coverage/none.info"
for tar in "$coverage"/raw/*.tar; do
	suite=$(basename "$tar" .tar)
	if ! [ -s "$tar" ]; then
		echo "$suite: its guest ended without counts, which are missing from the total."
		continue
	fi
	mkdir -p "$coverage/raw/$suite"
	tar -xf "$tar" -C "$coverage/raw/$suite"
	info "$suite" "$coverage/raw/$suite" '*.gcda'
	set -- "$@" "$coverage/$suite.info"
done

"$cover" --root "$files" merge "$@" >"$coverage/total.info"
"$cover" --root "$files" --unreachable "$here/unreachable" merge "$coverage/total.info" >"$coverage/reachable.info"
"$cover" --root "$files" --unreachable "$here/unreachable" missing "$coverage/total.info" >"$coverage/missing"
"$here/pages.sh" "$files" 'mm_limit: kernel' "$coverage/reachable.info" "$coverage/html"
echo
"$cover" --root "$files" --unreachable "$here/unreachable" --floor "$floor" report "$coverage/total.info" || status=1
echo
echo "Lines and branches: $coverage/html/index.html; what was not reached: $coverage/missing"
exit "$status"
