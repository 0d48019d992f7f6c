# SPDX-License-Identifier: GPL-2.0-only
#
# `make bench`: what limits cost, on kernels with and without the feature.

BENCH		:= $(OUTPUT)/bench
BENCH_MAKE	= $(MAKE_AGAIN) O=$(O)

# $(call bench,SUITES,JOBS): an instruction takes a nanosecond
bench		= $(Q)$(RUNNER) --suites tests/bench/$(1).conf --splats tests/runner/splats.conf \
		  --output $(BENCH)/$(KERNEL)/$(1) --qemu kernel=$(QEMU_KERNEL) --board $(BOARD) \
		  --kernel $(KERNEL) --jobs $(2) --shift 0 \
		  $(call given,SUITE,--suite) $(call given,TEST,--test)

.PHONY: bench bench-targets bench-counted bench-concurrent
bench:
	$(Q)rm -rf $(BENCH)
	$(Q)+$(foreach k,bench bench-without,$(BENCH_MAKE) KERNEL=$k bench-counted &&) \
		$(BENCH_MAKE) KERNEL=bench bench-concurrent
	$(Q)tests/bench/report.sh $(BENCH)
	@echo 'Tables and plots: $(BENCH)/bench.md, *.csv, *.svg'

$(call export_typed,bench-counted bench-concurrent)

# What a change of the charge path can spoil, and no more; and that the calls are ENOSYS without it
bench-targets:
	$(Q)rm -rf $(BENCH)
	$(Q)+$(BENCH_MAKE) KERNEL=bench SUITE='bench_cost bench_calls' bench-counted
	$(Q)+$(BENCH_MAKE) KERNEL=bench-without SUITE='without bench_cost bench_calls' bench-counted
	$(Q)tests/bench/report.sh --targets $(BENCH)

bench-counted: image $(RUNNER) $(QEMU_ARGS)
	$(call bench,counted,$(NPROC))

bench-concurrent: image $(RUNNER) $(QEMU_ARGS)
	$(call bench,concurrent,1)
