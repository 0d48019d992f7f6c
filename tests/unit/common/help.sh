#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what the programs say of themselves. Prints TAP. The runner of `make check`
# starts it, see ../../README.md.
# shellcheck disable=SC2317 # run_tests calls them
set -u

# shellcheck source=tests/tap.sh
. "${MM_TESTS:?}/tap.sh"
programs=$(dirname "$0")/../../../bin

# Each help, of a program and of the commands that have one of their own
helps() {
	for program in "$programs"/*; do
		"$program" --help || return
	done
	for command in $("$programs/mmlimit" --help | awk '$1 == "mmlimit" { print $2 }'); do
		"$programs/mmlimit" "$command" --help || return
	done
}

# As wide as a serial console
no_line_of_a_help_exceeds_80_columns() {
	helps | awk 'length > 80 { print "# " length " columns: " $0; wide = 1 } END { exit NR < 300 || wide }'
}

every_help_tells_what_exit_codes_mean() {
	for program in "$programs"/*; do
		"$program" --help | grep -q '^Exit status: 0' || return
	done
}

every_program_says_its_version() {
	for program in "$programs"/*; do
		for option in --version -V; do
			"$program" "$option" | grep -q "^${program##*/} [0-9.]*$" || return
			! "$program" "$option" >/dev/full 2>&1 || return
		done
	done
}

run_tests no_line_of_a_help_exceeds_80_columns every_help_tells_what_exit_codes_mean every_program_says_its_version
