#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests the runner's command line, and what it makes of programs of the host that go
# wrong. Prints TAP. The runner of `make check` starts it, see ../../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/tap.sh
. "${MM_TESTS:?}/tap.sh"
# its own, since runs of the same suite go on at the same time
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
tree=$work/tests
out=$work/out

# run CODE OPTION...: the runner on the suites of this test, which has to exit with CODE
run() {
	wanted=$1
	shift
	code=0
	"${MM_RUNNER:?}" --suites "$tree/suites.conf" --splats "${MM_SPLATS:?}" --host-dir "$tree" \
		--output "$out" "$@" >"$work/said" 2>&1 || code=$?
	[ "$code" = "$wanted" ] && return
	echo "# exit code $code, expected $wanted"
	sed 's/^/# /' "$work/said"
	return 1
}

said() {
	grep -qF -- "$1" "$work/said" && return
	echo "# the runner did not say: $1"
	sed 's/^/# /' "$work/said"
	return 1
}

not_said() {
	! grep -qF -- "$1" "$work/said" && return
	echo "# the runner said: $1"
	return 1
}

# begin SUITE...: suites.conf has these lines
begin() {
	rm -rf "$work"
	mkdir -p "$tree/guest/room" || return
	printf '%s\n' "$@" >"$tree/suites.conf"
}

# program NAME COMMAND...: a host program is a shell that runs the commands
program() {
	name=$1
	shift
	{
		echo '#!/bin/sh'
		printf '%s\n' "$@"
	} >"$tree/$name"
	chmod +x "$tree/$name"
}

# failed TEXT: the first message of a failure has it
failed() {
	grep -qF -- "$1" "$out/results.json" && return
	echo "# no failure says: $1"
	grep '"message"' "$out/results.json" | sed 's/^/# /'
	return 1
}

all_suites_are_listed_with_what_they_are_for() {
	begin '# Heading' 'one host path=one.sh' '' '# Of guests' 'second guest for=debug for=release' || return
	run 0 --list && said '# Heading' && said '  one     host' && said '# Of guests' &&
		said '  second  guest  for=debug  for=release'
}

suites_that_are_asked_for_are_listed_with_their_tests() {
	begin 'one host path=one' 'second guest' 'absent host path=absent' 'script host path=a.sh' || return
	echo 'cmocka_unit_test(in_a_program),' >"$tree/one.c"
	printf '\nKTAP_TEST(in_a_guest, 10, "second")\n' >"$tree/guest/room/a.c"
	program a.sh 'in_a_script() { :; }'
	run 0 --list --suite 'one sec* absent' && said '    in_a_program' && said '    in_a_guest' && not_said script || return
	rm -r "$tree/guest"
	run 0 --list --suite second && said second && not_said in_a_guest || return
	run 5 --list --suite nosuch && said "no suite has a name like 'nosuch'; there are one second absent script;"
}

each_test_is_shown_if_wanted() {
	begin 'one host path=one.sh' || return
	# shellcheck disable=SC2016 # for the program's shell
	program one.sh 'echo 1..2; echo ok 1 first; echo "ok 2 second # SKIP no reason"; [ "$MM_SEED" = 7 ]'
	run 0 -v --seed 7 --soak && said "+ $tree/one.sh" && said '  passed  first' &&
		said '  skipped second: no reason' && said '[1/1] one: passed' || return
	run 0 --seed 7 && not_said first
}

# The words of a command are quoted as a shell would need them.
command_lines_can_be_typed_again() {
	begin 'prj2 guest' || return
	printf 'sh\n-c\necho hello; exit 1\n' >"$work/args"
	run 4 -v --qemu kernel="$work/args" && said "+ sh -c 'echo hello; exit 1'"
}

