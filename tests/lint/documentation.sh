#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# documentation.sh LINUX FILE...: what the documentation says of the kernel code that is
# not there: sources that a "kernel-doc::" takes nothing from, and names of ours that no
# source below kernel-patches has.
set -eu

linux=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

directives() {
	sed -n 's/^\.\. kernel-doc:: *//p' "$1" | while read -r source; do
		if [ -f "$linux/$source" ]; then
			(cd "$linux" && scripts/kernel-doc -rst "$source" 2>&1 >/dev/null) |
				grep -v 'Sphinx version' || true
		else
			echo "kernel-doc:: $source: there is no such source"
		fi
	done
}

# words of our sources, and "structure.member" of those that the headers have
git grep -hoE '[A-Za-z_][A-Za-z0-9_]*' -- kernel-patches ':!*.rst' ':!*.md' | sort -u >"$tmp/known"
# shellcheck disable=SC2016 # a program of awk
git ls-files kernel-patches | grep '\.h$' | xargs -r awk '
	/^struct [a-z_]+ {/ { structure = $2; next }
	/^}/ { structure = "" }
	structure && match($0, /[a-z_]+(\[.*\])?;/) { print structure "." substr($0, RSTART, RLENGTH - 1) }' >>"$tmp/known"

# Of "structure.member.member" the first two are looked at.
names() {
	# shellcheck disable=SC2016 # quotes of the documentation
	grep -oE '``[A-Za-z_.]+(\(\))?``' "$1" | tr -d '`()' |
		sed -E 's/^(vm\.|CONFIG_)//; s/^([^.]*\.[^.]*)\..*/\1/' |
		grep -E '^_*(mm_limit|MM_LIMIT|oom_candidates|OOM_CANDIDATES|taskmonitor_|TASKMONITOR)' | sort -u |
		grep -vxFf "$tmp/known" | sed 's/$/: no source of ours has this name/' || true
}

for f; do
	{
		directives "$f"
		names "$f"
	} | sed "s|^|$f: |"
done
