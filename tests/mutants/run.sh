#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh N SEED FILE ONLY: tries N mutants, in the order that SEED gives, of the
# kernel code; of the files FILE alone, and of the mutants whose ids match one of the globs ONLY.
# With MM_KERNEL=debug it tries those of them again that no test has noticed so far.
# Its environment says where things are (mutants.mk). In MM_MUTANTS are
#
#	results.tsv	one line a mutant that was tried: id, file, line, operator,
#			line before, line after, verdict, suite, test, seconds, kernel;
#			of several for a mutant the last one counts
#	debug		a folder for what follows, when it is about the debug kernel
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
export MM_RESULTS="$MM_MUTANTS/results.tsv"
export MM_WORK="$MM_MUTANTS"
[ "$MM_KERNEL" = coverage ] || MM_WORK=$MM_MUTANTS/$MM_KERNEL

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

case $count$seed in
*[!0-9]* | '') die "N=$count or SEED=$seed is not a number." ;;
esac
[ -f "$MM_COVERAGE/total.info" ] ||
	die "There is no $MM_COVERAGE/*.info, which says what suites execute: run 'make coverage' first."

mkdir -p "$MM_WORK"
touch "$MM_RESULTS"

#
# The plan. A lock assertion that is dropped changes nothing while callers hold the lock,
# whether there is lockdep or not (README.md), and KUnit tests are tests; the others that
# nothing can notice are in the file equivalent.
#
sources=$(cd "$files" && find mm kernel/taskmonitor -name '*.c' ! -path '*/tests/*' | sort)
# shellcheck disable=SC2086 # a list of names
"$MM_MUTATE" list --seed "$seed" --root "$files" $sources | awk -F '\t' '$4 != "assertion" && $2 !~ /_kunit\.c$/' >"$MM_WORK/all"
"$here/equivalent.sh" "$here/equivalent" "$MM_WORK/all" >"$MM_WORK/equivalent"
awk -F '\t' -v file="$file" '
	function glob(g) {
		gsub(/[.+()|^$\\]/, "\\\\&", g)
		gsub(/\*/, ".*", g)
		gsub(/\?/, ".", g)
		return "^(.*/)?" g "$"
	}
	file == "" || $2 ~ glob(file)' "$MM_WORK/all" | while IFS= read -r mutant; do
	for glob in $only; do
		# shellcheck disable=SC2254 # a glob it is
		case ${mutant%%	*} in
		$glob)
			printf '%s\n' "$mutant"
			break
			;;
		esac
	done
done | head -n "$count" >"$MM_WORK/plan"
[ -s "$MM_WORK/plan" ] || die "No mutant matches FILE=$file ONLY=$only: 'mutate list' shows ids."

# not those that are known; on another kernel those that are known to have survived, and
# what is told to lockdep, which compiles to nothing where that is not
awk -F '\t' -v kernel="$MM_KERNEL" '
	FILENAME == ARGV[1] {
		lived[$1, $5, $6] = $7 == "survived" || $7 == "uncovered" || ($7 == "equivalent" && $5 ~ /^[ \t]*lockdep_/)
		tried[$1, $5, $6] = $11 == kernel
		next
	}
	FILENAME == ARGV[2] { lived[$1, $5, $6] = 0; next }
	kernel == "coverage" ? !(($1, $5, $6) in lived) : lived[$1, $5, $6] && !tried[$1, $5, $6]' \
	"$MM_RESULTS" "$MM_WORK/equivalent" "$MM_WORK/plan" >"$MM_WORK/queue"
echo "$(wc -l <"$MM_WORK/plan") mutants, $(wc -l <"$MM_WORK/queue") of them to try."

#
# The workers take from the queue in turn. Stopped, they stop what they started.
#
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null || :; done; wait; exit 130' INT TERM
if [ -s "$MM_WORK/queue" ]; then
	"$here/prepare.sh" "$workers" || exit 1
	echo 0 >"$MM_WORK/taken"
	date +%s >"$MM_WORK/began"
	for w in $(seq "$workers"); do
		"$here/worker.sh" "$w" &
		pids="$pids $!"
	done
	failed=
	for p in $pids; do
		wait "$p" || failed=1
	done
	[ -z "$failed" ] || die "A worker gave up: see above. What it had found is in $MM_RESULTS."
fi

awk -F '\t' -f "$here/report.awk" "$MM_WORK/equivalent" "$MM_RESULTS" "$MM_WORK/plan"
