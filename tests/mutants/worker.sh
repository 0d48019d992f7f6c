#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# worker.sh W: takes mutants from MM_WORK/queue until there are none left, builds
# each in a folder of its own, and runs suites until one notices it.
set -eu

state=$MM_WORK
worker=$state/worker$1
runner=

trap '[ -z "$runner" ] || kill "$runner" 2>/dev/null || :; exit 130' INT TERM

# reached FILE:LINE: suites that execute it, or of which that is not known, since they do
# not run on the kernel for coverage
reached() {
	"$MM_COVER" reached "$1" "$MM_COVERAGE"/*.info | sed -e 's,.*/,,' -e 's/\.info$//'
	cut -f 1 "$state/baseline" | while read -r name; do
		[ -f "$MM_COVERAGE/$name.info" ] || echo "$name"
	done
}

# suites FILE LINE: those that execute the line and pass without a mutant, most
# telling first: few seconds, and many kills in that file before
suites() {
	reached "$1:$2" |
		awk -F '\t' -v file="$1" '
		FILENAME == ARGV[1] { if ($2 == file && ($7 == "killed" || $7 == "hung")) kills[$8]++; next }
		FILENAME == ARGV[2] { seconds[$1] = $2; next }
		$1 in seconds { print (seconds[$1] + 1) / (1 + kills[$1]) "\t" $1 "\t" seconds[$1] }
		' "$MM_RESULTS" "$state/baseline" - | sort -n | cut -f 2,3
}

# judge SUITE SECONDS: sets verdict and test
judge() {
	log=$worker/check/$1.console.log
	rm -f "$log"
	awk -v suite="$1" '$1 == suite' "$state/suites.conf" >"$worker/suites.conf"
	# Four times as long as without a mutant, and what starting takes: of CPU time, since
	# everything takes longer on a machine that has other work.
	limit=$(awk -v seconds="$2" 'BEGIN { print int(15 + 4 * seconds) }')
	prlimit --cpu="$limit" "$MM_RUNNER" --suites "$worker/suites.conf" \
		--splats "$MM_HERE/../runner/splats.conf" --output "$worker/check" \
		--qemu kernel="$worker/qemu.args" --qemu swap="$MM_QEMU_SWAP" \
		--board "$MM_BOARD" --kernel "$MM_KERNEL" --slowdown "$MM_SLOWDOWN" --stall 10 >"$worker/runner.log" 2>&1 &
	runner=$!
	test=
	# The first test that fails is enough: what follows it costs time.
	while kill -0 "$runner" 2>/dev/null && [ -z "$test" ]; do
		sleep 0.2
		[ ! -f "$log" ] || test=$(first_failure "$log")
	done
	[ -z "$test" ] || kill -TERM "$runner" 2>/dev/null || :
	status=0
	wait "$runner" || status=$?
	runner=
	[ -n "$test" ] || [ ! -f "$log" ] || test=$(first_failure "$log")
	verdict=killed
	if [ -n "$test" ]; then
		return
	fi
	# It has used up that time.
	if grep -q 'QEMU died of signal' "$worker/runner.log"; then
		verdict=hung
		return
	fi
	case $status in
	0) verdict=survived ;;
	1 | 2)
		test=$(sed -n 's/^ *\[.*mm_limit-check: begin.*/suite/p; s/.*# run \([a-z0-9_]*\).*/\1/p' "$log" |
			tail -n 1)
		;;
	3) verdict=hung ;;
	4) test=boot ;;
	*)
		cat "$worker/runner.log"
		echo "mm_limit: the runner gave $status for suite $1." >&2
		exit 1
		;;
	esac
}

first_failure() {
	sed -n -E 's/^\[ *[0-9]+\.[0-9]+\] +not ok [0-9]+ -? ?([^ ]+).*/\1/p' "$1" | head -n 1
}

# try ID FILE LINE: sets verdict, suite, test
try() {
	suite=-
	test=-
	if ! "$MM_HERE/build.sh" "$worker" "$1" "$2" >"$worker/build.log" 2>&1; then
		verdict=unbuilt
		return
	fi
	if [ -f "$worker/same" ]; then
		verdict=equivalent
		return
	fi
	verdict=uncovered
	suites "$2" "$3" >"$worker/order"
	while IFS='	' read -r suite seconds; do
		judge "$suite" "$seconds"
		[ "$verdict" = survived ] || return 0
	done <"$worker/order"
	suite=-
	test=-
}

# Which is the next one; the lock is on the file that has the number.
take() {
	(
		flock 9
		taken=$(cat "$state/taken")
		echo $((taken + 1)) >"$state/taken"
		sed -n "$((taken + 1))p" "$state/queue"
	) 9>"$state/lock"
}

# progress: one line for what was found, one place among all
progress() {
	awk -F '\t' -v kernel="$MM_KERNEL" -v began="$(cat "$state/began")" -v now="$(date +%s)" '
	FILENAME == ARGV[1] { queued[$1] = 1; all++; next }
	$1 in queued && $11 == kernel { done++; noticed += $7 == "killed" || $7 == "hung"; lived += $7 == "survived" || $7 == "uncovered"
		last = $7 " " $1 ($8 == "-" ? "" : " by " $8 " " $9) }
	END { printf "%d of %d, %d:%02d, %d noticed, %d not: %s\n", done, all, (now - began) / 60, (now - began) % 60,
		noticed, lived, last }' "$state/queue" "$MM_RESULTS"
}

while :; do
	mutant=$(take)
	[ -n "$mutant" ] || break
	id=$(printf '%s\n' "$mutant" | cut -f 1)
	file=$(printf '%s\n' "$mutant" | cut -f 2)
	line=$(printf '%s\n' "$mutant" | cut -f 3)
	from=$(date +%s)
	try "$id" "$file" "$line"
	(
		flock 9
		printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$mutant" "$verdict" "$suite" "$test" "$(($(date +%s) - from))" \
			"$MM_KERNEL" >>"$MM_RESULTS"
		progress
	) 9>"$state/lock"
done
