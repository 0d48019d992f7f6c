#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# words.sh FILE...: words of a private dialect where the field, or English, has one. A
# line of the table below is a pattern of grep -iE, a tab, and what to say instead. It
# has only words that mean nothing else here. What a patch finds in a file is not ours.
set -eu

table=$(mktemp)
trap 'rm -f "$table"' EXIT
cat >"$table" <<-'END'
	(^|[^a-z])gate(s|d)?([^a-z]|$)	freeze, frozen
	(^|[^a-z])(an|each|every|next|one|the|this) exceed([^a-z.]|$)	a breach
	(^|[^a-z])at the most([^a-z]|$)	at most
	(^|[^a-z])whose-?ever([^a-z]|$)	of any owner
	(^|[^a-z])look_again([^a-z]|$)	queue_enforcement
END

# ours FILE: its lines, but in a patch those that it has found are empty
ours() {
	case $1 in
	*.patch) sed 's/^[ @-].*//' "$1" ;;
	*) cat "$1" ;;
	esac
}

for file; do
	while IFS='	' read -r stood say; do
		ours "$file" | grep -noiE -e "$stood" | sed "s|.*|$file:&: say $say|" || true
	done <"$table"
done
