#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh N SEED FILE ONLY: tries N mutants, in the order that SEED gives, of the
# kernel code; of the files FILE alone, and of the mutants whose ids match one of the globs ONLY.
# Its environment says where things are (mutants.mk). In MM_MUTANTS are
#
#	results.tsv	one line a mutant that was tried: id, file, line, operator,
#			line before, line after, verdict, suite, test, seconds
#	plan		those of this run, in their order
#	baseline	suites that pass without any change, and their seconds
#	worker1, 2	what each worker builds and boots
#
# Results stay: a run that ended early, or one of more mutants, goes on from them.
set -euf

here=$(cd "$(dirname "$0")" && pwd)
count=$1
seed=${2:-1}
file=$3
only=${4:-*}
files=$here/../../kernel-patches/files
workers=2

export MM_HERE="$here"

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

case $count$seed in
*[!0-9]* | '') die "N=$count or SEED=$seed is not a number." ;;
esac
[ -f "$MM_COVERAGE/total.info" ] ||
	die "There is no $MM_COVERAGE/*.info, which says what suites execute: run 'make coverage' first."

mkdir -p "$MM_MUTANTS"
touch "$MM_MUTANTS/results.tsv"

#
# The plan. Lock assertions say nothing on a kernel without lockdep, and KUnit tests are
# tests; the others that nothing can notice are in the file equivalent.
#
sources=$(cd "$files" && find mm kernel/taskmonitor -name '*.c' ! -path '*/tests/*' | sort)
# shellcheck disable=SC2086 # a list of names
"$MM_MUTATE" list --seed "$seed" --root "$files" $sources | awk -F '\t' '$4 != "assertion" && $2 !~ /_kunit\.c$/' >"$MM_MUTANTS/all"
"$here/equivalent.sh" "$here/equivalent" "$MM_MUTANTS/all" >"$MM_MUTANTS/equivalent"
awk -F '\t' -v file="$file" '
	function glob(g) {
		gsub(/[.+()|^$\\]/, "\\\\&", g)
		gsub(/\*/, ".*", g)
		gsub(/\?/, ".", g)
		return "^(.*/)?" g "$"
	}
	file == "" || $2 ~ glob(file)' "$MM_MUTANTS/all" | while IFS= read -r mutant; do
	for glob in $only; do
		# shellcheck disable=SC2254 # a glob it is
		case ${mutant%%	*} in
		$glob)
			printf '%s\n' "$mutant"
			break
			;;
		esac
	done
done | head -n "$count" >"$MM_MUTANTS/plan"
[ -s "$MM_MUTANTS/plan" ] || die "No mutant matches FILE=$file ONLY=$only: 'mutate list' shows ids."

# not those that are known
awk -F '\t' '
	FILENAME == ARGV[1] { done[$1, $5, $6] = 1; next }
	FILENAME == ARGV[2] { done[$1, $5, $6] = 1; next }
	!(($1, $5, $6) in done)' "$MM_MUTANTS/results.tsv" "$MM_MUTANTS/equivalent" "$MM_MUTANTS/plan" \
	>"$MM_MUTANTS/queue"
echo "$(wc -l <"$MM_MUTANTS/plan") mutants, $(wc -l <"$MM_MUTANTS/queue") of them to try."

#
# The workers take from the queue in turn. Stopped, they stop what they started.
#
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null || :; done; wait; exit 130' INT TERM
if [ -s "$MM_MUTANTS/queue" ]; then
	"$here/prepare.sh" "$workers" || exit 1
	echo 0 >"$MM_MUTANTS/taken"
	date +%s >"$MM_MUTANTS/began"
	for w in $(seq "$workers"); do
		"$here/worker.sh" "$w" &
		pids="$pids $!"
	done
	failed=
	for p in $pids; do
		wait "$p" || failed=1
	done
	[ -z "$failed" ] || die "A worker gave up: see above. What it had found is in $MM_MUTANTS/results.tsv."
fi

awk -F '\t' -f "$here/report.awk" "$MM_MUTANTS/equivalent" "$MM_MUTANTS/results.tsv" "$MM_MUTANTS/plan"
