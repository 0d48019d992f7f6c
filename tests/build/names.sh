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

# one_sentence TEXT: make said that, and nothing after it but what it says itself
one_sentence() {
	said "$1" || return
	[ "$(grep -cv -e '^make' "$out/log")" = 1 ] && return
	echo '# more than a sentence:'
	sed 's/^/#   /' "$out/log"
	return 1
}

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

switches_are_0_1_or_nothing() {
	for variable in LOCKED SOAK V; do
		for value in no x 2 01 '0 1' %; do
			refused "$variable=$value" packages && one_sentence "$variable=$value is unknown: choose one of 0 1" || return
		done
		for value in '' 0 1; do
			accepted "$variable=$value" packages || return
		done
	done
	[ -e "$out/output/.lock" ]
}

jobs_that_are_no_number_are_refused() {
	for value in 0 x 4097 99999999999999999999 -1 '1 2' 2x 1.5 '' "\`id\`"; do
		refused "NPROC=$value" packages && one_sentence "NPROC=$value is not a number from 1 to 4096" || return
	done
	[ ! -e "$out/output" ] && accepted NPROC=1 packages && accepted NPROC=4096 packages
}

fuzzing_takes_a_target_and_a_time() {
	for target in nosuch 'conf size' ''; do
		refused "FUZZ=$target" fuzz && one_sentence "FUZZ=$target is unknown: choose one of console size" || return
	done
	# no time at all would be without end
	for time in 0 x '' 31536001; do
		refused "FUZZ_TIME=$time" fuzz && one_sentence "FUZZ_TIME=$time is not a number from 1 to 31536000" || return
	done
	[ ! -e "$out/output" ] && accepted FUZZ=nosuch FUZZ_TIME=x packages || return
	# shellcheck disable=SC2013 # words of a line
	for target in $(sed -n 's/^FUZZERS.*:= //p' "$tree/configs/settings.mk"); do
		accepted -n "FUZZ=$target" FUZZ_TIME=1 fuzz && said "-max_total_time=1 " || return
	done
}

benchmarks_take_a_kernel_that_has_them() {
	for part in bench-counted bench-concurrent; do
		refused -n "$part" && one_sentence "KERNEL=release is not for $part: choose one of bench bench-without" &&
			refused -n KERNEL=debug "$part" && one_sentence "KERNEL=debug is not for $part" || return
	done
	[ ! -e "$out/output" ] && accepted -n -o image KERNEL=bench bench-counted &&
		accepted -n -o image KERNEL=bench-without bench-concurrent && accepted -n bench
}

# out_of_range VARIABLE RANGE GOAL: nothing is built before that is said, nor for others
out_of_range() {
	for value in x -1 10000000000 ''; do
		refused -n "$1=$value" "$3" && one_sentence "$1=$value is not a number from $2" && [ ! -e "$out/output" ] || return
	done
	accepted -n "$1=x" "$out/output/host/obj/tests/runner/json.o"
}

numbers_of_mutants_are_looked_at_first() {
	for goal in mutants mutants-debug; do
		out_of_range N '1 to 1000000' "$goal" && out_of_range SEED '0 to 1000000000' "$goal" || return
	done
}

numbers_of_tests_are_looked_at_first() {
	for goal in check coverage; do
		out_of_range JOBS '1 to 256' "$goal" && out_of_range REPEAT '1 to 10000' "$goal" &&
			out_of_range SEED '0 to 1000000000' "$goal" && out_of_range SHIFT '0 to 10' "$goal" || return
	done
	# as the runner has them
	for range in JOBS:1:256 REPEAT:1:10000 SEED:0:1000000000 SHIFT:0:10; do
		tr -s '\n\t' '  ' <"$tree/tests/runner/options.c" | grep -q "\"${range%%:*}\", $(echo "${range#*:}" | sed 's/:/, /')," && continue
		echo "# the runner has another range than $range"
		return 1
	done
}

switch_set_to_nothing_is_off() {
	accepted V= -n "$out/output/host/obj/tests/runner/json.o" && said 'HOST tests/runner/json.c' || return
	accepted V=1 -n "$out/output/host/obj/tests/runner/json.o" && said_not 'HOST tests/runner/json.c'
}

# Those that only other rules ask for are left out.
help_names_every_variable_and_target() {
	accepted help || return
	find "$tree" -name '*.mk' -exec cat {} + -o -path "$tree/Makefile" -exec cat {} + |
		sed -e ':a' -e '/\\$/{N;s/\\\n//;ba}' >"$out/rules"
	{
		sed -n 's/^\([A-Z_]*\)[[:space:]]*?=.*/\1=/p' "$out/rules"
		sed -n 's/^TYPED[[:space:]]*:= //p' "$out/rules" | tr -s ' \t' '\n' | sed 's/$/=/'
		printf '%s=\n' DESTDIR FILE ONLY
		sed -n 's/^\.PHONY: \([a-z].*\)/\1/p' "$out/rules" | tr ' ' '\n' |
			grep -vxE '|help|packages|.*-run|coverage-(guests|host)'
	} | sort -u >"$out/names"
	[ "$(wc -l <"$out/names")" -gt 50 ] || return
	result=0
	while read -r name; do
		case $name in
		*=) pattern="(^|[^A-Z_])$name" ;;
		*) pattern="(^|[ (])$name([ ,:;]|\$)" ;;
		esac
		grep -qE "$pattern" "$out/log" && continue
		echo "# make help does not name $name"
		result=1
	done <"$out/names"
	return "$result"
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
	launcher_runs_the_compilers_and_nothing_else search_paths_of_a_person_do_not_matter \
	switches_are_0_1_or_nothing switch_set_to_nothing_is_off \
	jobs_that_are_no_number_are_refused fuzzing_takes_a_target_and_a_time \
	benchmarks_take_a_kernel_that_has_them \
	numbers_of_mutants_are_looked_at_first numbers_of_tests_are_looked_at_first \
	help_names_every_variable_and_target install_has_modes_of_its_own
