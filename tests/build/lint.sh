#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what `make lint` is made of, on samples that are wrong: a check that cannot
# fail says nothing. Prints TAP; the runner of `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"

# complains PART WORD...: what that part of lint says, in the folder $out; lines of
# the input are all that it is to say, in their order
complains() {
	part=$1
	shift
	cat >"$out/expected"
	(cd "$out" && "$tree/tests/lint/$part.sh" "$@") >"$out/log" 2>&1
	diff "$out/expected" "$out/log"
}

include_of_another_program_is_refused() {
	mkdir -p "$out/userland/one" "$out/userland/two" "$out/userland/lib" "$out/userland/common" || return
	touch "$out/userland/one/own.h" "$out/userland/two/other.h" "$out/userland/lib/public.h" \
		"$out/userland/lib/internal.h" "$out/userland/common/screen.h"
	cat >"$out/userland/one/main.c" <<-'END'
		#include <stdio.h>
		#include "own.h"
		#include "public.h"
		#include "screen.h"
		#include "../two/other.h"
		#include "other.h"
		# include "internal.h"
	END
	complains includes userland/one/main.c <<-'END'
		userland/one/main.c: includes ../two/other.h of userland/two: only its own headers and those of common lib are for it
		userland/one/main.c: includes other.h: only its own headers and those of common lib are for it
		userland/one/main.c: includes internal.h of userland/lib, which is not for others
	END
}

line_beyond_110_columns_is_refused() {
	{
		printf 'A := %105s\n' x
		printf 'B := %106s\n' x
		printf 'c:\n\t%102s\n\t%103s\n' x x
	} >"$out/a.mk"
	complains recipes a.mk <<-'END'
		a.mk:2: 111 columns, of 110 that may be
		a.mk:5: 111 columns, of 110 that may be
	END
}

recipe_of_six_lines_is_refused() {
	{
		printf 'A := 0 \\\n\t1 \\\n\t2 \\\n\t3 \\\n\t4 \\\n\t5 \\\n\t6\n'
		printf 'five:\n\t1\n\t2\n\t3\n\t4\n\t5\n\nsix:\n\t1\n\t2\n\t3\n\t4 \\\n\t5\n\t6\n'
	} >"$out/a.mk"
	complains recipes a.mk <<-'END'
		a.mk:21: a recipe of more than five lines: make it a script
	END
}

