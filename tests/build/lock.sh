#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that one make at a time works in an output folder, whatever becomes of it.
# Prints TAP; the runner of `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"

second_make_is_refused_with_a_sentence() {
	start || return
	refused packages && said "another make (pid " && said "at work in $out/output: " && said 'O=' || return
	pid=$(sed -n 's/.*another make (pid \([0-9]*\)).*/\1/p' "$out/log")
	grep -qz '^[^ ]*make$' "/proc/$pid/cmdline" || echo "# $pid is no make"
	grep -qz '^[^ ]*make$' "/proc/$pid/cmdline" && go_on
}

next_make_begins_at_once() {
	start && go_on && accepted packages && accepted packages
}

other_folder_is_free() {
	start || return
	accepted packages "O=$out/other"
	result=$?
	go_on && return "$result"
}

# all at once, as Ctrl-\ or the OOM killer would
killed_make_leaves_no_lock() {
	start || return
	kill -s KILL -- "-$maker"
	wait "$maker"
	accepted packages
}

# kill_makes: those of $maker alone, not what they run, $left
kill_makes() {
	left=$(cat "$out/waits")
	# cat goes on behind a process that ends meanwhile
	makes=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v group="$maker" '$5 == group && $2 == "(make)" { print $1 }')
	# shellcheck disable=SC2086 # a list
	kill -s KILL $makes || return
	wait "$maker" || :
}

what_a_killed_make_left_is_named() {
	start && kill_makes || return
	refused packages && said 'what a killed make has left running' && said "'kill " && said "$left" || return
	kill "$left"
	while kill -0 "$left" 2>/dev/null; do
		sleep 0.05
	done
	# the shell of the recipe, which waited for it
	tries=0
	while ! build packages && [ "$tries" -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	accepted packages
}

# A container, perhaps, that has another file system where our folder is
stranger_with_the_same_name_is_not_named() {
	start && kill_makes || return
	unshare -rm true 2>/dev/null || {
		kill "$left"
		echo "no file system may be mounted here: unshare -rm is refused"
		return 77
	}
	# shellcheck disable=SC2016 # that shell's
	unshare -rm sh -c 'mount -t tmpfs none "$1" && exec 9>"$1/.lock" && echo there >"$2" && exec sleep 600' \
		sh "$out/output" "$out/stranger" &
	stranger=$!
	until_there "$out/stranger" && refused packages && said "'kill " && said "$left" && said_not "$stranger"
	result=$?
	kill "$stranger" "$left"
	return "$result"
}

what_writes_nothing_needs_no_lock() {
	start || return
	accepted help && accepted -n packages && accepted -n clean && accepted show-qemu
	result=$?
	go_on && return "$result"
}

what_writes_nothing_makes_no_folder() {
	accepted help && accepted -n packages && accepted show-qemu || return
	for wrong in BOARD=nosuch KERNEL=foo 'KERNEL=release debug' KERNEL=% SWAP=foo; do
		refused "$wrong" packages && said "$wrong is unknown: choose " || return
	done
	refused OVERLAY=/nosuch packages && said 'OVERLAY=/nosuch is no folder' || return
	[ ! -e "$out/output" ]
}

make_inside_of_a_make_passes() {
	tool dpkg-query <<-END
		[ -e $out/inside ] || {
			echo >$out/inside
			make -C $tree packages >>$out/inside 2>&1 || exit
			make -C $tree packages O=$out/output/reproduce >>$out/inside 2>&1 || exit
			echo passed >>$out/inside
		}
		sed -n 's/^\([a-z][^ ]*\) .*/\1 installed/p' $top/configs/host-packages
	END
	accepted packages && grep -qx passed "$out/inside"
}

clean_removes_the_folder() {
	accepted "$out/output/virt-release/fragments" && [ -e "$out/output/virt-release/fragments" ] && accepted clean || return
	[ ! -e "$out/output" ] && accepted packages
}

# A guest may run for hours, and does not need what others build.
guest_leaves_the_folder_to_others() {
	mkfifo "$out/go"
	tool qemu <<-END
		echo \$\$ >$out/waits
		read -r line <$out/go
	END
	env -i PATH="$out/bin:$PATH" O="$out/output" setsid \
		"$tree/configs/scripts/lock.sh" "$out/output" /usr/bin/make -C "$tree" -o image boot BOARD_QEMU=qemu >"$out/first" 2>&1 9>&- &
	maker=$!
	until_there "$out/waits" || return
	accepted packages
	result=$?
	go_on && return "$result"
}

# rm is slow here: others would be done before it.
clean_is_over_when_others_begin() {
	tool rm <<-END
		case \$* in *$out/output*) sleep 0.3 ;; esac
		exec /bin/rm "\$@"
	END
	accepted -j4 clean "$out/output/virt-release/fragments" || return
	[ -e "$out/output/virt-release/fragments" ] || echo '# made, then removed'
	[ -e "$out/output/virt-release/fragments" ]
}

