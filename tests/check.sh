#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh RUNNER OPTION...: runs the runner, and tells it for its reports what it
# cannot know: which sources, which compiler, which of make's variables differ
# from their defaults. In the environment: DEFAULTS, as NAME=VALUE words; MM_MAKE_NAME,
# what was typed; MANIFEST, the image's.
set -eu

runner=$1
shift

fact() {
	[ -z "$2" ] || printf -- '%s=%s\n' "$1" "$2"
}

# manifest SECTION LINE: a line of a section that a "# ..." line begins
manifest() {
	sed -n "/^# $1/,/^# /{/^#/d;p;}" "$MANIFEST" | sed -n "$2p"
}

commit() {
	commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || return 0
	[ -z "$(git status --porcelain 2>/dev/null | head -n 1)" ] || commit="$commit, with changes"
	echo "$commit"
}

patches() {
	folder=${MM_MAKE_PATCHES:-kernel-patches}
	count=$(find "$folder/" -maxdepth 1 -name '*.patch' | wc -l)
	echo "$folder: $count patches"
}

facts() {
	fact date "$(date -u '+%Y-%m-%d %H:%M:%S UTC')"
	fact commit "$(commit)"
	fact patches "$(patches)"
	fact kernel_version "$(manifest kernel 1 | cut -d' ' -f2)"
	fact compiler "$(manifest tools 1)"
	fact qemu "$(manifest tools 2)"
	fact host "$(uname -srm), $(getconf _NPROCESSORS_ONLN) CPUs"
}

# The values may hold anything, so each becomes an argument on its own.
while IFS= read -r line; do
	set -- "$@" --fact "$line"
done <<END
$(facts)
END

value=
for default in $DEFAULTS; do
	name=${default%%=*}
	eval "value=\${MM_MAKE_$name-}"
	# what is set to nothing is as good as not set
	[ -z "$value" ] || [ "$value" = "${default#*=}" ] || set -- "$@" --make "$name=$value"
done

MM_CROSS_COMPILE=$MM_MAKE_CROSS_COMPILE
export MM_CROSS_COMPILE
for name in $(env | sed -n 's/^\(MM_MAKE_[A-Z_]*\)=.*/\1/p'); do
	unset "$name"
done
exec "$runner" "$@"
