#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests the runner end to end: guests that go wrong, each in its own way, and
# what has to be made of each. Prints TAP. The runner of `make check` starts it
# and says in MM_* where everything is, see ../../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

: "${MM_RUNNER:?}" "${MM_TESTS:?}" "${MM_SPLATS:?}" "${MM_QEMU_KERNEL:?}" \
	"${MM_OUTPUT:?}"
# shellcheck source=tests/tap.sh
. "$MM_TESTS/tap.sh"
slowdown=${MM_SLOWDOWN:-1}
work=$MM_OUTPUT/harness

# Silence for so many seconds of CPU time is a hang. The real bound is a minute.
stall=$((1 + slowdown))

# run CODE OPTION...: the runner, which has to exit with CODE
run() {
	wanted=$1
	shift
	code=0
	"$MM_RUNNER" --suites "$suites" --splats "$MM_SPLATS" \
		--output "$out" --qemu kernel="$qemu" \
		--board "${MM_BOARD:-virt}" --kernel "${MM_KERNEL:-release}" \
		--slowdown "$slowdown" --stall "$stall" "$@" \
		>"$out/summary" 2>&1 || code=$?
	[ "$code" = "$wanted" ] && return
	echo "# exit code $code, expected $wanted"
	return 1
}

# misbehave CODE TEST: a real guest runs this test of the suite misbehave
misbehave() {
	run "$1" --suite misbehave --test "$2"
}

# failed TEST [TEXT]: it has failed, with TEXT in its message
failed() {
	awk -v name="\"name\": \"$1\"," -v text="${2:-}" '
		index($0, "\"name\": ") { here = index($0, name) }
		here && /"status": "failed"/ { bad = 1 }
		here && bad && /"message": / && index($0, text) { found = 1 }
		/"message": / { bad = 0 }
		END { exit !found }
	' "$out/results.json" && return
	echo "# $1 is not said to have failed with: ${2:-}"
	return 1
}

# fake COMMAND: instead of QEMU a shell runs COMMAND
fake() {
	printf 'sh\n-c\n%s\n' "$1" >"$out/fake.args"
	qemu=$out/fake.args
}

said() {
	grep -qF -- "$1" "$out/summary" && return
	echo "# the runner did not say: $1"
	return 1
}

good_guest_passes() {
	misbehave 0 passes && said '1 passed, 0 failed, 0 skipped'
}

panic_is_a_splat_of_the_running_test() {
	misbehave 2 kernel_panics && failed kernel_panics 'Kernel panic'
}

warning_is_a_splat_of_the_running_test() {
	misbehave 2 kernel_warns && failed kernel_warns 'WARNING: '
}

busy_kernel_is_a_hang() {
	misbehave 3 kernel_hangs_busy && failed kernel_hangs_busy 'hang: '
}

idle_guest_is_a_hang() {
	misbehave 3 task_hangs_idle && failed task_hangs_idle 'hang: '
}

# Idle time passes in real time here, and QEMU sleeps.
idle_guest_without_icount_is_a_hang() {
	suites=$out/suites
	echo 'misbehave guest icount=no' >"$suites"
	misbehave 3 task_hangs_idle && failed task_hangs_idle 'hang: idle: '
}

garbage_on_the_console_is_survived() {
	misbehave 0 prints_garbage
}

short_plan_fails() {
	misbehave 1 stops_short_of_plan && failed stops_short_of_plan
}

result_after_the_end_fails() {
	misbehave 1 result_after_end &&
		failed protocol_is_kept 'after the end line: ok '
}

forged_end_fails() {
	misbehave 1 forged_end && failed forged_end
}

timeout_is_a_hang_of_that_test() {
	misbehave 3 exceeds_timeout && failed exceeds_timeout 'TIMEOUT '
}

# Ten are told in five seconds, two lines each.
faults_of_a_user_do_not_flood_the_console() {
	misbehave 2 user_faults_often && failed user_faults_often 'Unhandled prefetch abort' || return
	lines=$(grep -c 'Unhandled prefetch abort' "$out/misbehave.console.log")
	[ "$lines" -gt 0 ] && [ "$lines" -le 20 ] && return
	echo "# $lines lines of 1000 faults"
	return 1
}

