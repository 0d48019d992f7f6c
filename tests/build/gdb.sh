#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what a debugger shows of the image's kernel, with the twin that `make gdb`
# builds; skipped where nobody has built it, which takes as long as the kernel.
# Prints TAP; the runner of `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

: "${MM_QEMU_KERNEL:?}"
# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"
twin=$(dirname "$MM_QEMU_KERNEL")/linux-twin

# The guest, halted until gdb comes; it runs a suite that exceeds limits.
start_guest() {
	sed '$s/$/ MM_CHECK=enforce MM_TEST=one_child_above_the_limit_dies/' "$MM_QEMU_KERNEL" >"$out/args"
	set --
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <"$out/args"
	setsid timeout 300 "$@" -gdb "unix:$out/gdb,server=on,wait=off" -S >"$out/console" 2>&1 </dev/null &
	maker=$!
	tries=0
	while [ ! -S "$out/gdb" ] && kill -0 "$maker"; do
		tries=$((tries + 1))
		sleep 0.05
	done
}

charge_that_exceeds_shows_source_arguments_and_callers() {
	if [ ! -e "$twin/built" ]; then
		echo "# no kernel with debug information: 'make gdb' builds it"
		return 77
	fi
	function=$(sed -n 's/^GDB_BREAK.*,\([a-z_]*\))$/\1/p' "$tree/board/images.mk")
	start_guest
	timeout 300 gdb-multiarch -nx -q -batch -ex 'set width 0' -ex 'set backtrace limit 32' -ex "target remote $out/gdb" -ex "hbreak $function" -ex continue \
		-ex 'echo \nARGUMENTS\n' -ex 'info args' -ex 'echo \nCALLERS\n' -ex backtrace \
		-ex 'echo \nSOURCE\n' -ex list -ex kill "$twin/vmlinux" >"$out/log" 2>&1
	said "Breakpoint 1, $function (" && said 'crossed=true' && said '/mm/mm_limit/' || return
	sed -n "/^ARGUMENTS/,/^CALLERS/p" "$out/log" | grep -q "^usage = [1-9]" || return
	# from the page fault of user mode through the charge
	for caller in '[a-z_]*charge[a-z_]*' handle_mm_fault do_DataAbort; do
		sed -n '/^CALLERS/,/^SOURCE/p' "$out/log" | grep -q "^#.* $caller (.* at .*\.[ch]:[0-9]" && continue
		echo "# no caller '$caller' in:"
		cat "$out/log"
		return 1
	done
	sed -n '/^SOURCE/,$p' "$out/log" | grep -q "^[0-9].*$function("
}

run_tests charge_that_exceeds_shows_source_arguments_and_callers
