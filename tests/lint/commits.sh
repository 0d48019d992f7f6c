#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# commits.sh BASE: what is wrong with the messages of the commits since BASE. A subject
# begins with folders or subsystems, as in "mm/mm_limit: charge page tables", and takes
# at most 75 characters; a body gives the reason. Merges have neither prefix nor body.
# Says "skipped: " and why where these commits cannot be seen.
set -eu

base=$1

git rev-parse --git-dir >/dev/null 2>&1 || {
	echo "skipped: this is no git repository"
	exit
}
git merge-base --is-ancestor "$base" HEAD 2>/dev/null || {
	echo "skipped: the history does not go back to $base, as in a shallow clone"
	exit
}

# is_place COMMIT NAME: did a folder or file of the name exist, after the commit or before it?
is_place() {
	case $2 in
	libmmlimit) set -- "$1" userland/lib ;;
	'' | *[!A-Za-z0-9_./-]*) return 1 ;;
	esac
	ours=kernel-patches/files
	for place in "$2" "$2.md" "$2.sh" ".$2" "userland/$2" "tests/$2" \
		"$ours/$2" "$ours/$2.c" "$ours/mm/$2" "$ours/mm/$2.c" "$ours/kernel/$2"; do
		! git cat-file -e "$1:$place" 2>/dev/null || return 0
		! git cat-file -e "$1^:$place" 2>/dev/null || return 0
	done
	return 1
}

# prefix COMMIT SUBJECT
prefix() {
	case $2 in
	*': '*) ;;
	*)
		echo "the subject begins with no folder or subsystem"
		return
		;;
	esac
	echo "${2%%: *}" | sed 's/, */\n/g' | while read -r name; do
		is_place "$1" "$name" || echo "'$name' is neither a folder nor a subsystem"
	done
}

# message COMMIT SUBJECT: of one that is no merge
message() {
	# git words these itself
	[ "${2#Revert \"}" = "$2" ] || return 0
	prefix "$1" "$2"
	[ "$(printf %s "$2" | wc -m)" -le 75 ] || echo "the subject takes more than 75 characters"
	git log -1 --format=%b "$1" | grep -vE '^[A-Za-z-]+-by: ' | grep -q '[[:alpha:]]' ||
		echo "there is no body with the reason"
}

git log --reverse --format='%H %p' "$base..HEAD" | while read -r commit _ merged; do
	subject=$(git log -1 --format=%s "$commit")
	if [ -z "$merged" ]; then
		message "$commit" "$subject"
	else
		case $subject in *' of /'*) echo "the subject names a folder of some machine" ;; esac
	fi | sed "s|^|$(git log -1 --format=%h "$commit"): |"
done
