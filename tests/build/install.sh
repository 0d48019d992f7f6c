#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds programs against an installed libmmlimit, as its users do, and looks at what
# else is installed. Prints TAP.
# The runner of `make check` starts it, see ../README.md; what `make install`
# makes is in sysroot/ beside it.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

: "${MM_TESTS:?}" "${MM_OUTPUT:?}" "${MM_CROSS_COMPILE:?}"
# shellcheck source=tests/tap.sh
. "$MM_TESTS/tap.sh"
sysroot=$(cd "$(dirname "$0")" && pwd)/sysroot
work=$MM_OUTPUT/install
cc=${MM_CROSS_COMPILE}gcc
tools=${MM_CROSS_COMPILE##* }
warnings='-std=c99 -pedantic -Wall -Wextra -Werror'

# flags OPTION...: what pkg-config says of the library in the sysroot
flags() {
	PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$sysroot/usr/lib/pkgconfig pkg-config "$@" libmmlimit
}

# a_program FLAG...: one that needs every part of the library
a_program() {
	cat >"$out/main.c" <<-'EOF'
		#include <stdio.h>
		#include <mmlimit.h>

		int main(int argc, char **argv)
		{
			struct mmlimit_conf_error error;
			struct mmlimit_conf conf;
			uint64_t bytes;
			uid_t uid;
			int ret;

			if (argc < 3 || mmlimit_user(argv[1], &uid) || mmlimit_parse_size(argv[2], &bytes))
				return 2;
			ret = mmlimit_set(uid, bytes);
			if (ret)
				puts(mmlimit_strerror(ret));
			return mmlimit_conf_read(MMLIMIT_CONF_PATH, &conf, &error);
		}
	EOF
	# Flags are words, so unquoted on purpose.
	# shellcheck disable=SC2086
	$cc $warnings -o "$out/main" "$out/main.c" "$@" >"$out/log" 2>&1
}

needs_library() {
	"${tools}readelf" -d "$out/main" >"$out/dynamic"
	grep -q 'NEEDED.*\[libmmlimit\.so\.1\]' "$out/dynamic"
}

shared_library_links() {
	# shellcheck disable=SC2046
	a_program $(flags --cflags --libs) && needs_library
}

static_library_links() {
	# shellcheck disable=SC2046
	a_program -static $(flags --static --cflags --libs) && ! needs_library
}

# The tree can be moved, and used where it is.
prefix_can_be_defined_by_place() {
	cp -a "$sysroot" "$out/moved" || return
	# shellcheck disable=SC2046
	a_program $(PKG_CONFIG_LIBDIR=$out/moved/usr/lib/pkgconfig pkg-config --define-prefix --cflags --libs libmmlimit) &&
		needs_library
}

prefix_can_be_another() {
	"$MM_TESTS/../userland/install.sh" "$out/root" /opt/mm 2.3 "$sysroot/usr/lib/libmmlimit.a" \
		"$sysroot/usr/lib/libmmlimit.so.1" "$sysroot" || return
	[ "$(PKG_CONFIG_LIBDIR=$out/root/opt/mm/lib/pkgconfig pkg-config --modversion libmmlimit)" = 2.3 ] &&
		[ "$(PKG_CONFIG_LIBDIR=$out/root/opt/mm/lib/pkgconfig pkg-config --cflags --libs libmmlimit | sed 's/ *$//')" = \
			'-I/opt/mm/include -L/opt/mm/lib -lmmlimit' ]
}

# page PAGE SECTION: the lines of a section of a manual page
page() {
	sed -n "/^\.Sh $2/,/^\.Sh [^$(printf %.1s "$2")]/p" "$sysroot/usr/share/man/man${1##*.}/$1"
}

# compiles: main.c does, for the machine of the image, and loses no part of a size
compiles() {
	# shellcheck disable=SC2046,SC2086 # flags are words
	$cc $warnings -std=gnu99 -Wconversion -c -o "$out/main.o" "$out/main.c" $(flags --cflags) >"$out/log" 2>&1
}

example_of_the_library_compiles() {
	{
		printf '#include <%s>\n' stdio.h mmlimit.h
		echo 'int main(void)'
		echo '{'
		page libmmlimit.3 EXAMPLES | sed -n '/^\.Bd/,/^\.Ed/p' | sed '/^\./d; s/\\en/\\n/g'
		echo 'return ret;'
		echo '}'
	} >"$out/main.c"
	compiles
}

# With nothing but the headers that the page names
numbers_of_the_calls_compile() {
	{
		page mm_limit.2 SYNOPSIS | sed -n 's/^\.In \(.*\)/#include <\1>/p'
		echo 'const int numbers[] = {'
		page mm_limit.2 SYNOPSIS | sed -n 's/^\.Fn syscall \([^ ]*\).*/\1,/p'
		echo '};'
	} >"$out/main.c"
	[ "$(grep -c 'limit.*,$' "$out/main.c")" = 6 ] && compiles
}

# install_into DESTDIR PREFIX: with the programs, as make does it
install_into() {
	"$MM_TESTS/../userland/install.sh" "$1" "$2" 2.3 "$sysroot/usr/lib/libmmlimit.a" \
		"$sysroot/usr/lib/libmmlimit.so.1" "$sysroot" "$sysroot"/usr/bin/*
}

# Each file by its folder and name, or by the number of files there
what_is_installed_is_told() {
	install_into "$out/root" /usr >"$out/said" || return
	[ "$(head -n 1 "$out/said")" = "installed below $out/root/usr:" ] || return
	awk 'NR > 1 { if ($3 == "files") print $1, $2; else print $1, NF - 1 }' "$out/said" | sort >"$out/told"
	(cd "$out/root/usr" && find . ! -type d -printf '%P\n') | sed 's,[^/]*$,,' | sort | uniq -c | awk '{ print $2, $1 }' |
		sort >"$out/there"
	[ "$(wc -l <"$out/told")" -gt 8 ] && diff "$out/told" "$out/there" >"$out/log" &&
		grep -q '^  bin/ *hog mmlimit mmlimitd oomrankd taskmon$' "$out/said" &&
		grep -q '^  share/doc/mm_limit/ *mmlimit.conf$' "$out/said" &&
		grep -q '^  share/doc/mm_limit/init.d/ *mmlimit$' "$out/said" && [ -x "$out/root/usr/share/doc/mm_limit/init.d/mmlimit" ]
}

pages_are_found_by_all_their_names() {
	for page in mmlimit.8 mmlimit.conf.5 proc_mm_limits.5 mm_limit.2 mm_limit_ctl.2 set_mm_limits.2 libmmlimit.3 mmlimit_change.3; do
		file=$sysroot/usr/share/man/man${page##*.}/$page
		to=$(sed -n '1s/^\.so //p' "$file") || return
		grep -q '^\.Sh NAME' "$sysroot/usr/share/man/${to:-man${page##*.}/$page}" || return
	done
}

every_program_has_its_page_and_completion() {
	for program in "$sysroot"/usr/bin/*; do
		name=${program##*/}
		[ -s "$sysroot/usr/share/bash-completion/completions/$name" ] || return
		[ -s "$sysroot/usr/share/man/man1/$name.1" ] || [ -s "$sysroot/usr/share/man/man8/$name.8" ] || return
	done
}

