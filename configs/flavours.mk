# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's flavours (KERNEL=): the configuration fragments of each, merged in
# this order after base.config and the board's, and how many times slower than
# release it runs (tests multiply their waits by it).

KERNELS			:= release debug bench bench-without coverage

FRAGMENTS_release	:=
SLOWDOWN_release	:= 1

FRAGMENTS_debug		:= configs/debug.config
SLOWDOWN_debug		:= 20
# What looks at locks and contexts is not looked at itself, nor traced: from power-on
# to the first test that is 1.36 thousand million instructions instead of 1.86.
UNCHECKED_debug		:= lockdep smp_processor_id trace_preemptirq return_address stacktrace
KBUILD_debug		:= $(foreach o,$(UNCHECKED_debug),KASAN_SANITIZE_$o.o=n UBSAN_SANITIZE_$o.o=n) \
			   CFLAGS_lockdep.o=-DNOTRACE

# release with memory cgroups to compare with, and the same without our feature
FRAGMENTS_bench		:= configs/bench.config
SLOWDOWN_bench		:= 1

FRAGMENTS_bench-without	:= configs/bench.config configs/without.config
SLOWDOWN_bench-without	:= 1

# release with gcov for our files. Counters are atomic, so that none is lost on
# several CPUs; a function inlined early would have each branch once a caller.
FRAGMENTS_coverage	:= configs/coverage.config
SLOWDOWN_coverage	:= 2
GCOV_FLAGS		:= -fprofile-arcs -ftest-coverage -fno-tree-loop-im \
			   -fprofile-update=prefer-atomic -fno-early-inlining
KBUILD_coverage		:= CFLAGS_GCOV='$(GCOV_FLAGS)'
