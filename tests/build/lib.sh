# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the tests of the build share. A test is a function; it runs in a folder of
# its own, $out, and has a copy of the tree in $tree. A line that begins with "# "
# says what went wrong.

: "${MM_TESTS:?}" "${MM_OUTPUT:?}"
# shellcheck source=tests/tap.sh
. "$MM_TESTS/tap.sh"
top=$(cd "$MM_TESTS/.." && pwd)
work=$(mkdir -p "$MM_OUTPUT" && cd "$MM_OUTPUT" && pwd)/$(basename "$0" .sh).build
tree=$work/tree

# Without what git does not have, as a checkout is; made once
copy_tree() {
	rm -rf "$work"
	mkdir -p "$tree"
	(cd "$top" && tar -cf - board configs kernel-patches rootfs tests userland Makefile COPYING LICENSES) | tar -xf - -C "$tree"
}

# build WORD...: make, by itself, in the tree. What comes before it in the
# environment is what its user has there: $with has such settings.
with=
build() {
	# shellcheck disable=SC2086 # words
	env -i PATH="$out/bin:$PATH" HOME="$out" DL="$out/dl" O="$out/output" $with /usr/bin/make -C "$tree" --no-print-directory "$@" >"$out/log" 2>&1
}

# said TEXT, said_not TEXT: in what the last make printed
said() {
	grep -qF -- "$1" "$out/log" && return
	echo "# make did not say: $1"
	sed 's/^/#   /' "$out/log"
	return 1
}

said_not() {
	! grep -qF -- "$1" "$out/log" && return
	echo "# make said: $1"
	sed 's/^/#   /' "$out/log"
	return 1
}

# refused WORD...: make ends with an error
refused() {
	! build "$@" && return
	echo "# accepted: make $*"
	return 1
}

# accepted WORD...: make does not
accepted() {
	build "$@" && return
	echo "# refused: make $*"
	sed 's/^/#   /' "$out/log"
	return 1
}

# one_sentence TEXT: make said that, and nothing after it but what it says itself
one_sentence() {
	said "$1" || return
	[ "$(grep -cv -e '^make' "$out/log")" = 1 ] && return
	echo '# more than a sentence:'
	sed 's/^/#   /' "$out/log"
	return 1
}

# tool NAME: a program that make finds before the real one; its text is the input
tool() {
	mkdir -p "$out/bin"
	{
		echo '#!/bin/sh'
		cat
	} >"$out/bin/$1"
	chmod +x "$out/bin/$1"
}

# until_there FILE: waits for another process to write FILE
until_there() {
	tries=0
	while [ ! -s "$1" ]; do
		tries=$((tries + 1))
		if [ "$tries" -gt 600 ]; then
			echo "# $1 never came"
			return 1
		fi
		sleep 0.05
	done
}

# A make that stays: its first step asks dpkg-query for packages, which here waits
# until go_on lets it go on. $maker is the make of the command line, and a process group. It
# may outlive us, so it has not the lock, descriptor 9, of the make that runs the tests.
start() {
	mkfifo "$out/go"
	cat "$top/configs/host-packages" >"$out/packages"
	tool dpkg-query <<-END
		[ -e $out/waits ] || {
			echo \$\$ >$out/waits
			read -r line <$out/go
		}
		sed -n 's/^\([a-z][^ ]*\) .*/\1 installed/p' $out/packages
	END
	env -i PATH="$out/bin:$PATH" O="$out/output" setsid /usr/bin/make -C "$tree" packages >"$out/first" 2>&1 9>&- &
	maker=$!
	until_there "$out/waits"
}

go_on() {
	echo go >"$out/go"
	wait "$maker"
}

# end_maker: ends what a test has left, a process group
end_maker() {
	[ -z "$maker" ] || kill -s KILL -- "-$maker" 2>/dev/null
}

# one TEST: runs it in a folder of its own
one() {
	out=$work/$1
	with=
	mkdir -p "$out" || exit
	: >"$out/log"
	result=0
	maker=
	"$1" >"$out/messages" 2>&1 || result=$?
	end_maker
	sed 's/^\(# \)\{0,1\}/# /' "$out/messages"
	tell "$1" "$result" "$(tail -n 1 "$out/messages" | sed 's/^# //')"
}

# run_tests NAME...: those that MM_TEST selects, in a copy of the tree; ends the script
run_tests() {
	maker=
	trap 'end_maker; exit 1' HUP INT TERM
	select_tests "$@"
	[ "$count" = 0 ] || copy_tree
	for test in $selected; do
		one "$test"
	done
	exit "$status"
}