# Two output folders, one of sources: each would take away the other's download.
fetching_waits_for_another_that_fetches() {
	mkfifo "$out/go" && mkdir "$out/dl" || return
	setsid flock "$out/dl" sh -c "echo held >'$out/held'; read -r line <'$out/go'; ls '$out/dl' >'$out/seen'" 9>&- &
	maker=$!
	until_there "$out/held" || return
	tool apt-get </dev/null
	PATH="$out/bin:$PATH" "$tree/configs/scripts/fetch.sh" source "$out/dl" >"$out/log" 2>&1 3>&1 &
	fetcher=$!
	until_there "$out/log" && said "waiting for another make that fetches into $out/dl" || return
	go_on
	wait "$fetcher"
	# it went on, and came as far as tools that only seem to be let it
	[ -e "$out/seen" ] && [ ! -s "$out/seen" ] && said mm_limit:
}

# The tests inherit the lock of the make that runs them.
killed_test_leaves_nothing_running() {
	cat >"$out/staying.sh" <<-'END'
		. "$MM_TESTS/build/lib.sh"
		stays() {
			start && echo "$maker" >"$MM_OUTPUT/maker" && sleep 600
		}
		run_tests stays
	END
	mkdir "$out/inner"
	MM_TEST='*' MM_OUTPUT=$out/inner setsid sh "$out/staying.sh" >"$out/log" 2>&1 9>&- &
	maker=$!
	until_there "$out/inner/maker" || return
	stayed=$(cat "$out/inner/maker")
	kill -s TERM -- "-$maker"
	wait "$maker"
	tries=0
	while kill -s 0 -- "-$stayed" 2>/dev/null; do
		tries=$((tries + 1))
		if [ "$tries" -gt 100 ]; then
			echo "# make $stayed is still running"
			kill -s KILL -- "-$stayed"
			return 1
		fi
		sleep 0.05
	done
}

# What no trap sees: the make stays, but without the lock.
make_of_a_test_holds_no_lock_of_others() {
	exec 9>"$out/held" && flock 9 || return
	start
	result=$?
	exec 9>&-
	[ "$result" = 0 ] && flock -n "$out/held" true || result=1
	go_on && return "$result"
}

folder_that_cannot_be_written_is_named() {
	refused packages O=/proc/mm_limit && said 'cannot write to /proc/mm_limit: set O= to'
}

# Nobody else's umask decides who may read what was built.
modes_are_the_same_with_any_umask() {
	(umask 077 && accepted "$out/output/virt-release/fragments") || return
	[ "$(stat -c %a "$out/output/virt-release" "$out/output/virt-release/fragments" | tr '\n' ' ')" = '755 644 ' ] && return
	ls -lR "$out/output"
	return 1
}

run_tests second_make_is_refused_with_a_sentence next_make_begins_at_once other_folder_is_free \
	killed_make_leaves_no_lock what_a_killed_make_left_is_named stranger_with_the_same_name_is_not_named \
	what_writes_nothing_needs_no_lock what_writes_nothing_makes_no_folder make_inside_of_a_make_passes clean_removes_the_folder \
	guest_leaves_the_folder_to_others fetching_waits_for_another_that_fetches clean_is_over_when_others_begin \
	killed_test_leaves_nothing_running make_of_a_test_holds_no_lock_of_others \
	folder_that_cannot_be_written_is_named \
	modes_are_the_same_with_any_umask
