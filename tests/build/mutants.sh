#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests which mutants `make mutants` and `make mutants-debug` choose to try, without
# trying any. Prints TAP; the runner of `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"
tab=$(printf '\t')

# line WORD...: with tabs between
line() {
	(
		IFS=$tab
		echo "$*"
	)
}

# Six mutants, the last of which the file "equivalent" has
prepare() {
	mkdir -p "$out/coverage" && : >"$out/coverage/total.info" || return
	for f in prepare worker; do
		echo '#!/bin/sh' >"$tree/tests/mutants/$f.sh"
	done
	line '*' statement 'f();' '*' 'it does nothing' >"$tree/tests/mutants/equivalent"
	{
		line m1 mm/a.c 1 relation 'a < b' 'a > b'
		line m2 mm/a.c 2 statement 'lockdep_set_class(&a, &b);' '(void)0;'
		line m3 mm/a.c 3 assertion 'lockdep_assert_held(&a);' '(void)0;'
		line m4 mm/a_kunit.c 4 constant 'a = 1;' 'a = 2;'
		line m5 mm/b.c 5 constant 'a = 1;' 'a = 2;'
		line m6 mm/b.c 6 statement 'f();' '(void)0;'
	} >"$out/all"
	echo "cat $out/all" | tool mutate
}

# verdict MUTANT VERDICT KERNEL: an earlier run has found that
verdict() {
	mkdir -p "$out/mutants"
	line "$(grep "^$1$tab" "$out/all")" "$2" - - 1 "$3" >>"$out/mutants/results.tsv"
}

# queues KERNEL MUTANT...: a run on that kernel tries exactly these
queues() {
	kernel=$1
	shift
	MM_MUTANTS=$out/mutants MM_KERNEL=$kernel MM_COVERAGE=$out/coverage MM_MUTATE=$out/bin/mutate \
		"$tree/tests/mutants/run.sh" 100 1 '' '' >"$out/log" 2>&1 || {
		cat "$out/log"
		return 1
	}
	folder=$out/mutants
	[ "$kernel" = coverage ] || folder=$folder/$kernel
	queue=$(cut -f 1 "$folder/queue" | tr '\n' ' ')
	[ "$queue" = "${*:+$* }" ] && return
	echo "# $kernel: $queue instead of $*"
	return 1
}

what_no_test_can_notice_is_not_tried() {
	prepare && queues coverage m1 m2 m5
}

what_was_tried_is_not_tried_again() {
	prepare && verdict m1 survived coverage && verdict m5 killed coverage && queues coverage m2
}

survivors_are_tried_with_lockdep_once() {
	prepare && verdict m1 survived coverage && verdict m2 unbuilt coverage && verdict m5 uncovered coverage &&
		queues debug m1 m5 && verdict m1 survived debug && queues debug m5
}

what_only_lockdep_is_told_is_tried_with_it() {
	prepare && verdict m1 equivalent coverage && verdict m2 equivalent coverage && queues debug m2 &&
		verdict m2 killed debug && queues debug
}

run_tests what_no_test_can_notice_is_not_tried what_was_tried_is_not_tried_again \
	survivors_are_tried_with_lockdep_once what_only_lockdep_is_told_is_tried_with_it
