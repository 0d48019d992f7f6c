# SPDX-License-Identifier: GPL-2.0-only
#
# From cost.csv, reclaim.csv, reclaim_page.csv, scale.csv, latency.csv,
# overshoot.csv, smp.csv and channels.csv makes the summary in Markdown, and the file
# `overhead`: percent more than without limits, for a plot. Of pages in bulk the
# median counts; of calls the lower decile: the timer's ticks and the refills of slabs
# and of free pages, which come as it happens, are in few passes of these.

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	next
}

file == "cost.csv" {
	if (!($1 in seen)) {
		seen[$1] = 1
		works[++nr_works] = $1
	}
	cost[$1, $2] = $1 ~ /fork|shell|close|write|truncate/ ? $3 : $4
}

file == "reclaim.csv" {
	reclaims[++nr_reclaims] = sprintf("| %s | %s | %s of %s | %s | %s | %.2f | %s |", $1, $2, $3, $4, $5, $6,
					  $7 / 1000, $8 ? sprintf("%.1f", $8 / 1048576) : "")
}

file == "reclaim_page.csv" {
	pages[++nr_pages] = sprintf("| %s | %s | %.0f |", $1, $2, $3)
}

file == "scale.csv" {
	if (!(($1, $2) in seen)) {
		seen[$1, $2] = 1
		scales[++nr_scales] = $1 SUBSEP $2
	}
	scale[$1, $2, $3] = $5
}

file == "latency.csv" {
	latencies[++nr_latencies] = $1
	killed[$1] = $2
	ended[$1] = $3
}

file == "overshoot.csv" {
	if (!($2 in over_seen)) {
		over_seen[$2] = 1
		speeds[++nr_speeds] = $2
	}
	overshoot[$1, $2] = $3
}

file == "smp.csv" {
	key = $1 SUBSEP $2
	if (!(key in smp_seen)) {
		smp_seen[key] = 1
		smps[++nr_smps] = key
	}
	smp[key, $3] = sprintf("%.3f (%.3f to %.3f)", $4, $5, $6)
}

file == "channels.csv" {
	if (!($1 in channel_seen)) {
		channel_seen[$1] = 1
		channels[++nr_channels] = $1
	}
	held[$1, $2] = sprintf("%.1f (%s)", $4 / 1024, $3)
}

function number(x)
{
	return x >= 10000 ? sprintf("%d", x + 0.5) : sprintf("%.1f", x)
}

# how far a case is from a kernel without limits
function difference(work, which, d)
{
	d = cost[work, which] - cost[work, "without"]
	return sprintf("%s%s (%+.2f %%)", d < 0 ? "-" : "+", number(d < 0 ? -d : d),
		       percent(work, which))
}

function target(what, work, which, most, unit, d)
{
	d = unit == "%" ? percent(work, which) : cost[work, which] - cost[work, "without"]
	printf "| %s | <= %+.3g%s | %+.2f%s | %s |\n", what, most, unit == "%" ? " %" : "",
		d, unit == "%" ? " %" : "", d <= most ? "met" : "**missed**"
}

# The same against another case
function beside(what, work, which, base, most, d)
{
	d = cost[work, which] - cost[work, base]
	printf "| %s | <= %+.3g | %+.2f | %s |\n", what, most, d, d <= most ? "met" : "**missed**"
}

# What calls cost that make the kernel hold something: while nobody is limited a no-op for
# each page and object that is allocated and freed; for this user no more than a memory
# cgroup (by what code lies where it may be two thousandths more), but for files, for which it
# is a little more. A kernel without limits takes 2960 or 3015 instructions for an eventfd, builds of
# nearly the same source do, and one with limits 2972.
function held_targets(i, w, nobody)
{
	for (i = 1; i <= nr_works; i++) {
		w = works[i]
		if (w !~ /write|truncate|close|exec/)
			continue
		nobody = w ~ /exec|eventfd/ ? 0.5 : w ~ /pipe.close/ ? 0.4 : 0.25
		target(w ", nobody limited", w, "nobody", nobody, "%")
		target(w ", this user limited", w, "exact", percent(w, "memcg") + (w ~ /tmpfs/ ? 1 : 0.2), "%")
	}
}

function percent(work, which)
{
	return (cost[work, which] / cost[work, "without"] - 1) * 100
}

function units(work)
{
	if (work ~ /touch|unmap|file|MiB|write|truncate/)
		return "page"
	if (work ~ /close/)
		return "call"
	return work ~ /malloc/ ? "operation" : work ~ /shell/ ? "run" : "process"
}