terminal_has_a_line_for_what_runs() {
	begin 'one host path=one.sh' 'two host path=two.sh' || return
	program one.sh 'sleep 0.3; echo 1..1; echo ok 1 first'
	program two.sh 'echo 1..1; echo not ok 1 second; exit 1'
	code=0
	TERM=xterm NO_COLOR='' script -qec "stty cols 60; exec $MM_RUNNER --suites $tree/suites.conf --splats $MM_SPLATS \
		--host-dir $tree --output $out" /dev/null >"$work/said" 2>&1 </dev/null || code=$?
	[ "$code" = 1 ] || return
	said "$(printf '\r\033[K[0/2] one')" && said "$(printf '[1/2] one: \033[32mpassed\033[m')" &&
		said "$(printf '[2/2] two: \033[31mfailed\033[m')" || return
	TERM=xterm NO_COLOR=1 script -qec "exec $MM_RUNNER --suites $tree/suites.conf --splats $MM_SPLATS \
		--host-dir $tree --output $out" /dev/null >"$work/said" 2>&1 </dev/null
	said '[2/2] two: failed'
}

# A line that is longer than the terminal would scroll.
line_for_what_runs_is_cut_to_the_terminal() {
	begin 'guest_with_a_name guest' || return
	printf 'sh\n-c\ncat %s; sleep 1\n' "$MM_TESTS/runner/fixtures/early_end.console" >"$work/args"
	TERM=xterm script -qec "stty cols 21; exec $MM_RUNNER --suites $tree/suites.conf --splats $MM_SPLATS \
		--output $out --qemu kernel=$work/args" /dev/null >"$work/said" 2>&1 </dev/null
	said "$(printf '\033[K[0/1] guest_with_a_n')" && not_said '[0/1] guest_with_a_na'
}

program_that_never_ends_is_a_hang() {
	begin 'one host path=one.sh timeout=1' || return
	program one.sh 'echo 1..1; exec sleep 1000'
	run 3 && failed 'backstop: not finished after 1 s of wall-clock time'
}

program_that_does_not_heed_sigterm_is_killed() {
	begin 'one host path=one.sh timeout=1' || return
	program one.sh "trap '' TERM" 'while :; do sleep 0.05; done'
	run 3 && failed 'backstop: not finished'
}

program_that_cannot_be_run_is_an_error() {
	begin 'one host path=absent' || return
	run 5 && failed "cannot run $tree/absent: No such file or directory"
}

log_that_cannot_be_written_is_an_error() {
	begin 'one host path=one.sh' || return
	program one.sh 'echo 1..1; echo ok 1 first'
	mkdir -p "$out/one.stdout.log" && run 5 && said 'Is a directory' || return
	rm -r "$out" && mkdir -p "$out" && ln -s /dev/full "$out/junit.xml" || return
	run 0 || return
	rm -r "$out" && mkdir -p "$out/results.json/full" || return
	run 5 && said 'results.json: '
}

# It would keep the runner waiting for ever.
output_that_a_grandchild_keeps_is_left_to_it() {
	begin 'one host path=one.sh' || return
	program one.sh 'echo 1..1; echo ok 1 first; sleep 30 &'
	run 0 && said '1 passed, 0 failed, 0 skipped'
}

interrupt_ends_what_runs_and_starts_no_more() {
	begin 'one host path=one.sh' 'two host path=two.sh' || return
	# shellcheck disable=SC2016 # for the program's shell
	program one.sh 'echo 1..1; kill $PPID; sleep 1000'
	program two.sh "touch $work/started"
	run 143 && failed interrupted && failed 'interrupted before' && [ ! -e "$work/started" ]
}

failures_of_a_later_run_are_told_with_its_seed() {
	begin 'one host path=one.sh' || return
	program one.sh "echo 1..1; mkdir '$work/once' && { echo ok 1 first; exit; }" 'echo not ok 1 first; exit 1'
	run 1 --repeat 2 && said 'one.run2: first (seed 2, shift '
}

guest_needs_what_it_runs_on() {
	begin 'a guest' 'b guest swap=disk icount=no' || return
	run 5 --suite a && failed 'no --qemu kernel=FILE was given' || return
	run 5 --suite b && failed 'no --qemu swap=FILE was given'
}

suites_for_no_kernel_like_this_are_explained() {
	begin 'a guest for=debug for=release' 'fit guest boot=fit' 'c host path=c' || return
	run 5 --kernel bench --suite 'a fit' &&
		said 'runner: no suite for the bench kernel is selected; a takes KERNEL=debug; fit takes a board with U-Boot'
}

empty_values_are_no_values() {
	begin 'one host path=one.sh' || return
	program one.sh 'echo 1..1; echo ok 1 first'
	run 0 --suite '' --test '' && said '1 passed'
}

