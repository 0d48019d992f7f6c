#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests the manual pages: that they are clean, and say what the programs, the library
# and the kernel have. Prints TAP; the runner of `make check` starts it, see
# ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

: "${MM_TESTS:?}" "${MM_OUTPUT:?}"
# shellcheck source=tests/tap.sh
. "$MM_TESTS/tap.sh"
top=$MM_TESTS/..
man=$top/userland/man
programs=$(cd "$(dirname "$0")/../../bin" && pwd)
out=$MM_OUTPUT/man
mkdir -p "$out"

# same WHAT A B: two files of names are the same
same() {
	diff "$2" "$3" >"$out/diff" && return
	echo "# $1: < is missing in the page, > is in the page alone"
	sed 's/^/#   /' "$out/diff"
	return 1
}

# Which other pages are there is the machine's affair.
pages_are_clean() {
	! mandoc -T lint "$man"/*.[1-8] 2>/dev/null | grep -v 'referenced manual not found' | sed 's/^/# /' | grep .
}

# What is wrong would show.
lint_finds_faults() {
	printf '.Dd November 29, 2026\n.Dt A 1\n.Os\n.Sh NAME\n.Nm a\n.Nd b\n.Xx c\n' >"$out/a.1"
	mandoc -T lint "$out/a.1" 2>/dev/null | grep -q 'unknown macro'
}

pages_render() {
	for page in "$man"/*.[1-8]; do
		code=0
		mandoc -W warning,stop -T utf8 -O width=78 "$page" >"$out/page" 2>"$out/said" || code=$?
		if [ "$code" != 0 ] || [ ! -s "$out/page" ] || [ -s "$out/said" ]; then
			echo "# mandoc does not render ${page##*/}: $(head -n 1 "$out/said")"
			return 1
		fi
	done
}

pages_render_with_groff() {
	reason='man-db or groff is not installed'
	command -v man >/dev/null && command -v groff >/dev/null || return 77
	for page in "$man"/*.[1-8]; do
		said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings=all -l "$page" 2>&1 >/dev/null)
		[ -z "$said" ] || {
			echo "# man complains of ${page##*/}: $said"
			return 1
		}
	done
}

# options_of PROGRAM [COMMAND]: long options that the help has
options_of() {
	"$programs/$1" ${2:+"$2"} --help | grep -o -- '--[a-z][a-z-]*'
}

# The help of a command of mmlimit has its options, that of others all.
options_of_all() {
	if [ "$1" = mmlimit ]; then
		for command in $("$programs/mmlimit" --help | awk '$1 == "mmlimit" { print $2 }'); do
			options_of mmlimit "$command"
		done
		options_of mmlimit
	else
		options_of "$1"
	fi | sort -u
}

backspace=$(printf '\b')

every_option_is_in_its_page() {
	for page in mmlimit.8 mmlimitd.8 oomrankd.8 taskmon.8 hog.1; do
		program=${page%.*}
		options_of_all "$program" >"$out/has"
		[ -s "$out/has" ] || return
		mandoc -T ascii "$man/$page" | sed "s/.$backspace//g" | grep -o -- '--[a-z][a-z-]*' | sort -u >"$out/says"
		same "options of $program" "$out/has" "$out/says" || return
	done
}

every_command_is_in_its_page() {
	for program in mmlimit taskmon; do
		"$programs/$program" --help | awk -v program="$program" '$1 == program { print $2 }' | sort >"$out/has"
		[ -s "$out/has" ] || return
		sed -n 's/^\.It Cm \([a-z_]*\).*/\1/p' "$man/$program.8" | grep -vxE "$policies" | sort -u >"$out/says"
		same "commands of $program" "$out/has" "$out/says" || return
	done
}
policies='highest_rss|longest_run_time|badness|most_private|user_ranked'

# names PAGE: what it is about
names() {
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([^ ]*\).*/\1/p' "$man/$1" | sort
}

every_function_is_in_its_page() {
	sed -n 's/^[a-z].*[ *]\(mmlimit_[a-z_]*\)(.*/\1/p' "$top/userland/lib/mmlimit.h" | sort >"$out/has"
	names libmmlimit.3 >"$out/says"
	same 'functions' "$out/has" "$out/says" || return
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/s/^\.Fn \([a-z_]*\).*/\1/p' "$man/libmmlimit.3" | sort >"$out/says"
	same 'functions of the synopsis' "$out/has" "$out/says"
}

every_call_is_in_its_page() {
	sed -n 's/^#define __NR_\([a-z_]*\).*/\1/p' "$top/kernel-patches/files/include/uapi/linux/mm_limit.h" | sort >"$out/has"
	[ "$(wc -l <"$out/has")" -ge 6 ] || return
	names mm_limit.2 >"$out/says"
	same 'system calls' "$out/has" "$out/says"
}

