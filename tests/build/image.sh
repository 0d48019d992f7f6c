#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests the image that was built: what is in its initramfs, by cpio's account, and
# what a boot adds to it: somebody's files, the size of the terminal. Prints TAP;
# the runner of `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

: "${MM_QEMU_KERNEL:?}"
# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"
rootfs=$(sed -n '/^-initrd$/{n;p}' "$MM_QEMU_KERNEL")

# list FILE: "mode owner name [-> target]" of each entry, devices with their numbers
list() {
	gzip -dc "$1" | cpio -itv --numeric-uid-gid --quiet 2>/dev/null |
		awk '{
			device = $1 ~ /^[bc]/
			name = device ? $10 : $9
			numbers = device ? $5 $6 " " : ""
			link = $1 ~ /^l/ ? " -> " $NF : ""
			print $1, $3 ":" $4, numbers name link
		}' | sort -k 3
}

# What is meant, from the lists and folders that say so, in the same form
meant() {
	awk '
	function bits(m, s,   i, r, d) {
		for (i = length(m) - 2; i <= length(m); i++) {
			d = substr(m, i, 1)
			r = r (d >= 4 ? "r" : "-") (d % 4 >= 2 ? "w" : "-") (d % 2 ? "x" : "-")
		}
		# sticky
		if (length(m) == 5 && substr(m, 2, 1) == 1)
			r = substr(r, 1, 8) "t"
		return r
	}
	/^#/ { next }
	$1 == "dir" { print "d" bits($3), $4 ":" $5, substr($2, 2) }
	$1 == "nod" { print $6 bits($3), $4 ":" $5, $7 "," $8, substr($2, 2) }
	$1 == "slink" { print "lrwxrwxrwx", $5 ":" $6, substr($2, 2), "->", $3 }' "$tree/rootfs/devices.list"
	sed -n -e 's,^/\(bin/.*\),lrwxrwxrwx 0:0 \1 -> busybox,p' \
		-e 's,^/\(sbin/.*\),lrwxrwxrwx 0:0 \1 -> ../bin/busybox,p' "$tree/rootfs/applets"
	for f in bin/busybox lib/ld-linux.so.3 lib/libc.so.6; do
		echo "-rwxr-xr-x 0:0 $f"
	done
	(cd "$tree/rootfs/overlay" && find . -type f -perm -u+x -printf '-rwxr-xr-x 0:0 %P\n' -o -type f -printf '-rw-r--r-- 0:0 %P\n')
	for f in $programs; do
		echo "-rwxr-xr-x 0:0 $f"
	done
	for f in $modules; do
		echo "-rw-r--r-- 0:0 lib/modules/$f"
	done
}

# programs: what the makefiles say that is to be there, for this kernel
programs_of() {
	# shellcheck disable=SC2016 # make's variables
	printf 'include Makefile\nprograms:\n\t@echo $(TARGET_PROGRAMS:$(TARGET)/root/%%=%%)\n' >"$out/programs.mk"
	programs=$(env -i PATH="$PATH" BUILD_LOCK="$out/output" O="$out/output" KERNEL="${MM_KERNEL:-release}" \
		make -s -C "$tree" -f "$out/programs.mk" programs) && [ -n "$programs" ]
}

image_has_what_is_meant_and_nothing_else() {
	programs_of || return
	modules=$(list "$rootfs" | sed -n 's,.* lib/modules/\(.*\.ko\)$,\1,p')
	meant | sort -k 3 >"$out/meant"
	list "$rootfs" >"$out/is"
	[ "$(wc -l <"$out/is")" -gt 100 ] && diff "$out/meant" "$out/is"
}

# Times, too, would make images differ.
image_has_one_time() {
	[ "$(gzip -dc "$rootfs" | TZ=UTC cpio -itv --quiet 2>/dev/null | awk '{ n = /^[bc]/ ? 7 : 6; print $n, $(n + 1), $(n + 2) }' |
		sort -u)" = 'Jan 1 2025' ]
}

