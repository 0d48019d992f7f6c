#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# recipes.sh FILE...: what is too long in fragments of make. A line takes at most 110
# columns, with a tab every eight of them; a recipe of more than five lines is a script.
set -eu

for f; do
	expand "$f" |
		awk -v file="$f" 'length($0) > 110 { print file ":" NR ": " length($0) " columns, of 110 that may be" }'
	awk -v file="$f" '
		# A tab begins a line of a recipe, unless it goes on with a variable or a rule.
		/^\t/ && (lines || !goes_on) {
			if (++lines == 6)
				print file ":" NR ": a recipe of more than five lines: make it a script"
			next
		}
		{
			lines = 0
			goes_on = /\\$/
		}' "$f"
done
