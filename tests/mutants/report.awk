# SPDX-License-Identifier: GPL-2.0-only
#
# report.awk EQUIVALENT RESULTS PLAN: a table of the plan's mutants by file, and
# those that no test noticed.

FILENAME == ARGV[1] {
	verdict[$1, $5, $6] = "equivalent"
	next
}

FILENAME == ARGV[2] {
	verdict[$1, $5, $6] = $7
	next
}

{
	v = verdict[$1, $5, $6]
	if (v == "")
		v = "untried"
	if (!($2 in files)) {
		files[$2] = 1
		order[++n] = $2
	}
	count[$2, v]++
	count["total", v]++
	if (v == "survived" || v == "uncovered")
		alive[++survivors] = sprintf("%s: %s\n\t- %s\n\t+ %s", v, $1, $5, $6)
}

function row(name,	k, s, judged) {
	k = count[name, "killed"] + count[name, "hung"]
	s = count[name, "survived"] + count[name, "uncovered"]
	judged = k + s
	printf "%-36s %7d %5d %9d %9d %9d %11d %8d %8s\n", name, count[name, "killed"], count[name, "hung"],
		count[name, "survived"], count[name, "uncovered"], count[name, "unbuilt"], count[name, "equivalent"],
		count[name, "untried"], judged ? sprintf("%.1f %%", 100 * k / judged) : "-"
}

END {
	printf "\n%-36s %7s %5s %9s %9s %9s %11s %8s %8s\n", "file", "killed", "hung", "survived", "uncovered", "not built",
		"equivalent", "untried", "noticed"
	for (i = 1; i <= n; i++)
		row(order[i])
	row("total")
	if (survivors)
		print "\nNoticed by no test:"
	for (i = 1; i <= survivors; i++)
		print alive[i]
}
