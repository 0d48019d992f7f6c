# SPDX-License-Identifier: GPL-2.0-only
# What limits cost on top of a kernel without them, in percent of the work.
set terminal svg size 900,420 dynamic background rgb 'white' font 'sans,13'
set output bench . '/cost.svg'
set datafile separator ','
set style data histograms
set style histogram clustered gap 1
set style fill solid border -1
set boxwidth 0.9
set grid ytics
set yrange [-2:*]
set ylabel 'instructions more than without (%)'
set xtics rotate by -25
set key outside right
overhead = bench . '/overhead.csv'
plot overhead using 2:xtic(1) every ::1 title 'nobody limited' lc rgb '#bbbbbb', \
     '' using 3 every ::1 title 'another user limited' lc rgb '#88ccee', \
     '' using 4 every ::1 title 'this user limited: exact' lc rgb '#117733', \
     '' using 5 every ::1 title 'the same, with reclaim' lc rgb '#44aa99', \
     '' using 6 every ::1 title 'hybrid' lc rgb '#ddcc77', \
     '' using 7 every ::1 title 'alloc' lc rgb '#cc6677', \
     '' using 8 every ::1 title 'memory cgroup' lc rgb '#332288'
