# SPDX-License-Identifier: GPL-2.0-only
#
# `make coverage`: what the tests execute, of the kernel code in guests with
# KERNEL=coverage, and of the host side here. README.md here tells more.

COVERAGE	:= $(OUTPUT)/coverage
COVERAGE_MAKE	= $(MAKE_AGAIN) KERNEL=coverage O=$(O)
# least percentages of lines and branches
COVERAGE_FLOOR	:= 95,85
COVERAGE_HOST_FLOOR := 97,90

# the program that reads, adds up and judges counts; unit/unit.mk has its tests
COVER		:= $(HOST)/cover
COVER_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o, \
			$(filter-out %/test_cover.c,$(sort $(wildcard tests/coverage/*.c))))

$(COVER): $(COVER_OBJS) $(HOST_SOURCES)
	$(Q)$(HOSTCC) -o $@ $(filter %.o,$^) -ljansson $(call or_say,cover does not link)

.PHONY: coverage coverage-guests coverage-host
coverage:
	$(Q)$(if $(SUITE),,rm -rf $(COVERAGE))
	$(Q)+$(COVERAGE_MAKE) $(COVER)
	$(Q)+status=0; $(COVERAGE_MAKE) coverage-guests || status=1; \
		$(COVERAGE_MAKE) $(COVERAGE_HOST) coverage-host || status=1; exit $$status

# What the host's tests execute is counted by the source's branches: without those that
# an optimizer makes or merges, and without those of the checks of a sanitizer.
COVERAGE_HOST	= HOST=$(COVERAGE)/host-build HOSTCC='$(HOSTCC) --coverage' HOST_OPTIMIZE=-O0 HOST_CHECKS=

# one board and flavour for all that is built here: the variables are those of KERNEL=coverage
coverage-guests: image $(RUNNER) $(COVER) $(QEMU_ARGS)
	$(Q)tests/coverage/guests.sh $(COVERAGE) $(LINUX_SRC) $(LINUX_BUILD) $(CROSS)gcov \
		$(COVER) $(COVERAGE_FLOOR) $(QEMU_KERNEL) $(RUNNER) $(RUNNER_OPTIONS)

coverage-host: image $(RUNNER) $(HOST_TESTS) $(QEMU_ARGS)
	$(Q)MM_CROSS_COMPILE='$(CROSS_COMPILE)' tests/coverage/host.sh $(COVERAGE) $(TOP) $(HOST) \
		$(OUTPUT)/host/cover $(COVERAGE_HOST_FLOOR) $(RUNNER) $(RUNNER_OPTIONS)

# Deterministic guests give the same counts twice: SUITE='sys*' and the like
.PHONY: coverage-same coverage-same-run
coverage-same:
	$(Q)+$(COVERAGE_MAKE) coverage-same-run

coverage-same-run: image $(RUNNER) $(QEMU_ARGS)
	$(Q)tests/coverage/same.sh $(COVERAGE) $(QEMU_KERNEL) $(RUNNER) $(RUNNER_OPTIONS)
