#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what mmlimit says where the kernel has no limits, as this machine's. Prints
# TAP. The runner of `make check` starts it, see ../../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/tap.sh
. "${MM_TESTS:?}/tap.sh"
mmlimit=$(dirname "$0")/mmlimit
conf=${MM_OUTPUT:?}/without_limits.conf

# fails WORD...: mmlimit does, and names the option that the kernel lacks
fails() {
	code=0
	said=$("$mmlimit" "$@" 2>&1) || code=$?
	case $code:$said in
	1:*CONFIG_MM_LIMIT=y*) return ;;
	esac
	echo "# exit code $code: $said"
	return 1
}

set_names_the_missing_option() {
	fails set nobody 1M --hard
}

get_names_the_missing_option() {
	fails get nobody
}

unset_names_the_missing_option() {
	fails unset nobody
}

list_names_the_missing_option() {
	fails list
}

top_names_the_missing_option() {
	fails top
}

watch_names_the_missing_option() {
	fails watch
}

why_names_the_missing_option() {
	fails why && fails why nobody
}

load_names_the_missing_option() {
	echo "nobody 1M" >"$conf"
	fails load "$conf"
}

# Which is what a machine that prepares the files of another one wants.
check_of_the_form_needs_no_such_kernel() {
	echo "nobody 1M" >"$conf"
	said=$("$mmlimit" load --check "$conf" 2>"$conf.error") && [ "$said" = 'nothing is wrong: 1 limit in 1 file' ] &&
		grep -q 'warning: .*CONFIG_MM_LIMIT' "$conf.error" || return
	echo "nobody 1X" >"$conf"
	! "$mmlimit" load --check "$conf" 2>/dev/null
}

save_names_the_missing_option() {
	fails save
}

kill_names_the_missing_option() {
	fails kill
}

run_names_the_missing_option() {
	fails run nobody 1M -- true
}

run_tests set_names_the_missing_option get_names_the_missing_option unset_names_the_missing_option \
	list_names_the_missing_option top_names_the_missing_option watch_names_the_missing_option \
	why_names_the_missing_option load_names_the_missing_option check_of_the_form_needs_no_such_kernel \
	save_names_the_missing_option kill_names_the_missing_option run_names_the_missing_option
