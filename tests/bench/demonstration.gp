# SPDX-License-Identifier: GPL-2.0-only
# Memory against time: four processes of one user grow beyond a limit with a grace.
set terminal svg size 900,400 dynamic background rgb 'white' font 'sans,13'
set output bench . '/demonstration.svg'
set datafile separator ','
set grid
set xlabel 'guest time (s)'
set ylabel "the user's memory (MiB)"
set yrange [0:*]
set key top right
data = bench . '/demonstration.csv'
mib = 1048576.0
kills = sprintf("< awk -F, 'FNR > 2 && $6 > last { print $1 \",\" $2 \",\" $6 - last } FNR > 1 { last = $6 }' %s", data)
plot data using ($1 / 1000):($4 == 2 ? $2 / mib : 0) every ::1 with filledcurves x1 lc rgb '#ddcc77' title 'grace', \
     '' using ($1 / 1000):($2 / mib) every ::1 with lines lw 2 lc rgb '#332288' title 'usage', \
     '' using ($1 / 1000):($3 / mib) every ::1 with lines lw 2 dt 2 lc rgb '#cc6677' title 'limit', \
     kills using ($1 / 1000):($2 / mib) with points pt 7 ps 0.8 lc rgb '#cc6677' title 'kill'