every_column_is_in_its_page() {
	sed -n 's/.*"\(uid mm_max [^"]*\)\\n".*/\1/p' "$top/kernel-patches/files/mm/mm_limit/proc.c" | tr ' ' '\n' | sort >"$out/has"
	[ "$(wc -l <"$out/has")" -gt 20 ] || return
	sed -n 's/^\.It Va //p' "$man/proc_mm_limits.5" | sed 's/ , /\n/g' | sort >"$out/says"
	same 'columns of /proc/mm_limits' "$out/has" "$out/says"
}

every_state_is_in_its_page() {
	sed -n '/state_names/,/^};/s/.*"\([a-z]*\)".*/\1/p' "$top/kernel-patches/files/mm/mm_limit/proc.c" | sort >"$out/has"
	[ "$(wc -l <"$out/has")" -ge 7 ] || return
	sed -n '/^\.It Va state/,/^\.It Va usage/s/^\.Cm \([a-z]*\).*/\1/p' "$man/proc_mm_limits.5" | sort >"$out/says"
	same 'states' "$out/has" "$out/says"
}

# Of the processes beside a victim, each has a number; the page has the first one's.
every_field_of_kills_is_in_its_page() {
	sed -n '/^static void show_/,/^}/p' "$top/kernel-patches/files/mm/mm_limit/kills.c" | sed 's/%u=/1=/g' |
		grep -o '[a-z_][a-z_]*1*=[%"]' | sed 's/=.*//' | sort -u >"$out/has"
	[ "$(wc -l <"$out/has")" -gt 20 ] || return
	sed -n 's/^\.It Va //p' "$man/proc_mm_limit_kills.5" | sed 's/ , /\n/g' | sort >"$out/says"
	same 'fields of /proc/mm_limit_kills' "$out/has" "$out/says"
}

every_reason_is_in_its_page() {
	sed -n '/reason_names\[\] = /,/^};/s/.*"\([a-z]*\)".*/\1/p' "$top/kernel-patches/files/mm/mm_limit/kills.c" | sort >"$out/has"
	[ "$(wc -l <"$out/has")" -ge 6 ] || return
	sed -n '/^\.It Va reason/,/^\.It Va policy/s/^\.Cm \([a-z]*\).*/\1/p' "$man/proc_mm_limit_kills.5" | sort >"$out/says"
	same 'reasons' "$out/has" "$out/says"
}

# What can be set of a limit, and the sizes that its structure has had
every_member_to_set_is_in_its_page() {
	grep -o 'define MM_LIMIT_\(FIELD\|ATTR_SIZE\)_[A-Z0-9_]*[[:space:]]*[0-9]*' \
		"$top/kernel-patches/files/include/uapi/linux/mm_limit.h" |
		awk '{ print $2, $2 ~ /SIZE/ ? $3 : "" }' | sort >"$out/has"
	[ "$(wc -l <"$out/has")" -ge 12 ] || return
	sed -n '/^\.It Dv MM_LIMIT_/{N;s/^\.It Dv \([A-Z0-9_]*\)\n\([0-9]*\).*/\1 \2/p}' "$man/mm_limit.2" | sort >"$out/says"
	same 'fields and sizes of struct mm_limit_attr' "$out/has" "$out/says"
}

every_setting_is_in_its_page() {
	{
		grep -o '\[[A-Z_]*\] = "[a-z_]*="' "$top/userland/lib/conf.c" | sed 's/.*"\(.*\)"/\1/'
		sed -n 's/.*strcmp(key, "\([a-z]*\)").*/\1=/p' "$top/userland/lib/conf.c"
	} | sort -u >"$out/has"
	[ "$(wc -l <"$out/has")" -ge 8 ] || return
	sed -n 's/^\.It Cm \([a-z_]*=\).*/\1/p' "$man/mmlimit.conf.5" | sort -u >"$out/says"
	same 'settings of mmlimit.conf' "$out/has" "$out/says"
}

# Our own pages by all their names, and those of others that a machine can have
references_lead_somewhere() {
	for page in "$man"/*.[1-8]; do
		name=${page##*/}
		echo "${name%.*} ${name##*.}"
		names "$name" | sed "s/\$/ ${name##*.}/"
	done >"$out/pages"
	printf '%s\n' 'capabilities 7' 'free 3' 'gnuplot 1' 'poll 2' 'proc 5' 'ps 1' 'setrlimit 2' 'syslog 3' >>"$out/pages"
	! sed -n 's/^\.Xr \([^ ]* [1-8]\).*/\1/p' "$man"/*.[1-8] | sort -u | grep -vxFf "$out/pages" | sed 's/^/# no page: /' | grep .
}

run_tests pages_are_clean lint_finds_faults pages_render pages_render_with_groff every_option_is_in_its_page \
	every_command_is_in_its_page every_function_is_in_its_page every_call_is_in_its_page every_column_is_in_its_page \
	every_state_is_in_its_page every_field_of_kills_is_in_its_page every_reason_is_in_its_page \
	every_member_to_set_is_in_its_page every_setting_is_in_its_page references_lead_somewhere
