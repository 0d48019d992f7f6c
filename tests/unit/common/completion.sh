#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what bash completes after the programs but mmlimit, which has a test of its
# own. Prints TAP. The runner of `make check` starts it, see ../../README.md.
# shellcheck disable=SC2317 # run_tests calls them
set -u

# shellcheck source=tests/tap.sh
. "${MM_TESTS:?}/tap.sh"
for program in hog mmlimitd oomrankd taskmon; do
	# shellcheck source=/dev/null
	. "$MM_TESTS/../userland/$program/completion.bash"
done
programs=$(dirname "$0")/../../../bin

# candidates PROGRAM WORD...: one a line, when the cursor is behind the last word
candidates() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	"_$1"
	[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}" | sort -u
}

# options PROGRAM: those that its help has
options() {
	"$programs/$1" --help | grep -o -- ' --[a-z][a-z-]*' | sed 's/ //' | sort -u
}

every_long_option_is_offered() {
	local program

	for program in hog mmlimitd oomrankd; do
		[ -n "$(options "$program")" ] && diff <(candidates "$program" -) <(options "$program") || return
	done
	diff <(candidates taskmon start -; candidates taskmon -) <(printf '%s\n' --help --period --help --version)
}

every_command_is_offered() {
	diff <(candidates taskmon '' | grep -v -e - -e help) \
		<("$programs/taskmon" --help | awk '$1 == "taskmon" { print $2 }' | sort)
}

policies_are_offered_where_one_belongs() {
	local said

	said=$("$programs/mmlimitd" --interval 1s --policy worst 2>&1)
	[ "$(candidates mmlimitd --policy '' | wc -l)" -ge 6 ] || return
	for policy in $(candidates mmlimitd -p ''); do
		[[ $said == *[\ \(]"$policy"[,\)]* ]] || return
	done
}

files_and_folders_are_offered_where_one_belongs() {
	[ "$(candidates mmlimitd --pid-file /et)" = /etc ] && [ "$(candidates oomrankd --proc /et)" = /etc ]
}

processes_are_offered_where_one_belongs() {
	candidates taskmon start "$$" | grep -qx "$$" && candidates taskmon start 1 "$$" | grep -qx "$$" &&
		candidates taskmon start --period 1s "$$" | grep -qx "$$"
}

nothing_is_offered_where_a_size_or_a_time_belongs() {
	[ -z "$(candidates hog '')$(candidates hog 1M '')$(candidates taskmon start --period '')$(candidates mmlimitd -i '')$(candidates oomrankd -i '')" ]
}

run_tests every_long_option_is_offered every_command_is_offered policies_are_offered_where_one_belongs \
	files_and_folders_are_offered_where_one_belongs processes_are_offered_where_one_belongs \
	nothing_is_offered_where_a_size_or_a_time_belongs