what_a_test_leaves_fails_it_and_not_the_next() {
	misbehave 1 'leaves_*' && said '1 passed, 4 failed, 0 skipped' &&
		failed leaves_a_limit 'left a limit for user 10070' &&
		failed leaves_a_queue 'left a message queue' &&
		failed leaves_a_segment 'left a segment of shared memory' &&
		failed leaves_semaphores 'left a set of semaphores'
}

helper_fails_on_the_line_of_the_test() {
	misbehave 1 helper_fails && failed helper_fails 'system/misbehave.c:' &&
		failed helper_fails ': lib/limits.c:' || return
	# The page shows that line.
	grep -q '<mark>.*limit_expect(USER_A' "$out/index.html" && return
	echo '# the page shows no source of the call'
	return 1
}

failure_names_the_expression_as_it_is_written() {
	misbehave 1 expects_another_answer &&
		failed expects_another_answer 'worker_call(&worker, held_damage, 0): expected == 1, got 0'
}

page_shows_what_went_wrong() {
	misbehave 2 kernel_warns || return
	for words in '<h1>mm_limit: <b>failed: trouble in the kernel</b></h1>' 'misbehave: kernel_warns' \
		'WARNING: ' 'make check SUITE=misbehave TEST=kernel_warns' '<mark>' 'misbehave.console.log'; do
		grep -qF -- "$words" "$out/index.html" && continue
		echo "# the page does not say: $words"
		return 1
	done
}

output_is_no_result() {
	misbehave 1 user_output_looks_like_a_result &&
		failed user_output_looks_like_a_result 'whatever its output'
}

guest_without_init_never_boots() {
	run 4 --suite never_boots && failed guest_boots 'Kernel panic'
}

guest_that_never_begins_never_boots() {
	run 4 --suite never_begins && failed guest_boots 'never came'
}

suite_that_the_guest_lacks_fails() {
	run 1 --suite absent && failed protocol_is_kept 'has no suite of this name'
}

guests_are_deterministic() {
	run 0 --suite misbehave --test passes || return
	mv "$out/misbehave.console.log" "$out/first"
	run 0 --suite misbehave --test passes || return
	cmp "$out/first" "$out/misbehave.console.log" >"$out/cmp" 2>&1 && return
	echo "# two runs differ: $(cat "$out/cmp")"
	return 1
}

repeated_runs_are_told_apart() {
	run 0 --suite misbehave --test passes --repeat 3 --jobs 3 || return
	said '3 passed, 0 failed, 0 skipped' || return
	for log in misbehave misbehave.run2 misbehave.run3; do
		[ -s "$out/$log.console.log" ] && continue
		echo "# no $log.console.log"
		return 1
	done
}

sleeping_qemu_is_an_idle_hang() {
	fake "cat '$MM_TESTS/runner/fixtures/early_end.console'; exec sleep 1000"
	run 3 --suite prj2 && failed two_of_four_die 'hang: idle: ' || return
	cmp "$MM_TESTS/runner/fixtures/early_end.console" "$out/prj2.console.log" \
		>/dev/null 2>&1 && return
	echo '# the log is not what came on the console'
	return 1
}

flooded_console_is_a_hang() {
	line=$(printf '%0200d' 0)
	fake "cat '$MM_TESTS/runner/fixtures/early_end.console'; exec yes $line"
	run 3 --suite prj2 && failed two_of_four_die 'MiB of output'
}

unkillable_guest_is_killed() {
	fake "trap '' TERM; while :; do :; done"
	run 4 --suite prj2 && failed guest_boots 'hang: busy: '
}

failing_qemu_is_an_error() {
	fake 'echo no such machine >&2; exit 1'
	run 5 --suite prj2 && failed runner_works 'no such machine'
}

missing_qemu_is_an_error() {
	echo /nonexistent/qemu >"$out/fake.args"
	qemu=$out/fake.args
	run 5 --suite prj2 && failed runner_works 'cannot run /nonexistent/qemu'
}

full_disk_is_an_error() {
	fake "cat '$MM_TESTS/runner/fixtures/pass.console'"
	ln -s /dev/full "$out/prj2.console.log"
	run 5 --suite prj2 && failed runner_works 'No space left on device'
}

worst_outcome_is_the_exit_code() {
	fake "cat '$MM_TESTS/runner/fixtures/pass.console'"
	run 1 --suite 'prj2*' --jobs 2 && failed protocol_is_kept 'instead of'
}

