#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# prepare.sh WORKERS: gives each worker a copy of the built kernel, and sees which
# suites pass on the kernel as it is, and how fast: a suite that fails without a
# mutant cannot judge one.
set -eu

state=$MM_MUTANTS

for w in $(seq "$1"); do
	worker=$state/worker$w
	if [ -f "$worker/ready" ] && [ -z "$(find "$MM_BUILD/built" -newer "$worker/ready")" ]; then
		continue
	fi
	rm -rf "$worker"
	mkdir -p "$worker"
	cp -a "$MM_BUILD" "$worker/linux"
	touch "$worker/ready"
done

# Guests only, and not the one that boots a FIT image, which is the kernel as it
# is. What is for another flavour runs here, too.
awk '$2 == "guest" && !/boot=fit/' "$MM_HERE/../suites.conf" | sed 's/[ \t]for=[a-z-]*//g' >"$state/suites.conf"
if cmp -s "$state/suites.conf" "$state/baseline.conf" && [ -z "$(find "$MM_ROOTFS" -newer "$state/baseline")" ]; then
	exit 0
fi
echo "All suites on the kernel without a mutant:"
"$MM_RUNNER" --suites "$state/suites.conf" --splats "$MM_HERE/../runner/splats.conf" --output "$state/check" \
	--qemu kernel="$MM_QEMU_KERNEL" --qemu swap="$MM_QEMU_SWAP" --board "$MM_BOARD" --kernel mutants --jobs "$1" ||
	echo "Those that failed are left out."
awk -F '[:",]+ *' '
	$2 == "name" { last = $3 }
	$2 == "kind" { suite = last }
	$2 == "outcome" { passed = $3 == "passed" }
	$2 == "wall_seconds" && passed { print suite "\t" $3 }' "$state/check/results.json" >"$state/baseline"
cp "$state/suites.conf" "$state/baseline.conf"
[ -s "$state/baseline" ]
