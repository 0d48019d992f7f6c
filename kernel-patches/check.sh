#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh RECORD STATE QUEUE: is STATE/source exactly Debian's source plus QUEUE,
# and is QUEUE in order? Unpacks and patches afresh beside it, and compares.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
record=$1
state=$2
queue=$(cd "$3" && pwd)
fresh=$state.check

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

for p in "$queue"/*.patch; do
	[ -e "$p" ] || break
	for header in From: Date: Subject: Signed-off-by:; do
		grep -q "^$header " "$p" || die "$(basename "$p") has no $header line."
	done
	! grep -q '^new file mode' "$p" ||
		die "$(basename "$p") adds a file: new files go to $queue/files."
	! grep -q '^deleted file mode' "$p" || die "$(basename "$p") deletes a file of the kernel."
done

"$here/unpack.sh" "$record" "$fresh"
"$here/patch.sh" "$fresh" "$queue"
"$here/link.sh" "$fresh" "$queue"

if ! diff -r -q --no-dereference --exclude=.git "$fresh/source" "$state/source"; then
	die "$state/source is not what $queue makes of Debian's source: run 'make linux-refresh' (after linux-edit), or delete $state."
fi