wrong_words_are_named() {
	begin 'one host path=one.sh' || return
	run 5 now && said 'runner: unexpected argument: now; see --help' || return
	run 5 --seed x && said 'SEED=x: not a number from 0 to 1000000000' || return
	run 5 --shift 11 && said 'SHIFT=11: not a number from 0 to 10' || return
	run 5 --kernel 'a b' && said "a board's or kernel's name is malformed" || return
	run 5 --board '' && said "a board's or kernel's name is malformed" || return
	run 5 --fact nothing && said '--fact takes NAME=VALUE, not nothing' || return
	run 5 --make 'a-b=c' && said '--make takes NAME=VALUE, not a-b=c' || return
	run 5 --qemu disk=x && said '--qemu takes kernel=FILE, fit=FILE or swap=FILE, not disk=x' || return
	run 5 --test 'a b' && said 'TEST=: a glob for tests has no blanks' || return
	set --
	while [ $# -lt 200 ]; do
		set -- "$@" --source .
	done
	run 5 "$@" && said '--source: more than '
}

# What is needed, without which nothing can be done
missing_words_are_named() {
	mkdir -p "$work" || return
	"$MM_RUNNER" >"$work/said" 2>&1 && return 1
	said 'runner: --suites FILE is needed; see --help' || return
	"$MM_RUNNER" --suites a >"$work/said" 2>&1 && return 1
	said 'runner: --output DIR is needed' || return
	"$MM_RUNNER" --help >"$work/said" 2>&1 && said 'Usage: runner --suites FILE'
}

output_that_cannot_be_is_an_error() {
	begin 'one host path=one.sh' || return
	: >"$work/file"
	out=$work/file/out
	run 5 && said 'Not a directory'
	result=$?
	out=$work/out
	return "$result"
}

files_that_make_no_sense_are_named() {
	begin 'one host path=one.sh' || return
	code=0
	"$MM_RUNNER" --suites "$tree/suites.conf" --output "$out" >"$work/said" 2>&1 || code=$?
	[ "$code" = 5 ] && said "$tree/runner/splats.conf: No such file" || return
	printf 'one\0host\n' >"$tree/suites.conf"
	run 5 && said "$tree/suites.conf: " || return
	rm -r "$tree"
	run 5 && said 'No such file or directory'
}

more_runs_than_anybody_wants_are_refused() {
	begin 'a host path=a' 'b host path=a' 'c host path=a' 'd host path=a' 'e host path=a' 'f host path=a' \
		'g host path=a' 'h host path=a' 'i host path=a' 'j host path=a' 'k host path=a' || return
	run 5 --repeat 10000 && said 'runner: more than 100000 runs'
}

summary_that_cannot_be_written_is_an_error() {
	begin 'one host path=one.sh' || return
	program one.sh 'echo 1..1; echo ok 1 first'
	code=0
	"$MM_RUNNER" --suites "$tree/suites.conf" --splats "$MM_SPLATS" --host-dir "$tree" --output "$out" \
		2>"$work/said" >/dev/full || code=$?
	[ "$code" = 5 ] && said 'runner: cannot write the summary'
}

run_tests all_suites_are_listed_with_what_they_are_for \
	suites_that_are_asked_for_are_listed_with_their_tests each_test_is_shown_if_wanted \
	command_lines_can_be_typed_again terminal_has_a_line_for_what_runs \
	line_for_what_runs_is_cut_to_the_terminal program_that_never_ends_is_a_hang \
	program_that_does_not_heed_sigterm_is_killed program_that_cannot_be_run_is_an_error \
	log_that_cannot_be_written_is_an_error output_that_a_grandchild_keeps_is_left_to_it \
	interrupt_ends_what_runs_and_starts_no_more failures_of_a_later_run_are_told_with_its_seed \
	guest_needs_what_it_runs_on suites_for_no_kernel_like_this_are_explained empty_values_are_no_values \
	wrong_words_are_named missing_words_are_named output_that_cannot_be_is_an_error \
	files_that_make_no_sense_are_named more_runs_than_anybody_wants_are_refused \
	summary_that_cannot_be_written_is_an_error
