#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# includes.sh FILE...: programs of userland/ that include a header of another one. A file
# of userland/PROGRAM may include what is in its own folder and in those that all share.
set -eu

shared='common lib'

# found_in FOLDER HEADER: the folder of userland/ that an include means, as the compiler looks
found_in() {
	for folder in "$1" $shared; do
		[ -f "userland/$folder/$2" ] || continue
		realpath --relative-to=userland "$(dirname "userland/$folder/$2")"
		return
	done
}

for f; do
	own=${f#userland/}
	own=${own%%/*}
	sed -n 's/^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*"\([^"]*\)".*/\1/p' "$f" | while read -r header; do
		folder=$(found_in "$own" "$header")
		case " $own $shared " in
		*" ${folder:-none} "*)
			[ "$header" != internal.h ] || [ "$folder" = "$own" ] ||
				echo "$f: includes internal.h of userland/$folder, which is not for others"
			;;
		*) echo "$f: includes $header${folder:+ of userland/$folder}: only its own headers and those of $shared are for it" ;;
		esac
	done
done