END {
	print "## Cost of ordinary work\n"
	print "Guest instructions. `without`: a kernel that is not configured for limits. The others, in one boot of one"
	print "kernel, as differences from it: no user is limited; a rule is for a user who is not there; another user is limited,"
	print "this one is, as a member of a pool, and with each trigger; `reclaim` is `exact` with the flag set, below the"
	print "threshold; or this process is in a memory cgroup with `memory.max`.\n"
	print "| work | per | without | nobody | rule | other | exact | pool | reclaim | hybrid | alloc | memcg |"
	print "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |"
	print "work,nobody,other,exact,reclaim,hybrid,alloc,memcg" >overhead
	for (i = 1; i <= nr_works; i++) {
		w = works[i]
		printf "| %s | %s | %s |", w, units(w), number(cost[w, "without"])
		printf "%s", w >overhead
		for (c = 1; c <= split("nobody rule other exact pool reclaim hybrid alloc memcg", cases, " "); c++) {
			printf " %s |", difference(w, cases[c])
			if (cases[c] !~ /rule|pool/)
				printf ",%.3f", percent(w, cases[c]) >overhead
		}
		print ""
		print "" >overhead
	}

	print "\n| target | | measured | |\n| --- | --: | --: | --- |"
	target("touch, nobody limited", "touch", "nobody", 1)
	target("touch, somebody else limited", "touch", "other", 4)
	target("touch, this user limited, `exact`", "touch", "exact", 10)
	target("touch, the same with reclaim", "touch", "reclaim", 10)
	beside("touch, a rule for others, beyond nobody limited", "touch", "rule", "nobody", 0.1)
	beside("touch, a member of a pool, beyond `exact`", "touch", "pool", "exact", 25)
	target("unmap, nobody limited", "unmap", "nobody", 2)
	target("unmap, somebody else limited", "unmap", "other", 5)
	target("unmap, this user limited, `exact`", "unmap", "exact", 8)
	target("unmap, the same with reclaim", "unmap", "reclaim", 8)
	beside("unmap, a member of a pool, beyond `exact`", "unmap", "pool", "exact", 25)
	target("fork + exit, nobody limited", "fork+exit", "nobody", 0.5, "%")
	# what is unmapped counts until it is free, which everybody's counters wait for
	target("fork + exit, somebody else limited", "fork+exit", "other", 2.5, "%")
	target("fork + exit, this user limited, `exact`", "fork+exit", "exact", percent("fork+exit", "memcg"), "%")
	target("fork + exit, the same with reclaim", "fork+exit", "reclaim", percent("fork+exit", "memcg"), "%")
	held_targets()

	print "\n## What a user makes the machine hold\n"
	print "The most that the machine has less, in MiB, while a user tries one way to have it hold memory for as long as it is let,"
	print "up to 80 MiB: without a limit, with one of 20 MiB that counts resident memory only, with one that counts what is held,"
	print "and in a memory cgroup with this `memory.max`. Not stopped: there was no end to it; refused: a call failed, and nobody"
	print "died; killed: the process that tried, or one of its children.\n"
	print "| by | none | rss | held | memory.max |\n| --- | --: | --: | --: | --: |"
	for (i = 1; i <= nr_channels; i++) {
		w = channels[i]
		gsub(/_/, " ", w)
		printf "| %s | %s | %s | %s | %s |\n", w, held[channels[i], "none"], held[channels[i], "rss"],
			held[channels[i], "held"], held[channels[i], "memory.max"]
	}

	print "\n## Swapping out before killing\n"
	print "Three workloads of one user who may have 100 MiB: without a limit, with one that reclaims, and in a memory cgroup"
	print "with `memory.max`, or `memory.high` (and `memory.max` a fifth above). Refaults are of the hot set: pages of it"
	print "that had been swapped out when they were used. The CPU worked for so many instructions, kernel threads included."
	print "MGLRU is the kernel's newer way to find cold pages, which is off unless it is named.\n"
	print "| workload | within 100 MiB by | survivors | refaults | pages swapped out | instructions (10^9) | peak (MiB) |"
	print "| --- | --- | --: | --: | --: | --: | --: |"
	for (i = 1; i <= nr_reclaims; i++)
		print reclaims[i]
	print "\nInstructions per page swapped out, the compression of zram included: 200 MiB are written once, against the same"
	print "without a limit. With `MADV_PAGEOUT` the process says itself what is to go.\n"
	print "| by | pages | instructions per page |\n| --- | --: | --: |"
	for (i = 1; i <= nr_pages; i++)
		print pages[i]

	print "\n## Scale\n\nInstructions per page touched, while the user has so many processes, or so many users have limits.\n"
	print "| | | nobody | exact | hybrid | alloc | memcg |\n| --- | --: | --: | --: | --: | --: | --: |"
	for (i = 1; i <= nr_scales; i++) {
		split(scales[i], part, SUBSEP)
		printf "| %s | %s |", part[1], part[2]
		for (c = 1; c <= split("nobody exact hybrid alloc memcg", cases, " "); c++) {
			x = scale[scales[i], cases[c]]
			printf " %s |", x == "" ? "" : number(x)
		}
		print ""
	}

	print "\n## From the crossing to the memory back\n"
	print "Microseconds (thousands of instructions) until the parent of a process of one size knows that it is gone: killed"
	print "at the page that crosses the limit, and ending by itself, which has to free the same pages.\n"
	print "| MiB | killed | ends | the killer's share |\n| --: | --: | --: | --: |"
	for (i = 1; i <= nr_latencies; i++) {
		m = latencies[i]
		printf "| %s | %.0f | %.0f | %.0f |\n", m, killed[m], ended[m], killed[m] - ended[m]
	}

	print "\n## Overshoot\n\nPages above the limit when the process that grows was killed; `periodic` looks every 100 ms.\n"
	printf "| MiB/s |"
	for (c = 1; c <= split("exact alloc hybrid periodic", triggers, " "); c++)
		printf " %s |", triggers[c]
	print "\n| --: | --: | --: | --: | --: |"
	for (i = 1; i <= nr_speeds; i++) {
		printf "| %s |", speeds[i] ? speeds[i] : "unbounded"
		for (c = 1; c <= 4; c++)
			printf " %s |", overshoot[triggers[c], speeds[i]]
		print ""
	}

	print "\n## Several CPUs\n\nFaults a second on four CPUs, in real time, as a ratio to the same with nobody limited: median (quartiles).\n"
	print "| | | limited, `exact` | memcg |\n| --- | --: | --: | --: |"
	for (i = 1; i <= nr_smps; i++) {
		split(smps[i], part, SUBSEP)
		printf "| %s | %s | %s | %s |\n", part[1], part[2], smp[smps[i], "exact"], smp[smps[i], "memcg"]
	}
}
