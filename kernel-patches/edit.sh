#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The patch queue as git commits, and back.
#
#	edit.sh edit STATE QUEUE	STATE/source becomes a git tree: Debian's source is
#					the tag "base", each patch a commit on top
#	edit.sh refresh STATE QUEUE	the commits above "base" become QUEUE/*.patch
#	edit.sh unchanged STATE		fails when the tree holds what no patch has
#	edit.sh series STATE QUEUE DIR	all of it, files/ included, as mails in DIR
#
# The links to QUEUE/files are no part of that git: they are our own files already.
set -eu

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

verb=$1
state=$(cd "$2" 2>/dev/null && pwd) || die "There is no kernel tree in $2 yet: run 'make linux-edit' first."
source=$state/source
here=$(cd "$(dirname "$0")" && pwd)

# A git hook that runs make must not have us write to its repository.
# shellcheck disable=SC2046 # names of variables
unset $(git rev-parse --local-env-vars)

# git as we need it, whatever the user's settings are
plain_git() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git -C "$source" \
		-c user.name=mm_limit -c user.email=mm_limit@localhost -c gc.auto=0 -c advice.detachedHead=false "$@"
}

# Byte for byte the same patches on every machine
format_patch() {
	plain_git -c core.abbrev=9 format-patch -q --zero-commit --no-signature --no-renames --diff-algorithm=myers "$@"
}

import() {
	for p in "$queue"/*.patch; do
		[ -e "$p" ] || break
		plain_git am -q --committer-date-is-author-date "$p" ||
			die "$(basename "$p") is no mail that 'git am' takes: give it From, Date, Subject and a message."
	done
}

dirty() {
	[ -n "$(plain_git status --porcelain)" ] || [ -d "$source/.git/rebase-merge" ] || [ -d "$source/.git/rebase-apply" ]
}

edit() {
	if [ -d "$source/.git" ]; then
		echo "$source is under linux-edit already."
		return
	fi

	# Files that end as they began keep their times, so that nothing is rebuilt.
	rm -rf "$state/keep"
	mkdir "$state/keep" "$state/keep/queue"
	(cd "$source" && tar -cf - -T "$state/touched") | tar -xf - -C "$state/keep"
	"$here/patch.sh" "$state" "$state/keep/queue"
	"$here/link.sh" "$state" "$state/keep/queue"

	plain_git init -q -b mm_limit
	echo "Making $source a git tree; this takes half a minute."
	# everything into one pack instead of 85,000 loose objects
	plain_git -c core.bigFileThreshold=1 -c core.compression=1 add -A -f
	plain_git commit -q -m "linux-source: as Debian ships it" --date=2025-01-01T00:00:00Z
	plain_git tag base
	import
	plain_git checkout -q base
	mv "$source/.git" "$state/keep/git"
	"$here/patch.sh" "$state" "$queue"
	mv "$state/keep/git" "$source/.git"
	plain_git symbolic-ref HEAD refs/heads/mm_limit
	plain_git reset -q
	"$here/link.sh" "$state" "$queue"
	(cd "$state/keep" && find . -path ./queue -prune -o -path ./git -prune -o -type f -print) | while read -r f; do
		if cmp -s "$state/keep/$f" "$source/$f"; then
			touch -r "$state/keep/$f" "$source/$f"
		fi
	done
	rm -rf "$state/keep"
	! dirty || die "The queue as git commits is not what patch made of it: a bug in kernel-patches/edit.sh."
	plain_git update-ref refs/mm_limit/written HEAD
	"$here/times.sh" record "$state"

	cat <<-END
		$source is a git tree: one commit for each patch, on top of the tag "base".
		Change, amend, rebase, add commits there, then run 'make linux-refresh'.
		New files go to $queue/files instead.
	END
}

refresh() {
	[ -d "$source/.git" ] || die "The kernel tree is not under edit: run 'make linux-edit' first."
	! dirty || die "$source has changes that are not committed: commit or drop them, then run 'make linux-refresh' again."

	rm -rf "$state/new"
	format_patch -N -o "$state/new" base..HEAD
	for p in "$queue"/*.patch; do
		[ -e "$p" ] || break
		if ! [ -e "$state/new/${p##*/}" ]; then
			echo "- ${p##*/}"
			rm "$p"
		fi
	done
	for p in "$state/new"/*.patch; do
		[ -e "$p" ] || break
		if ! cmp -s "$p" "$queue/${p##*/}"; then
			echo "+ ${p##*/}"
			cp "$p" "$queue/"
		fi
	done
	rm -rf "$state/new"

	# patch.sh must be able to take it back.
	plain_git diff --name-only --no-renames base HEAD | sort >"$state/touched"
	while read -r f; do
		if ! [ -f "$state/orig/$f" ] && plain_git cat-file -e "base:$f" 2>/dev/null; then
			mkdir -p "$state/orig/$(dirname "$f")"
			plain_git show "base:$f" >"$state/orig/$f"
		fi
	done <"$state/touched"
	plain_git update-ref refs/mm_limit/written HEAD
	"$here/../configs/scripts/record.sh" "$state/patches" "$queue"/*.patch
	touch "$state/patched"
	echo "$queue has the tree's $(plain_git rev-list --count base..HEAD) commits."
}

# A small repository will do: only the files that patches name.
series() {
	dir=$1
	[ -f "$state/touched" ] || die "There is no patch to make a series of."
	source=$state/series
	rm -rf "$source" "$dir"
	mkdir -p "$source"
	(cd "$state/orig" && tar -cf - -T "$state/touched") | tar -xf - -C "$source"
	plain_git init -q -b mm_limit
	plain_git add -A -f
	plain_git commit -q -m base
	plain_git tag base
	if [ -d "$queue/files" ]; then
		cp -r "$queue/files/." "$source/"
		plain_git add -A -f
		me="$(git config user.name || id -un) <$(git config user.email || echo "$(id -un)@localhost")>"
		plain_git commit -q --author="$me" -m "mm: add the files of per-user memory limits

What is new, not yet built; the patches that follow hook it in.

Signed-off-by: $me"
	fi
	import
	format_patch -n --cover-letter --thread=shallow -o "$dir" base..HEAD
	rm -rf "$source"
	echo "$dir has the series, $(find "$dir" -name '*.patch' | wc -l) mails: fill in the cover letter."
}

case $verb in
unchanged)
	if dirty || [ "$(plain_git rev-parse HEAD)" != "$(plain_git rev-parse refs/mm_limit/written)" ]; then
		die "$source has edits that are in no patch: run 'make linux-refresh' to keep them, or delete $state to drop them."
	fi
	;;
edit | refresh | series)
	queue=$(cd "$3" && pwd)
	shift 3
	"$verb" "$@"
	;;
*)
	die "usage: edit.sh edit|refresh|unchanged|series STATE [QUEUE [DIR]]"
	;;
esac