units_name_what_is_installed() {
	install_into / "$(realpath "$out")/usr" >"$out/said" || return
	for unit in mmlimit mmlimitd oomrankd; do
		program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$out/usr/lib/systemd/system/$unit.service")
		[ -x "$program" ] || return
	done
}

# verify UNIT: what systemd has against it, of which there is none for a good one
verify() {
	MANPATH=$out/usr/share/man systemd-analyze verify "$1" >"$out/log" 2>&1 && [ ! -s "$out/log" ]
}

units_are_understood_by_systemd() {
	reason='systemd-analyze is not installed'
	command -v systemd-analyze >/dev/null || return 77
	install_into / "$(realpath "$out")/usr" >"$out/said" || return
	for unit in mmlimit mmlimitd oomrankd; do
		verify "$out/usr/lib/systemd/system/$unit.service" || return
	done
	# one that is wrong, so that silence means something
	sed 's/^Restart=.*/Restart=perhaps/' "$out/usr/lib/systemd/system/oomrankd.service" >"$out/wrong.service"
	! verify "$out/wrong.service" && grep -q 'perhaps' "$out/log"
}

# Programs for the target must not end up in this machine's folders.
folder_has_to_be_named() {
	! "$MM_TESTS/../userland/install.sh" '' /usr 1.0 "$sysroot/usr/lib/libmmlimit.a" \
		"$sysroot/usr/lib/libmmlimit.so.1" "$sysroot" 2>"$out/log" && grep -q 'DESTDIR=folder' "$out/log"
}

declared_functions_are_exported_and_nothing_else() {
	sed -n 's/^[a-z].*[ *]\(mmlimit_[a-z_]*\)(.*/\1/p' "$sysroot/usr/include/mmlimit.h" | sort >"$out/declared"
	[ "$(wc -l <"$out/declared")" -gt 20 ] || return
	"${tools}nm" -D --defined-only "$sysroot/usr/lib/libmmlimit.so.1" |
		awk '$2 != "A" { print $3 }' | sort >"$out/exported"
	# each has a version, that of the library in which it came
	sed 's/@@MMLIMIT_[12]$//' "$out/exported" | diff "$out/declared" - >"$out/log"
}

select_tests shared_library_links static_library_links prefix_can_be_defined_by_place prefix_can_be_another \
	what_is_installed_is_told pages_are_found_by_all_their_names every_program_has_its_page_and_completion \
	units_name_what_is_installed \
	example_of_the_library_compiles numbers_of_the_calls_compile units_are_understood_by_systemd folder_has_to_be_named declared_functions_are_exported_and_nothing_else
for test in $selected; do
	out=$work/$test
	rm -rf "$out"
	mkdir -p "$out" || exit
	: >"$out/log"
	result=0
	reason=
	"$test" || result=$?
	[ "$result" = 0 ] || sed 's/^/# /' "$out/log"
	tell "$test" "$result" "$reason"
done
exit "$status"
