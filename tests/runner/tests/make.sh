#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what make hands to the runner: whatever was typed, as it was typed. The
# runner here is a script that prints its arguments. Prints TAP.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

: "${MM_TESTS:?}" "${MM_OUTPUT:?}"
# shellcheck source=tests/tap.sh
. "$MM_TESTS/tap.sh"
work=$MM_OUTPUT/make
fake=$work/host/runner

# What the make that started us was told is not for the one here.
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES SUITE TEST JOBS REPEAT SEED SHIFT

# make_list VARIABLE=VALUE...: `make list`, with nothing to build, as a make that holds the lock
make_list() {
	BUILD_LOCK=$work make -s -C "$MM_TESTS/.." O="$work" -o "$fake" list "$@" >"$work/said" 2>&1
}

# said LINE: the runner got this argument
said() {
	grep -qxF -- "$1" "$work/said" && return
	echo "# no argument is: $1"
	sed 's/^/# /' "$work/said"
	return 1
}

no_character_of_a_variable_means_anything_to_a_shell() {
	for value in "it's" 'a "b' 'prj2 kill' 'a;b|c&d>e' "\`id\`" '*' 'back\slash'; do
		make_list SUITE="$value" && said "<$value>" || return
	done
}

unset_variables_are_no_options() {
	make_list || return
	! grep -qxF -- '<--suite>' "$work/said"
}

# check VARIABLE=VALUE...: check.sh as `make check` calls it
check() {
	(
		cd "$MM_TESTS/.." || exit
		env "$@" MANIFEST="$work/manifest" DEFAULTS='O=output SOAK=' tests/check.sh "$fake" --jobs 2
	) >"$work/said" 2>&1
}

what_differs_from_its_default_is_said() {
	check MM_MAKE_CROSS_COMPILE= MM_MAKE_O="it's" MM_MAKE_SOAK= && said "<O=it's>" && said '<--jobs>' || return
	! grep -q SOAK= "$work/said" || return
	check MM_MAKE_CROSS_COMPILE= MM_MAKE_O=output MM_MAKE_SOAK=1 && said '<SOAK=1>' || return
	! grep -q O=output "$work/said"
}

facts_come_from_the_manifest() {
	check MM_MAKE_CROSS_COMPILE= MM_MAKE_O=output && said '<kernel_version=6.12.1>' &&
		said '<compiler=some-gcc (Debian) 12.2.0>' && said '<qemu=QEMU emulator version 7>' || return
	grep -q '^<date=20' "$work/said"
}

# A misspelt suite would leave a test out for ever.
suites_that_tests_name_are_there_and_no_other() {
	find "$MM_TESTS/guest" "$MM_TESTS/bench" -name '*.c' -exec cat {} + |
		sed -n '/^KTAP_TEST(/{:a;/)$/!{N;ba};s/.*"\(.*\)").*/\1/p}' | tr ' ' '\n' | sort -u >"$work/named"
	# shellcheck disable=SC2016 # awk's $
	find "$MM_TESTS" '(' -name '*.conf' -o -name '*.suites' ')' -exec awk '$2 == "guest" { print $1 }' {} + |
		sort -u >"$work/there"
	# those that only the tests of the runner have, where no test begins, and that of a header
	printf '%s\n' absent never_begins never_boots prj2 prj2_again channels | sort - "$work/named" >"$work/expected"
	diff "$work/expected" "$work/there" >"$work/said" && return
	sed 's/^/# /' "$work/said"
	return 1
}

rm -rf "$work"
mkdir -p "$work/host" || exit
cat >"$fake" <<'END'
#!/bin/sh
printf '<%s>\n' "$@"
END
chmod +x "$fake"
cat >"$work/manifest" <<'END'
# image size sha256
zImage 1 2
# kernel
virt 6.12.1
# tools
some-gcc (Debian) 12.2.0
QEMU emulator version 7
END

run_tests no_character_of_a_variable_means_anything_to_a_shell unset_variables_are_no_options \
	what_differs_from_its_default_is_said facts_come_from_the_manifest \
	suites_that_tests_name_are_there_and_no_other
