#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Times of the files of a tree under linux-edit, where git gives a new one to
# every file that it writes, be it with the same content. kbuild goes by times.
#
#	times.sh restore STATE			files with the content that the last
#						build saw get their times back
#	times.sh record STATE			a build has seen what is there
#	times.sh around STATE COMMAND...	a build: both, and COMMAND in between
#
# STATE/times has "time sha256 name" of each file that is newer than
# STATE/unpacked or was, "0 - name" if it is gone. What it does not name is as
# Debian has it, and always was.
set -eu

verb=$1
state=$(cd "$2" && pwd)
source=$state/source
shift 2

git_files() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git -C "$source" "$@"
}

# newer STAMP: the files that were written since. Links are to files of ours,
# which nobody but an editor writes.
newer() {
	(cd "$source" && find . -name .git -prune -o -type f -newer "$1" -print | sed 's,^\./,,')
}

# An editor or cp may have kept an old time: git finds by content.
changed() {
	git_files diff --name-only --no-renames base
	git_files ls-files -o --exclude-standard
}

recorded() {
	[ ! -f "$state/times" ] || cut -d ' ' -f 3- "$state/times"
}

record() {
	{
		recorded
		newer "$state/unpacked"
		changed
	} | sort -u | while read -r f; do
		if [ -f "$source/$f" ]; then
			echo "$(stat -c %.9Y "$source/$f") $(sha256sum <"$source/$f" | cut -d ' ' -f 1) $f"
		else
			echo "0 - $f"
		fi
	done >"$state/times.new"
	mv "$state/times.new" "$state/times"
}

restore() {
	[ -f "$state/times" ] || return 0
	{
		recorded
		changed
	} | sort -u >"$state/times.known"
	newer "$state/times" | sort | comm -23 - "$state/times.known" | while read -r f; do
		touch -r "$state/unpacked" "$source/$f"
	done
	rm "$state/times.known"
	while read -r time sum f; do
		if [ -f "$source/$f" ] && [ "$(sha256sum <"$source/$f")" = "$sum  -" ]; then
			touch -d "@$time" "$source/$f"
		fi
	done <"$state/times"
}

case $verb in
restore | record)
	[ ! -d "$source/.git" ] || "$verb"
	;;
around)
	restore
	# The build may or may not see what changes while it lasts, so nothing is
	# known until its end, also when it is killed.
	[ ! -f "$state/times" ] || mv "$state/times" "$state/times.before"
	status=0
	trap : INT TERM HUP
	"$@" || status=$?
	[ ! -f "$state/times.before" ] || mv "$state/times.before" "$state/times"
	record
	exit $status
	;;
*)
	echo "mm_limit: usage: times.sh restore|record STATE, or around STATE COMMAND..." >&2
	exit 1
	;;
esac
