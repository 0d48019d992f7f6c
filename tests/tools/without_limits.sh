#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what mmlimit says where the kernel has no limits, as this machine's. Prints
# TAP. The runner of `make check` starts it, see ../README.md.
set -u

mmlimit=$(dirname "$0")/mmlimit
conf=${MM_OUTPUT:?}/without_limits.conf
number=0
failed=0

# says COMMAND...: it fails, and names the option that the kernel lacks
says() {
	number=$((number + 1))
	code=0
	said=$("$mmlimit" "$@" 2>&1) || code=$?
	case $code:$said in
	1:*CONFIG_MM_LIMIT=y*) echo "ok $number - ${1}_names_the_missing_option" ;;
	*)
		echo "not ok $number - ${1}_names_the_missing_option # exit code $code: $said"
		failed=1
		;;
	esac
}

echo "nobody 1M" >"$conf"
echo "1..9"
says set nobody 1M --hard
says get nobody
says unset nobody
says list
says top
says watch
says load "$conf"
says kill
says run nobody 1M -- true
exit $failed
