#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# prepare.sh WORKERS: gives each worker a copy of the kernel that was built for
# coverage, with our objects compiled anew without gcov, or of the debug kernel, and
# sees which suites pass on it, and how fast: a suite that fails without a mutant cannot
# judge one.
set -eu

state=$MM_WORK
# shellcheck source=tests/mutants/kernel.sh
. "$MM_HERE/kernel.sh"

# Leaves a kernel without gcov in the folder we are in.
without_gcov() {
	find mm kernel/taskmonitor -name '.*.o.cmd' -exec grep -l -e ' -fprofile-arcs ' {} + | while read -r cmd; do
		sed -i "1s/$MM_GCOV_FLAGS//" "$cmd"
		again "$(dirname "$cmd")/$(basename "${cmd%.cmd}" | sed 's/^\.//')"
	done
	link_all ../module.cpio.gz
	cat "$MM_ROOTFS" ../module.cpio.gz >../rootfs.cpio.gz
}

# Guests only, and not the one that boots a FIT image, which has a kernel of its
# own. What is for another flavour runs on the kernel for coverage, too, but there are no
# memory cgroups.
if [ "$MM_KERNEL" = coverage ]; then
	awk '$2 == "guest" && !/boot=fit|for=bench/' "$MM_HERE/../suites.conf" | sed 's/[ \t]for=[a-z-]*//g'
else
	awk -v other='for=' -v own="for=$MM_KERNEL" '$2 == "guest" && !/boot=fit/ && (!index($0, other) || index($0, own))' \
		"$MM_HERE/../suites.conf"
fi >"$state/suites.conf"
# Other suites are judged on a kernel without a mutant anew.
cmp -s "$state/suites.conf" "$state/baseline.conf" || rm -f "$state/baseline" "$state"/worker*/ready

for w in $(seq "$1"); do
	worker=$state/worker$w
	if [ -f "$worker/ready" ] && [ -z "$(find "$MM_BUILD/built" "$MM_ROOTFS" -newer "$worker/ready")" ]; then
		continue
	fi
	echo "Making the kernel of worker $w."
	rm -rf "$worker" "$state/baseline"
	mkdir -p "$worker"
	cp -a "$MM_BUILD" "$worker/linux"
	# as a condition, it would go on after errors
	set +e
	(
		set -e
		cd "$worker/linux"
		without_gcov
	) >"$worker/build.log" 2>&1
	status=$?
	set -e
	if [ "$status" -ne 0 ]; then
		tail -n 20 "$worker/build.log"
		echo "mm_limit: the kernel of worker $w cannot be made: see $worker/build.log." >&2
		exit 1
	fi
	sed -e "s,^.*/zImage\$,$worker/linux/arch/arm/boot/zImage," \
		-e "s,^.*/rootfs.cpio.gz\$,$worker/rootfs.cpio.gz," \
		"$MM_QEMU_KERNEL" >"$worker/qemu.args"
	touch "$worker/ready"
done

if [ -s "$state/baseline" ]; then
	exit 0
fi
echo "All suites on the kernel without a mutant:"
# with as many guests at once as when they judge
"$MM_RUNNER" --suites "$state/suites.conf" --splats "$MM_HERE/../runner/splats.conf" \
	--output "$state/check" --qemu kernel="$state/worker1/qemu.args" --qemu swap="$MM_QEMU_SWAP" \
	--board "$MM_BOARD" --kernel "$MM_KERNEL" --slowdown "$MM_SLOWDOWN" --jobs "$1" ||
	echo "Those that failed are left out."
awk -F '[:", ]+' '
	$2 == "name" { last = $3 }
	$2 == "kind" { suite = last }
	$2 == "outcome" { passed = $3 == "passed" }
	$2 == "wall_seconds" && passed { print suite "\t" $3 }' "$state/check/results.json" >"$state/baseline"
cp "$state/suites.conf" "$state/baseline.conf"
[ -s "$state/baseline" ]
