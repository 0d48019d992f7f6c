#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what bash completes after "mmlimit". Prints TAP. The runner of `make check`
# starts it, see ../../README.md.
# shellcheck disable=SC2317 # run_tests calls them
set -u

# shellcheck source=tests/tap.sh
. "${MM_TESTS:?}/tap.sh"
# shellcheck source=/dev/null
. "${MM_TESTS:?}/../userland/mmlimit/completion.bash"
mmlimit=$(dirname "$0")/mmlimit

# The candidates, one a line, when the cursor is behind the last word
candidates() {
	COMP_WORDS=(mmlimit "$@")
	COMP_CWORD=$#
	_mmlimit
	printf '%s\n' "${COMPREPLY[@]}" | sort -u
}

every_command_is_offered() {
	[ "$(candidates '' | grep -v -- - | grep -vx help)" = \
		"$("$mmlimit" --help | awk '$1 == "mmlimit" { print $2 }' | sort)" ]
}

every_long_option_is_offered() {
	local command

	for command in $("$mmlimit" --help | awk '$1 == "mmlimit" { print $2 }'); do
		[ "$(candidates "$command" - | grep -vx -- --)" = \
			"$("$mmlimit" "$command" --help | grep -o -- ' --[a-z][a-z-]*' | sed 's/ //' | sort -u)" ] || return
	done
}

# in the place of this machine's users
getent() {
	printf '%s\n' root:x:0:0::/: lena:x:9999:1::/: leo:x:10000:1::/: lea:x:10070:1::/: mia:x:10080:1::/:
}

users_are_offered_where_a_user_belongs() {
	candidates set mi | grep -qx mia && candidates set --grace 2s mi | grep -qx mia &&
		candidates run -p badness mi | grep -qx mia && candidates unset mi | grep -qx mia
}

rule_for_everybody_is_offered() {
	candidates set de | grep -qx default && candidates unset '' | grep -qx default && ! candidates run de | grep -q default
}

groups_are_offered_behind_their_sign() {
	candidates set @ro | grep -qx @root && [ -z "$(candidates run @ro)" ]
}

users_that_cannot_be_limited_are_not_offered() {
	[ "$(candidates set le | tr '\n' ' ')" = 'lea leo ' ] && [ -z "$(candidates set ro)" ]
}

nothing_is_offered_where_a_size_belongs() {
	[ -z "$(candidates set root '')$(candidates run root '')" ]
}

policies_are_offered_where_one_belongs() {
	candidates set root -p us | grep -qx user_ranked
}

command_to_run_is_completed_as_a_command() {
	candidates run root 1M -- mkdi | grep -qx mkdir && candidates run root 1M mkdi | grep -qx mkdir
}

words_of_the_command_to_run_are_its_own() {
	[ -z "$(candidates run root 1M -- ls --he)" ] &&
		[ "$(cd / && candidates run root 1M -- mkdir -p et)" = etc ]
}

run_tests every_command_is_offered every_long_option_is_offered users_are_offered_where_a_user_belongs \
	rule_for_everybody_is_offered groups_are_offered_behind_their_sign users_that_cannot_be_limited_are_not_offered nothing_is_offered_where_a_size_belongs policies_are_offered_where_one_belongs \
	command_to_run_is_completed_as_a_command words_of_the_command_to_run_are_its_own