same_failure_is_told_once() {
	fake "cat '$MM_TESTS/runner/fixtures/hung_task.console'"
	run 2 --suite prj2 --repeat 3 || return
	said 'the same in 2 more: prj2.run2: two_of_four_die; prj2.run3: two_of_four_die' || return
	[ "$(grep -c 'rerun: ' "$out/summary")" = 1 ] && return
	echo '# it is told more than once'
	return 1
}

logs_of_earlier_runs_go() {
	fake "cat '$MM_TESTS/runner/fixtures/pass.console'"
	run 1 --suite 'prj2 prj2_again' || return
	touch "$out/notes.log"
	run 0 --suite prj2 || return
	[ ! -e "$out/prj2_again.console.log" ] && [ -e "$out/notes.log" ] && [ -s "$out/prj2.console.log" ] && return
	echo '# another log is there, or one too few'
	return 1
}

empty_selection_is_an_error() {
	fake "cat '$MM_TESTS/runner/fixtures/pass.console'"
	run 5 --suite 'prj2 nothing*' && said "no suite has a name like 'nothing*'; there are misbehave" || return
	run 5 --suite prj2 --test 'nothing*' || return
	said "no test has a name like 'nothing*'"
}

wrong_usage_is_an_error() {
	run 5 --jobs 0 && said 'JOBS=0: not a number from 1 to' &&
		run 5 --nonsense && said 'unknown option' &&
		run 5 --qemu fit=/nonexistent && said '/nonexistent: No such'
}

interrupt_ends_cleanly() {
	fake "cat '$MM_TESTS/runner/fixtures/early_end.console'; echo \$\$ >'$out/pid'; exec sleep 999"
	stall=600
	run 143 --suite prj2 &
	waiter=$!
	tries=0
	while [ ! -s "$out/pid" ] && [ "$tries" -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	guest=$(cat "$out/pid") || return
	kill "$(awk '{ print $4 }' "/proc/$guest/stat")"
	wait "$waiter" || return
	stall=$((1 + slowdown))
	if kill -0 "$guest" 2>/dev/null; then
		echo '# the guest was left behind'
		return 1
	fi
	failed two_of_four_die interrupted && [ -s "$out/junit.xml" ]
}

# one TEST: runs it, and leaves what it said, and last its result
one() {
	out=$work/$1
	qemu=$MM_QEMU_KERNEL
	suites=$MM_TESTS/runner/tests/harness.suites
	rm -rf "$out"
	mkdir -p "$out" || exit
	result=0
	"$1" >"$out/said" || result=1
	echo "$result" >"$out/result"
}

if [ "${1-}" = --one ]; then
	one "$2"
	exit
fi

select_tests good_guest_passes panic_is_a_splat_of_the_running_test \
	warning_is_a_splat_of_the_running_test busy_kernel_is_a_hang idle_guest_is_a_hang \
	idle_guest_without_icount_is_a_hang garbage_on_the_console_is_survived short_plan_fails \
	result_after_the_end_fails forged_end_fails timeout_is_a_hang_of_that_test \
	faults_of_a_user_do_not_flood_the_console what_a_test_leaves_fails_it_and_not_the_next \
	helper_fails_on_the_line_of_the_test \
	failure_names_the_expression_as_it_is_written \
	page_shows_what_went_wrong output_is_no_result guest_without_init_never_boots \
	guest_that_never_begins_never_boots suite_that_the_guest_lacks_fails guests_are_deterministic \
	repeated_runs_are_told_apart sleeping_qemu_is_an_idle_hang flooded_console_is_a_hang \
	unkillable_guest_is_killed failing_qemu_is_an_error missing_qemu_is_an_error full_disk_is_an_error \
	worst_outcome_is_the_exit_code same_failure_is_told_once logs_of_earlier_runs_go \
	empty_selection_is_an_error wrong_usage_is_an_error interrupt_ends_cleanly
rm -rf "$work"
# Each has a folder of its own, so several may run at once.
# shellcheck disable=SC2086 # names without blanks
[ "$count" = 0 ] || printf '%s\n' $selected | xargs -n 1 -P "${MM_JOBS:-1}" "$0" --one
for test in $selected; do
	cat "$work/$test/said"
	result=$(cat "$work/$test/result" 2>/dev/null) || result=1
	[ "$result" = 0 ] || [ ! -e "$work/$test/summary" ] || sed 's/^/# /' "$work/$test/summary"
	tell "$test" "$result"
done
exit "$status"