# The kernel takes the last file of a name.
overlay_follows_the_image() {
	mkdir -p "$out/mine/etc" "$out/mine/root" "$out/mine/opt/a" && echo mine >"$out/mine/etc/hostname" &&
		echo mine >"$out/mine/opt/a/b c" && ln -s /tmp "$out/mine/opt/link" || return
	chmod 700 "$out/mine/etc" "$out/mine/opt/a"
	chmod 755 "$out/mine/root"
	chmod 640 "$out/mine/etc/hostname"
	cp "$rootfs" "$out/rootfs" && "$tree/board/mkoverlay.sh" "$out/mine" "$out/rootfs" "$folders" "$out/new/rootfs" || return
	cmp "$rootfs" "$out/rootfs" || return
	size=$(wc -c <"$rootfs")
	head -c "$size" "$out/new/rootfs" | cmp - "$rootfs" || return
	tail -c "+$((size + 1))" "$out/new/rootfs" >"$out/second"
	gzip -dc "$out/second" | cpio -itv --numeric-uid-gid --quiet | awk '{ print $1, $3 ":" $4, $9, $10, $11 }' | sed 's/ *$//' >"$out/is"
	# the image's own folders, etc and root, stay as they are there
	diff - "$out/is" <<-END
		-rw-r----- 0:0 etc/hostname
		drwxr-xr-x 0:0 opt
		drwx------ 0:0 opt/a
		-rw-r--r-- 0:0 opt/a/b c
		lrwxrwxrwx 0:0 opt/link -> /tmp
	END
}

# cpio takes names by lines.
overlay_that_cannot_be_packed_is_an_error() {
	mkdir -p "$out/mine" && echo >"$out/mine/$(printf 'a\nb')" || return
	! "$tree/board/mkoverlay.sh" "$out/mine" "$rootfs" "$folders" "$out/new" >"$out/log" 2>&1 && said 'cannot be packed' && [ ! -e "$out/new" ]
}

# on_terminal SIZE COMMAND: runs it on a terminal of this size
on_terminal() {
	script -qec "stty $1; $2" "$out/typescript" >/dev/null </dev/null
}

size_of_the_terminal_is_told() {
	reason='there are no pseudo-terminals: /dev/pts is not mounted'
	script -qc true /dev/null >/dev/null 2>&1 || return 77
	on_terminal 'rows 33 cols 101' "'$tree/board/terminal.sh' >'$out/size'" && [ "$(cat "$out/size")" = MM_TERMINAL=33x101 ] &&
		on_terminal 'rows 0 cols 0' "'$tree/board/terminal.sh' >'$out/size'" && [ ! -s "$out/size" ] &&
		"$tree/board/terminal.sh" </dev/null >"$out/size" && [ ! -s "$out/size" ]
}

# One boot shows both: the shell asks its terminal, and reads a file brought along. The
# test plays the terminal that resize asks, with another size.
boot_has_terminal_and_files() {
	mkdir -p "$out/mine/etc/init.d" "$out/mine/usr/bin" || return
	cat >"$out/mine/etc/inittab" <<-'END'
		::sysinit:/etc/init.d/rcS
		::once:/usr/bin/mine
	END
	cat >"$out/mine/usr/bin/mine" <<-'END'
		#!/bin/sh
		exec <>/dev/console >&0 2>&0
		echo "size $(stty size)"
		resize
		echo "resized $(stty size)"
		ls -ld /etc /usr/bin/mine
		poweroff -f
	END
	chmod 755 "$out/mine/usr/bin/mine"
	"$tree/board/mkoverlay.sh" "$out/mine" "$rootfs" "$folders" "$out/initrd" || return
	mkfifo "$out/keys" || return
	sed -e "s|^$rootfs\$|$out/initrd|" -e '$s/$/ loglevel=3 MM_TERMINAL=33x101/' "$MM_QEMU_KERNEL" >"$out/args"
	set --
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <"$out/args"
	: >"$out/console"
	setsid timeout $((120 * ${MM_SLOWDOWN:-1})) "$@" <"$out/keys" >"$out/console" 2>&1 &
	maker=$!
	trap '' PIPE
	exec 8>"$out/keys"
	while ! grep -q "$(printf '\033\\[6n')" "$out/console" && kill -0 "$maker" 2>/dev/null; do
		sleep 0.05
	done
	printf '\033[44;55R' >&8
	wait "$maker"
	exec 8>&-
	tr -d '\r' <"$out/console" >"$out/log"
	said 'size 33 101' && said 'resized 44 55' && said '-rwxr-xr-x    1 root     root' && said 'drwxr-xr-x' && said '/usr/bin/mine'
}

folders=$(dirname "$MM_QEMU_KERNEL")/rootfs/list
run_tests image_has_what_is_meant_and_nothing_else image_has_one_time overlay_follows_the_image \
	overlay_that_cannot_be_packed_is_an_error size_of_the_terminal_is_told boot_has_terminal_and_files
