#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what becomes of settings that are no choice or out of range, and that `make help`
# names them all. Prints TAP; the runner of `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"

switches_are_0_1_or_nothing() {
	for variable in LOCKED SOAK V; do
		for value in no x 2 01 '0 1' %; do
			refused "$variable=$value" packages && one_sentence "$variable=$value is unknown: choose one of 0 1" || return
		done
		for value in '' 0 1; do
			accepted "$variable=$value" packages || return
		done
	done
	[ -e "$out/output/.lock" ]
}

jobs_that_are_no_number_are_refused() {
	for value in 0 x 4097 99999999999999999999 -1 '1 2' 2x 1.5 '' "\`id\`"; do
		refused "NPROC=$value" packages && one_sentence "NPROC=$value is not a number from 1 to 4096" || return
	done
	[ ! -e "$out/output" ] && accepted NPROC=1 packages && accepted NPROC=4096 packages
}

fuzzing_takes_a_target_and_a_time() {
	for target in nosuch 'conf size' ''; do
		refused "FUZZ=$target" fuzz && one_sentence "FUZZ=$target is unknown: choose one of console size" || return
	done
	# no time at all would be without end
	for time in 0 x '' 31536001; do
		refused "FUZZ_TIME=$time" fuzz && one_sentence "FUZZ_TIME=$time is not a number from 1 to 31536000" || return
	done
	[ ! -e "$out/output" ] && accepted FUZZ=nosuch FUZZ_TIME=x packages || return
	# shellcheck disable=SC2013 # words of a line
	for target in $(sed -n 's/^FUZZERS.*:= //p' "$tree/configs/settings.mk"); do
		accepted -n "FUZZ=$target" FUZZ_TIME=1 fuzz && said "-max_total_time=1 " || return
	done
}

benchmarks_take_a_kernel_that_has_them() {
	for part in bench-counted bench-concurrent; do
		refused -n "$part" && one_sentence "KERNEL=release is not for $part: choose one of bench bench-without" &&
			refused -n KERNEL=debug "$part" && one_sentence "KERNEL=debug is not for $part" || return
	done
	[ ! -e "$out/output" ] && accepted -n -o image KERNEL=bench bench-counted &&
		accepted -n -o image KERNEL=bench-without bench-concurrent && accepted -n bench
}

# out_of_range VARIABLE RANGE GOAL: nothing is built before that is said, nor for others
out_of_range() {
	for value in x -1 10000000000 ''; do
		refused -n "$1=$value" "$3" && one_sentence "$1=$value is not a number from $2" && [ ! -e "$out/output" ] || return
	done
	accepted -n "$1=x" "$out/output/host/obj/tests/runner/json.o"
}

numbers_of_mutants_are_looked_at_first() {
	for goal in mutants mutants-debug; do
		out_of_range N '1 to 1000000' "$goal" && out_of_range SEED '0 to 1000000000' "$goal" || return
	done
}

numbers_of_tests_are_looked_at_first() {
	for goal in check coverage; do
		out_of_range JOBS '1 to 256' "$goal" && out_of_range REPEAT '1 to 10000' "$goal" &&
			out_of_range SEED '0 to 1000000000' "$goal" && out_of_range SHIFT '0 to 10' "$goal" || return
	done
	# as the runner has them
	for range in JOBS:1:256 REPEAT:1:10000 SEED:0:1000000000 SHIFT:0:10; do
		tr -s '\n\t' '  ' <"$tree/tests/runner/options.c" | grep -q "\"${range%%:*}\", $(echo "${range#*:}" | sed 's/:/, /')," && continue
		echo "# the runner has another range than $range"
		return 1
	done
}

switch_set_to_nothing_is_off() {
	accepted V= -n "$out/output/host/obj/tests/runner/json.o" && said 'HOST tests/runner/json.c' || return
	accepted V=1 -n "$out/output/host/obj/tests/runner/json.o" && said_not 'HOST tests/runner/json.c'
}

# Those that only other rules ask for are left out.
help_names_every_variable_and_target() {
	accepted help || return
	find "$tree" -name '*.mk' -exec cat {} + -o -path "$tree/Makefile" -exec cat {} + |
		sed -e ':a' -e '/\\$/{N;s/\\\n//;ba}' >"$out/rules"
	{
		sed -n 's/^\([A-Z_]*\)[[:space:]]*?=.*/\1=/p' "$out/rules"
		sed -n 's/^TYPED[[:space:]]*:= //p' "$out/rules" | tr -s ' \t' '\n' | sed 's/$/=/'
		printf '%s=\n' DESTDIR FILE ONLY
		sed -n 's/^\.PHONY: \([a-z].*\)/\1/p' "$out/rules" | tr ' ' '\n' |
			grep -vxE '|help|packages|.*-run|coverage-(guests|host)'
	} | sort -u >"$out/names"
	[ "$(wc -l <"$out/names")" -gt 50 ] || return
	result=0
	while read -r name; do
		case $name in
		*=) pattern="(^|[^A-Z_])$name" ;;
		*) pattern="(^|[ (])$name([ ,:;]|\$)" ;;
		esac
		grep -qE "$pattern" "$out/log" && continue
		echo "# make help does not name $name"
		result=1
	done <"$out/names"
	return "$result"
}

run_tests switches_are_0_1_or_nothing switch_set_to_nothing_is_off jobs_that_are_no_number_are_refused \
	fuzzing_takes_a_target_and_a_time benchmarks_take_a_kernel_that_has_them \
	numbers_of_mutants_are_looked_at_first numbers_of_tests_are_looked_at_first \
	help_names_every_variable_and_target
