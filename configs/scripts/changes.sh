#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# changes.sh BUILD FRAGMENT MAKE...: writes to FRAGMENT how BUILD/.config differs
# from what the fragments gave (merged.config), as the fewest options that say it;
# no FRAGMENT when there is no difference.
set -eu

build=$1
fragment=$2
shift 2

cp "$build/.config" "$build/edited.config"
"$@" -s savedefconfig
mv "$build/defconfig" "$build/edited.defconfig"
cp "$build/merged.config" "$build/.config"
"$@" -s savedefconfig
mv "$build/defconfig" "$build/merged.defconfig"
cp "$build/edited.config" "$build/.config"

# option and line, "is not set" included
options() {
	sed -n -E 's/^(# )?(CONFIG_[A-Za-z0-9_]+).*/\2 &/p' "$1" | sort
}

options "$build/edited.defconfig" >"$build/edited.options"
options "$build/merged.defconfig" >"$build/merged.options"

# What only the fragments' configuration names is what the edited one says of it.
{
	comm -23 "$build/edited.options" "$build/merged.options" | cut -d ' ' -f 2-
	comm -13 "$build/edited.options" "$build/merged.options" | cut -d ' ' -f 1 | while read -r o; do
		grep -E "^(# )?$o( is not set|=)" "$build/edited.config" || echo "# $o is not set"
	done
} | sort -u >"$build/changes"

if [ -s "$build/changes" ]; then
	{
		echo "# SPDX-License-Identifier: GPL-2.0-only"
		cat "$build/changes"
	} >"$fragment"
	echo "Differences to the fragments are in $fragment, which this build now uses:"
	cat "$build/changes"
	echo "Move what is to stay to the fragment it belongs to, in configs/ or board/."
else
	rm -f "$fragment"
	echo "The configuration is what the fragments say."
fi
