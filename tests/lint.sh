#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lint.sh LINUX: the checks that need no build, over every file under version
# control or about to be. LINUX is the kernel's source, for its checkpatch.
set -eu

linux=$1
parts=$(dirname "$0")/lint
failed=
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

git ls-files -co --exclude-standard >"$tmp/listed" || {
	echo 'mm_limit: lint looks at the files that git lists, and git refuses (see above): run it in a checkout of your own.' >&2
	exit 1
}
while read -r f; do
	[ ! -f "$f" ] || echo "$f"
done <"$tmp/listed" >"$tmp/files"

# files REGEX: those whose name matches
files() {
	grep -E "$1" "$tmp/files" || true
}

# check NAME COMMAND...: what the command prints is what it complains about, or one line
# "skipped: " with the reason
check() {
	name=$1
	shift
	"$@" >"$tmp/out" 2>&1 || true
	if ! [ -s "$tmp/out" ]; then
		printf '%-14s ok\n' "$name"
	elif grep -q '^skipped: ' "$tmp/out"; then
		printf '%-14s %s\n' "$name" "$(cat "$tmp/out")"
	else
		printf '%-14s FAILED\n' "$name"
		sed -e 's/^/    /' -e '40q' "$tmp/out"
		failed="$failed $name"
	fi
}

# Without a GIT_DIR it leaves SPDX lines to us instead of to Python modules.
checkpatch() {
	GIT_DIR=/nonexistent perl "$linux/scripts/checkpatch.pl" --root="$linux" --strict -q --terse --show-types \
		--no-summary "$@" || true
}

kernel_files() {
	# shellcheck disable=SC2046 # names without blanks
	set -- $(files '^kernel-patches/files/.*(\.[chS]|/Kconfig|/Makefile)$' | grep -v /trace/events/)
	[ $# -eq 0 ] || checkpatch -f "$@"
	# trace events are laid out as all of the kernel's are, as data rather than code
	# shellcheck disable=SC2046
	set -- $(files '^kernel-patches/files/include/trace/events/.*\.h$')
	[ $# -eq 0 ] || checkpatch --ignore PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE -f "$@"
}

kernel_patches() {
	# shellcheck disable=SC2046
	set -- $(files '^kernel-patches/[^/]*\.patch$')
	[ $# -eq 0 ] || checkpatch "$@"
}

user_c() {
	files '^(tests|userland)/.*\.[ch]$' | xargs -r clang-format --dry-run -Werror 2>&1 | grep ': error: ' |
		sed 's/code should be clang-formatted.*/not as clang-format -i would have it/'
}

scripts() {
	while read -r f; do
		case $(head -n 2 "$f" | tr -d '\0') in
		'#!/bin/sh'* | '#!/bin/bash'* | *'# shellcheck shell='*) echo "$f" ;;
		esac
	done <"$tmp/files" | grep -v '^kernel-patches/files/' | xargs -r shellcheck -f gcc
}

# "Nd" is a macro of manual pages.
spelling() {
	files . | grep -vE '^(LICENSES/|tests/runner/fixtures/)' | xargs codespell -L damon,runn,nd,filp,inflight,cancelation,discernable
}

# Not those that have no comments, or whose bytes are recorded
spdx() {
	files . | grep -vE '\.(md|patch)$|^(LICENSES/|COPYING$|tests/runner/fixtures/|\.checkpatch\.conf$)' |
		grep -vE '^rootfs/overlay/etc/(passwd|group|hostname|motd)$' | while read -r f; do
		head -n 5 "$f" | grep -q 'SPDX-License-Identifier: ' ||
			echo "$f: no SPDX-License-Identifier in its first lines"
	done
}

top_level() {
	sed 's,/.*,,' "$tmp/files" | sort -u |
		grep -vxE 'board|configs|kernel-patches|rootfs|tests|userland|Makefile|README\.md|LICENSES|COPYING|\..*' |
		sed 's/$/: does not belong on the top level/'
}

# Files that a person can still take in: about 500 lines
length() {
	files '\.(c|h|sh|mk)$' | xargs wc -l |
		awk -v most=520 '$2 != "total" && $1 > most { print $2 ": " $1 " lines, of " most " that may be" }'
}

floors() {
	"$parts/floors.sh" >"$tmp/floors" || cat "$tmp/floors"
}

includes() {
	files '^userland/.*\.[ch]$' | xargs -r "$parts/includes.sh"
}

recipes() {
	files '(\.mk|^Makefile)$' | xargs -r "$parts/recipes.sh"
}

# Not those that other people have written, or that have the words themselves
words() {
	files . | grep -vE '^(LICENSES/|\.clang-format$|tests/runner/fixtures/|tests/(lint/words|build/lint)\.sh$)' |
		xargs -r "$parts/words.sh"
}

# Older commits were not held to this form.
commits() {
	"$parts/commits.sh" 19f04f323752e2d6ccc3458578ccfbafa67d016c
}

# kernel-doc comments, and what the documentation takes of them
kernel_doc() {
	files '^kernel-patches/files/.*\.[ch]$' | xargs -r "$linux/scripts/kernel-doc" -none
	files '^kernel-patches/files/Documentation/.*\.rst$' | xargs -r "$parts/documentation.sh" "$linux"
}

# The documentation's suites are those that there are.
suites() {
	files '\.(md|rst)$' | xargs -r "$parts/suites.sh" tests/suites.conf tests/bench/*.conf --
}

check checkpatch kernel_files
check patches kernel_patches
check clang-format user_c
check shellcheck scripts
check codespell spelling
check SPDX spdx
check top-level top_level
check length length
check floors floors
check includes includes
check recipes recipes
check words words
check commits commits
check kernel-doc kernel_doc
check suites suites

if [ -n "$failed" ]; then
	echo "mm_limit: lint complains:$failed; see above." >&2
	exit 1
fi
