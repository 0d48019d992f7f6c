#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# step.sh PLACE NAME LOG COMMAND...: runs one step of the build quietly. Its
# output goes to LOG; the terminal gets one line with the step's place among
# the steps, name and time. A failure ends with one plain sentence: the
# command's own last line when the command is one of our scripts (they exit 1
# with a sentence), or what the log tells. V=1 shows everything instead.
set -eu

place=$1
name=$2
log=$3
shift 3

if [ "${V-0}" != 0 ]; then
	echo "[$place] $name: $*"
	exec "$@" 3>&2
fi

mkdir -p "$(dirname "$log")" || {
	echo "mm_limit: cannot create $(dirname "$log"): set O= to a folder that can be written." >&2
	exit 1
}
began=$(date +%s)
took() {
	s=$(($(date +%s) - began))
	printf '%d:%02d' $((s / 60)) $((s % 60))
}

exec 3>&2
status=0
if [ -t 1 ]; then
	# The terminal shows the time and the log's last line while it lasts.
	while :; do
		printf '\r[%s] %-28s %s  %-36.36s' "$place" "$name" "$(took)" \
			"$(tail -n 1 "$log" 2>/dev/null)"
		sleep 1
	done &
	ticker=$!
	trap 'kill $ticker 2>/dev/null; exit 130' INT TERM HUP
	"$@" >"$log" 2>&1 </dev/null || status=$?
	kill $ticker
	wait $ticker 2>/dev/null || true
	printf '\r%78s\r[%s] %-28s ' '' "$place" "$name"
else
	printf '[%s] %-28s ' "$place" "$name"
	"$@" >"$log" 2>&1 </dev/null || status=$?
fi

if [ $status -eq 0 ]; then
	took
	echo
	exit 0
fi

echo "$(took) FAILED"
exec >&2
free=$(df -P "$(dirname "$log")" | awk 'NR == 2 { print $4 }')
if grep -q 'No space left on device' "$log" || [ "${free:-0}" -lt 100 ]; then
	echo "mm_limit: $name failed, a disk is full: make room, or set O= and DL= to folders with more (4 GB, 200 MB)."
elif tail -n 1 "$log" | grep -q '^mm_limit: '; then
	tail -n 1 "$log"
else
	grep -E -m 5 '(error|Error|warning|undefined reference):? ' "$log" || tail -n 5 "$log"
	echo "mm_limit: $name failed: its whole output is in $log."
fi
exit $status
