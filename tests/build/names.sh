#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what becomes of folders and compilers that make cannot handle, and of the
# unusual ones that it can. Prints TAP; the runner of `make check` starts it, see
# ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"

# Each character for each variable: all of them have to be refused.
# shellcheck disable=SC2016 # a dollar sign is what it is
strange_characters='a:b a;b a#b a$b a%b a&b a|b a<b a>b a(b a)b a[b a]b a{b a}b a*b a?b a!b a"b a\b a`b a=b a,b ~/b'

strange_folders_are_refused_with_a_sentence() {
	set -f
	for variable in O DL PATCHES OVERLAY; do
		for folder in $strange_characters "a'b"; do
			refused "$variable=$folder" help && one_sentence "make takes no folder with a" &&
				said "$folder cannot be used" && said "set $variable= to another" || return
		done
	done
	set +f
}

folders_with_blanks_or_without_names_are_refused() {
	for variable in O DL PATCHES; do
		refused "$variable=a b" help && one_sentence "'a b' cannot be used" || return
		refused "$variable=" help && one_sentence "'' cannot be used" || return
	done
}

strange_folder_of_the_project_is_refused() {
	# shellcheck disable=SC2016 # so is this one
	for folder in 'a:b' 'a b' 'a%b' 'a$b'; do
		mkdir "$out/$folder" && cp "$tree/Makefile" "$out/$folder" || return
		! make -C "$out/$folder" help >"$out/log" 2>&1 && one_sentence 'move this folder' || return
	done
}

unusual_folders_work() {
	folder=$out/$(printf 'a@2+b-c~d_e.f\303\244')
	accepted "O=$folder" "$folder/virt-release/fragments" "$folder/host/lib/libmmlimit.a" || return
	[ -s "$folder/virt-release/fragments" ] && [ -s "$folder/host/lib/libmmlimit.a" ]
}

overlay_has_to_be_a_folder() {
	: >"$out/file"
	for folder in "$out/none" "$out/file"; do
		refused "OVERLAY=$folder" help && one_sentence "OVERLAY=$folder is no folder" || return
	done
}

absent_compilers_are_named() {
	refused CROSS_COMPILE=foo- packages && one_sentence "CROSS_COMPILE=foo- names no compiler, 'foo-gcc'" &&
		refused HOSTCC=foo-gcc packages && one_sentence 'HOSTCC=foo-gcc cannot be run' &&
		refused "CROSS_COMPILE=foo arm-linux-gnueabi-" packages && one_sentence "'foo arm-linux-gnueabi-gcc' cannot be run" &&
		refused "HOSTCC=foo gcc" packages && one_sentence 'HOSTCC=foo gcc cannot be run'
}

# Before the first step, not after the kernel's minutes
compiler_for_something_else_is_refused() {
	refused CROSS_COMPILE= packages && one_sentence 'takes a compiler for arm-linux-gnueabi' || return
	echo 'echo arm-linux-gnueabihf' | tool hf-gcc
	refused CROSS_COMPILE=hf- packages && one_sentence 'compiles for arm-linux-gnueabihf' || return
	refused CROSS_COMPILE=hf- "$out/output/linux/unpacked" && one_sentence 'compiles for arm-linux-gnueabihf'
}

quotes_in_commands_are_refused() {
	# shellcheck disable=SC2016 # and this one
	for command in "a'b" 'a"b' 'a`b' 'a;b' 'a|b' 'a&b' 'a$b' 'a\b'; do
		refused "CROSS_COMPILE=$command" help && one_sentence "CROSS_COMPILE=$command cannot be used" &&
			refused "HOSTCC=$command" help && one_sentence "HOSTCC=$command cannot be used" || return
	done
}

# As many jobs as there are CPUs, so dependencies have to be complete, too.
launcher_runs_the_compilers_and_nothing_else() {
	tool launch <<-END
		echo "\$1" >>$out/launched
		exec "\$@"
	END
	accepted -j2 'CROSS_COMPILE=launch arm-linux-gnueabi-' 'HOSTCC=launch gcc' "$out/output/host/lib/libmmlimit.a" \
		"$out/output/target/lib/libmmlimit.a" "$out/output/target/root/usr/bin/mmlimit" || return
	[ "$(sort -u "$out/launched" | tr '\n' ' ')" = 'arm-linux-gnueabi-gcc gcc ' ] && return
	sort "$out/launched" | uniq -c
	return 1
}

# A person who has a sysroot in mind, for other programs
search_paths_of_a_person_do_not_matter() {
	mkdir -p "$out/include" && echo '#error found' | tee "$out/include/stdio.h" >"$out/include/errno.h" || return
	with="CPATH=$out/include C_INCLUDE_PATH=$out/include LIBRARY_PATH=$out/include GCC_COMPARE_DEBUG=1
		PKG_CONFIG_SYSROOT_DIR=$out/include PKG_CONFIG_LIBDIR=$out/include"
	accepted "$out/output/target/lib/libmmlimit.a" "$out/output/host/obj/tests/runner/json.o"
}

install_has_modes_of_its_own() {
	echo >"$out/library"
	mkdir -p "$out/root/usr/bin" "$out/root/usr/share/a" && echo >"$out/root/usr/bin/tool" && echo >"$out/root/usr/share/a/b" || return
	for mask in 022 077; do
		(umask "$mask" && "$tree/userland/install.sh" "$out/$mask" /opt/mm 1.0 "$out/library" "$out/library" "$out/root" \
			"$out/root/usr/bin/tool" "$out/root/usr/share/a/b") || return
		(cd "$out/$mask" && find . ! -type l -printf '%P %m\n' | sort) >"$out/$mask.modes"
	done
	sed 1d "$out/022.modes" | awk '$2 != 755 && $2 != 644 { bad = 1 } END { exit bad }' &&
		diff "$out/022.modes" "$out/077.modes" && grep -qx 'opt/mm/lib/pkgconfig 755' "$out/077.modes"
}

run_tests strange_folders_are_refused_with_a_sentence folders_with_blanks_or_without_names_are_refused \
	strange_folder_of_the_project_is_refused unusual_folders_work overlay_has_to_be_a_folder \
	absent_compilers_are_named compiler_for_something_else_is_refused quotes_in_commands_are_refused \
	launcher_runs_the_compilers_and_nothing_else search_paths_of_a_person_do_not_matter install_has_modes_of_its_own