words_of_a_dialect_are_refused() {
	cat >"$out/bad" <<-'END'
		The mm is gated.
		raise_gate(mm);
		An exceed, and the next exceed
		ten at the most
	END
	cat >"$out/good" <<-'END'
		The aggregate is investigated; a gateway delegates.
		Users exceed limits, and exceed.c says how.
		ten at most
	END
	complains words bad good <<-'END'
		bad:1: gated.: say freeze, frozen
		bad:2:_gate(: say freeze, frozen
		bad:3:An exceed,: say a breach
		bad:3: next exceed: say a breach
		bad:4: at the most: say at most
	END
}

# commit SUBJECT [BODY]: an empty one in $out/repository
commit() {
	git -C "$out/repository" -c user.name=a -c user.email=a@b commit -q --allow-empty -m "$@"
}

messages_without_form_are_refused() {
	mkdir -p "$out/repository/kernel-patches/files/mm/mm_limit" "$out/repository/configs" || return
	git -C "$out/repository" init -q && touch "$out/repository/kernel-patches/files/mm/mm_limit/a.c" \
		"$out/repository/configs/b" "$out/repository/README.md" && git -C "$out/repository" add -A && commit wip || return
	base=$(git -C "$out/repository" rev-parse HEAD)
	commit 'mm/mm_limit: charge page tables' -m 'They are memory, too.' &&
		commit 'configs, README: pin the sources' -m 'So that they stay.' &&
		commit 'wip: more' -m 'Not yet.' &&
		commit 'Make it better' -m 'It was worse.' &&
		commit 'configs: no reason' &&
		commit 'configs: only a signature' -m 'Signed-off-by: a <a@b>' &&
		commit "configs: $(printf '%066d' 0)" -m 'This takes 75 characters.' &&
		commit "configs: $(printf '%067d' 0)" -m 'This takes 76.' || return
	(cd "$out/repository" && "$tree/tests/lint/commits.sh" "$base") | cut -d ' ' -f 2- >"$out/log"
	diff - "$out/log" <<-'END'
		'wip' is neither a folder nor a subsystem
		the subject begins with no folder or subsystem
		there is no body with the reason
		there is no body with the reason
		the subject takes more than 75 characters
	END
}

unseen_history_is_skipped_with_a_sentence() {
	(cd "$out" && GIT_CEILING_DIRECTORIES=$work "$tree/tests/lint/commits.sh" HEAD) >"$out/log" 2>&1 &&
		said 'skipped: this is no git repository' || return
	mkdir "$out/repository" && git -C "$out/repository" init -q && commit 'a: b' || return
	(cd "$out/repository" && "$tree/tests/lint/commits.sh" 1234567890123456789012345678901234567890) >"$out/log" 2>&1 &&
		said 'skipped: the history does not go back to 1234567890123456789012345678901234567890'
}

suites_that_are_not_there_are_refused() {
	printf '# comment guest\nheld\tguest timeout=9\nkill guest\nkill_smp guest smp=4\ntest_list\thost path=a\n' >"$out/one.conf"
	echo 'bench_kill guest' >"$out/two.conf"
	cat >"$out/good.md" <<-'END'
		Suite `held` and the suites `kill` and `test_list` are there; `SUITE=` and SUITE=GLOB are words. In suite
		`kill_smp` nothing is lost. `make check SUITE='kill* held' TEST=none`, SUITE=bench_kill, SUITE='*'
	END
	cat >"$out/bad.rst" <<-'END'
		The suite ``hold`` (and suites
		``kill`` and ``kills``), SUITE='held prj2 none*', SUITE=build_none
	END
	complains suites one.conf two.conf -- good.md bad.rst <<-'END'
		bad.rst: no suite is called build_none
		bad.rst: no suite is called hold
		bad.rst: no suite is called kills
		bad.rst: no suite is called none*
		bad.rst: no suite is called prj2
	END
}

documentation_of_what_is_not_there_is_refused() {
	mkdir -p "$out/linux/scripts" "$out/kernel-patches/files/include" && git -C "$out" init -q || return
	# shellcheck disable=SC2016 # it is that script's
	printf '#!/bin/sh\necho "$2: warning: no structured comments found" >&2\n' >"$out/linux/scripts/kernel-doc"
	chmod +x "$out/linux/scripts/kernel-doc"
	touch "$out/linux/here.c"
	printf 'struct mm_limit_a {\n\tint lock;\n};\n' >"$out/kernel-patches/files/include/a.h"
	cat >"$out/a.rst" <<-'END'
		.. kernel-doc:: here.c

		.. kernel-doc:: nowhere.c

		``mm_limit_a.lock`` is there, ``mm_limit_a.mutex`` and ``mm_limit_b()`` are not.
	END
	git -C "$out" add kernel-patches &&
		complains documentation "$out/linux" a.rst <<-'END'
			a.rst: here.c: warning: no structured comments found
			a.rst: kernel-doc:: nowhere.c: there is no such source
			a.rst: mm_limit_a.mutex: no source of ours has this name
			a.rst: mm_limit_b: no source of ours has this name
		END
}

call_upward_is_refused() {
	mkdir "$out/mm" && printf '/*\n *\ta.c\tone\n *\tb.c\ttwo\n */\n#ifndef A\n' >"$out/mm/internal.h" || return
	{
		echo 'void mm_limit_low(void) {'
		for i in a b c d e f; do printf '\tmm_limit_%s();\n' "$i"; done
		echo '}'
	} >"$out/mm/a.c"
	for i in a b c d e f; do echo "void mm_limit_$i(void)"; done >"$out/mm/b.c"
	! "$tree/tests/lint/floors.sh" "$out/mm" >"$out/log" && said '2 files, 6 calls upward, of 5 that may be' || return
	echo 'void mm_limit_new(void)' >"$out/mm/c.c"
	! "$tree/tests/lint/floors.sh" "$out/mm" >"$out/log" && said 'c.c: internal.h has no place for it in its map'
}

files_that_git_does_not_list_are_no_success() {
	! GIT_DIR=$out/no-repository "$tree/tests/lint.sh" "$out" >"$out/log" 2>&1 || return
	said 'run it in a checkout of your own'
}

run_tests files_that_git_does_not_list_are_no_success \
	include_of_another_program_is_refused line_beyond_110_columns_is_refused recipe_of_six_lines_is_refused \
	words_of_a_dialect_are_refused messages_without_form_are_refused unseen_history_is_skipped_with_a_sentence \
	suites_that_are_not_there_are_refused documentation_of_what_is_not_there_is_refused call_upward_is_refused
