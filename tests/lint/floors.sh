#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# floors.sh [FOLDER]: which file of mm/mm_limit calls which others, and what. The map
# in internal.h lists the files from the ground up; a call of something further up is
# marked UP, and counted. Fails if there are more than those that are known.
set -eu

folder=${1:-$(dirname "$0")/../../kernel-patches/files/mm/mm_limit}
# the bells of account.c (a charge crosses a limit or a threshold), and three more
most=5

cd "$folder"
awk -v most=$most '
	# the map, up to the first line of code
	FILENAME == "internal.h" {
		if (!mapped && match($0, /[a-z]+\.c\t/))
			floor[substr($0, RSTART, RLENGTH - 1)] = ++floors
		mapped = mapped || /^#ifndef/
		next
	}
	FNR == 1 {
		file = substr(FILENAME, 3)
		nr_files++
		comment = 0
		if (!(file in floor)) {
			print file ": internal.h has no place for it in its map"
			unknown = 1
		}
	}
	{
		line = $0
		if (line ~ /^\/\*/) comment = 1
		if (comment) {
			if (line ~ /\*\//) comment = 0
			next
		}
		gsub(/\/\*.*\*\//, "", line)
		gsub(/"[^"]*"/, "", line)
		# what is defined here: a function or a variable at the left margin
		if (line ~ /^[a-z]/ && line !~ /^(static|extern|struct [a-z_]+ \{|enum [a-z_]+ \{)/) {
			if (match(line, /[a-z_]+\(/))
				home[substr(line, RSTART, RLENGTH - 1)] = file
			else if (match(line, /[a-z_]+( =|;|\[)/))
				home[substr(line, RSTART, RLENGTH - (substr(line, RSTART + RLENGTH - 2, 2) == " =" ? 2 : 1))] = file
		}
		while (match(line, /_*mm_limit_[a-z_]+/)) {
			used[file, substr(line, RSTART, RLENGTH)] = 1
			line = substr(line, RSTART + RLENGTH)
		}
	}
	END {
		for (key in used) {
			split(key, part, SUBSEP)
			if ((part[2] in home) && home[part[2]] != part[1])
				names[part[1], home[part[2]]] = names[part[1], home[part[2]]] " " part[2]
		}
		for (key in names) {
			split(key, part, SUBSEP)
			up = floor[part[2]] > floor[part[1]]
			ups += up ? split(names[key], unused, " ") : 0
			printf "%02d %s %s -> %s:%s\n", floor[part[1]], up ? "UP" : "  ", part[1], part[2], names[key] | "sort"
		}
		close("sort")
		printf "%d files, %d calls upward, of %d that may be\n", nr_files, ups, most
		exit unknown || ups > most
	}' internal.h ./*.c
