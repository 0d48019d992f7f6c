# SPDX-License-Identifier: GPL-2.0-only
# Memory against time: a process grows slowly, then at once, rests, and uses all of it over and over.
set terminal svg size 900,400 dynamic background rgb 'white' font 'sans,13'
set output bench . '/reclaim.svg'
set datafile separator ','
set grid
set xlabel 'guest time (s)'
set ylabel "the user's resident memory (MiB)"
set yrange [0:80]
set ytics nomirror
set y2label 'swapped out (thousands of pages)'
set y2range [0:*]
set y2tics
set key outside top center horizontal
data = bench . '/reclaim_demonstration.csv'
mib = 1048576.0
kills = sprintf("< awk -F, 'FNR > 2 && $6 > last { print $1 \",\" was \",\" $6 - last } FNR > 1 { last = $6; was = $2 }' %s", data)
plot data using ($1 / 1000):($2 / mib) every ::1 with lines lw 2 lc rgb '#332288' title 'resident', \
     '' using ($1 / 1000):($3 / mib) every 27::1 with lines lw 2 dt 3 lc rgb '#999933' title 'threshold', \
     '' using ($1 / 1000):($4 / mib) every 27::1 with lines lw 2 dt 2 lc rgb '#cc6677' title 'limit', \
     '' using ($1 / 1000):($5 / 1000) every ::1 axes x1y2 with lines lw 2 lc rgb '#44aa99' title 'swapped out so far (right)', \
     kills using ($1 / 1000):($2 / mib) with points pt 7 ps 0.8 lc rgb '#cc6677' title 'kill'
