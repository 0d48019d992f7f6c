#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# report.sh BENCH: from the consoles in BENCH/KERNEL/KIND makes the tables
# BENCH/*.csv, the summary BENCH/bench.md and the plots BENCH/*.svg.
# report.sh --targets BENCH: prints how far the targets for ordinary work are met,
# and fails when one is missed; benchmark bench_cost is enough for that.
set -eu

here=$(dirname "$0")
targets=
if [ "$1" = --targets ]; then
	targets=1
	shift
fi
bench=$1

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

# table NAME HEADER: the rows that benchmarks printed for it
table() {
	{
		echo "$2"
		cat "$bench"/*/*/*.console.log | sed -n "s/^.*# bench: $1,//p" | tr -d '\r'
	} >"$bench/$1.csv"
	[ "$(wc -l <"$bench/$1.csv")" -gt 1 ] || die "No figures for $bench/$1.csv: run 'make bench' without SUITE= and TEST=."
}

table cost work,case,lower_decile,median,maximum
if [ -n "$targets" ]; then
	awk -F, -v overhead=/dev/null -f "$here/report.awk" "$bench/cost.csv" |
		sed -n '/^| target/,/^$/p' | tee "$bench/targets.md"
	! grep -qF '**missed**' "$bench/targets.md" || die "A target for the cost of limits is missed: see above."
	exit 0
fi
table channels channel,by,outcome,kib
table scale against,count,case,lower_decile,median,maximum
table latency megabytes,killed_us,ended_us
table overshoot trigger,megabytes_per_second,pages
table smp workers,count,case,median,lower_quartile,upper_quartile
table reclaim workload,by,survivors,processes,refaults,swapped_out,million_instructions,peak,elapsed_ms
table reclaim_page by,swapped_out,instructions
table reclaim_demonstration ms,usage,threshold,limit,swapped_out,kills
table demonstration ms,usage,limit,state,graces,kills

awk -F, -v overhead="$bench/overhead.csv" -f "$here/report.awk" "$bench"/cost.csv "$bench"/reclaim.csv \
	"$bench"/reclaim_page.csv "$bench"/scale.csv "$bench"/latency.csv "$bench"/overshoot.csv "$bench"/smp.csv "$bench"/channels.csv >"$bench/bench.md"

for plot in "$here"/*.gp; do
	name=$(basename "$plot" .gp)
	gnuplot -e "bench='$bench'" "$plot" 2>"$bench/$name.log" ||
		die "gnuplot cannot draw $name.svg: see $bench/$name.log."
	rm "$bench/$name.log"
	sed -i '1a <!-- SPDX-License-Identifier: GPL-2.0-only -->' "$bench/$name.svg"
done

# what a person wants to see at once
sed -n -e '/^| target/,/^$/p' -e '/^| workload/,/^$/p' -e '/^| by /,/^$/p' "$bench/bench.md"
