#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds programs against an installed libmmlimit, as its users do. Prints TAP.
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
	sed 's/$/@@MMLIMIT_1/' "$out/declared" | diff - "$out/exported" >"$out/log"
}

select_tests shared_library_links static_library_links prefix_can_be_defined_by_place prefix_can_be_another \
	folder_has_to_be_named declared_functions_are_exported_and_nothing_else
for test in $selected; do
	out=$work/$test
	rm -rf "$out"
	mkdir -p "$out" || exit
	: >"$out/log"
	result=0
	"$test" || result=$?
	[ "$result" = 0 ] || sed 's/^/# /' "$out/log"
	tell "$test" "$result"
done
exit "$status"
