# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What tests that are shell scripts share: which of their functions are run, and how
# that is told, as TAP. Each test is a function of the script that sources this; a
# line that it prints, "# ...", says what went wrong.

# select_tests NAME...: $selected become those that MM_TEST selects, and the plan is told
select_tests() {
	selected=
	count=0
	for test; do
		# shellcheck disable=SC2254 # a pattern
		case $test in
		${MM_TEST:-*})
			selected="$selected $test"
			count=$((count + 1))
			;;
		esac
	done
	echo "1..$count"
	number=0
	status=0
}

# tell NAME CODE [REASON]: the next test has ended with CODE; 77 skips it, for a REASON
tell() {
	number=$((number + 1))
	case $2 in
	0) echo "ok $number $1" ;;
	77) echo "ok $number $1 # SKIP ${3-}" ;;
	*)
		echo "not ok $number $1"
		status=1
		;;
	esac
}

# run_tests NAME...: those that are selected, one after the other; ends the script. One
# that returns 77 says in $reason why it was skipped.
run_tests() {
	select_tests "$@"
	for test in $selected; do
		result=0
		reason=
		"$test" || result=$?
		tell "$test" "$result" "$reason"
	done
	exit "$status"
}
