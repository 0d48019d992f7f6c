# SPDX-License-Identifier: GPL-2.0-only
# From the page that crosses a limit until the victim's memory is back.
set terminal svg size 700,400 dynamic background rgb 'white' font 'sans,13'
set output bench . '/latency.svg'
set datafile separator ','
set key autotitle columnhead top left
set logscale xy
set grid
set xlabel 'size of the victim (MiB)'
set ylabel 'microseconds (thousands of instructions)'
plot bench . '/latency.csv' using 1:2 with linespoints lw 2 lc rgb '#cc6677' title 'killed at its limit', \
     '' using 1:3 with linespoints lw 2 lc rgb '#332288' title 'ends by itself', \
     '' using 1:($2 - $3) with linespoints lw 2 lc rgb '#117733' title "the killer's share"
