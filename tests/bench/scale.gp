# SPDX-License-Identifier: GPL-2.0-only
# Instructions per page touched against processes of the user, and against limits.
set terminal svg size 900,380 dynamic background rgb 'white' font 'sans,13'
set output bench . '/scale.svg'
set datafile separator ','
set logscale xy
set grid
set multiplot layout 1,2
rows(a, c) = sprintf("< awk -F, -v a=%s -v c=%s '$1 == a && $3 == c' %s/scale.csv", a, c, bench)
set ylabel 'instructions per page'
set yrange [2000:*]
set xlabel 'processes of the user'
set key top left
plot rows('processes', 'exact') using 2:5 with linespoints lw 2 lc rgb '#117733' title 'exact', \
     rows('processes', 'memcg') using 2:5 with linespoints lw 2 lc rgb '#332288' title 'memory cgroup', \
     rows('processes', 'hybrid') using 2:5 with linespoints lw 2 lc rgb '#ddcc77' title 'hybrid', \
     rows('processes', 'alloc') using 2:5 with linespoints lw 2 lc rgb '#cc6677' title 'alloc'
set xlabel 'users that have a limit'
set yrange [2000:10000]
plot rows('limits', 'exact') using 2:5 with linespoints lw 2 lc rgb '#117733' title 'exact', \
     rows('limits', 'hybrid') using 2:5 with linespoints lw 2 lc rgb '#ddcc77' title 'hybrid', \
     rows('limits', 'alloc') using 2:5 with linespoints lw 2 lc rgb '#cc6677' title 'alloc'
unset multiplot
