#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# equivalent.sh LIST MUTANTS: prints those of the MUTANTS (lines of mutate list)
# that LIST argues no test can notice. Each line of it is
#
#	FILE	OPERATOR	LINE BEFORE	LINE AFTER	REASON
#
# with a tab between, and * for any. FILE:LINE is for one of several lines that read the
# same. An entry that no mutant matches is an error: the source has changed, and so may
# have the reason.
set -eu

awk -F '\t' '
	FILENAME == ARGV[1] {
		if (/^#/ || $0 == "")
			next
		if (NF != 5 || $5 == "") {
			printf "%s:%d: five fields with one tab between them are expected\n", FILENAME, FNR >"/dev/stderr"
			bad = 1
			next
		}
		n++
		at[n] = FNR
		for (i = 1; i <= 4; i++)
			want[n, i] = $i
		next
	}
	{
		hit = 0
		field[1] = $2; field[2] = $4; field[3] = $5; field[4] = $6
		for (e = 1; e <= n; e++) {
			for (i = 1; i <= 4; i++)
				if (want[e, i] != "*" && want[e, i] != field[i] && (i > 1 || want[e, i] != $2 ":" $3))
					break
			if (i > 4)
				hit = used[e] = 1
		}
		if (hit)
			print
	}
	END {
		for (e = 1; e <= n; e++)
			if (!used[e]) {
				printf "%s:%d: no mutant is like that: correct the entry, or take it out\n", ARGV[1], at[e] >"/dev/stderr"
				bad = 1
			}
		exit bad
	}' "$1" "$2"
