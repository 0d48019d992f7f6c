# SPDX-License-Identifier: GPL-2.0-only
#
# The runner, the host's tests, and `make check`. README.md here tells what a
# suite is and how it is judged.

#
# Host: the runner, and the tests that run on this machine, in HOST/tests.
#
HOST		:= $(OUTPUT)/host
RUNNER		:= $(HOST)/runner
HOST_PKGS	:= libxml-2.0 jansson
# `make coverage` has others, so that counts are those of the source
HOST_OPTIMIZE	:= -O2
HOST_CHECKS	:= -fsanitize=undefined -fsanitize-undefined-trap-on-error
HOST_CFLAGS	= $(HOST_OPTIMIZE) -g -std=gnu11 -Wall -Wextra -Werror -MD -MP \
		  $(shell pkg-config --cflags $(HOST_PKGS))
HOST_LIBS	= $(shell pkg-config --libs $(HOST_PKGS))
RUNNER_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(sort $(wildcard tests/runner/*.c)))
# programs and scripts that print TAP
HOST_TESTS	:=

# Made again where these differ, as userland.mk has it for programs of the guest
HOST_MADE_WITH	:= $(HOST)/made-with
HOST_SOURCES	:= $(HOST)/sources

$(HOST_MADE_WITH): FORCE
	@configs/scripts/record.sh $@ '$(HOSTCC)' '$(USER_VERSION)' '$@'

$(HOST_SOURCES): FORCE
	@configs/scripts/record.sh $@ $(sort $(shell find userland tests -name '*.c'))

$(HOST)/obj/%.o: %.c tests/tests.mk $(HOST_MADE_WITH) | packages
	@mkdir -p $(@D)
	$(call say,HOST,$<)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) -c -o $@ $< $(call or_say,$< does not compile)

$(RUNNER): $(RUNNER_OBJS) $(HOST_SOURCES)
	$(Q)$(HOSTCC) -o $@ $(filter %.o,$^) $(HOST_LIBS) $(call or_say,the runner does not link)

-include $(RUNNER_OBJS:.o=.d)

include tests/unit/unit.mk
include tests/fuzz/fuzz.mk
include tests/build/build.mk
include tests/mutants/mutants.mk
include tests/coverage/coverage.mk

#
# The verdict. CHECK is what is built for it; the runner prints the summary. Make
# shows its exit code as "Error N", and itself exits with 2.
#
JOBS		?= $(NPROC)
SOAK		?= 0
CHECK		:= $(WORK)/check
RUNNER_OPTIONS	= --suites tests/suites.conf --host-dir $(HOST)/tests --output $(CHECK) \
		  --qemu kernel=$(QEMU_KERNEL) $(QEMU_FIT:%=--qemu fit=%) --qemu swap=$(QEMU_SWAP) \
		  --board $(BOARD) --kernel $(KERNEL) --slowdown $(SLOWDOWN) --source $(LINUX_SRC) \
		  $(call given,JOBS,--jobs) $(call given,SUITE,--suite) $(call given,TEST,--test) \
		  $(call given,REPEAT,--repeat) $(call given,SEED,--seed) $(call given,SHIFT,--shift) \
		  $(if $(filter 1,$(SOAK)),--soak) $(if $(filter 1,$(V)),-v)

# What was typed reaches recipes through the environment, so that no character of
# it means anything to a shell: $(call given,NAME,OPTION) is the option, unless
# NAME was never set.
TYPED		:= SUITE TEST JOBS REPEAT SEED SHIFT CROSS_COMPILE HOSTCC O DL PATCHES LOCKED SOAK
given		= $(if $(filter undefined,$(origin $(1))),,$(2) "$$MM_MAKE_$(1)")
export_typed	= $(foreach v,$(TYPED),$(eval $(1): private export MM_MAKE_$(v) = $$(call typed,$(v))))

# Those that a command to run a test again has to have where they are not these.
DEFAULTS	:= O=output DL=dl PATCHES=kernel-patches CROSS_COMPILE=arm-linux-gnueabi- HOSTCC=gcc LOCKED= \
		   SOAK=0

.PHONY: check list
$(call export_typed,check list coverage-guests coverage-host coverage-same-run)
check: image $(RUNNER) $(HOST_TESTS) $(QEMU_ARGS)
	@ln -sfn $(patsubst $(OUTPUT)/%,%,$(CHECK)) $(OUTPUT)/check
	$(Q)DEFAULTS='$(DEFAULTS)' MANIFEST=$(IMAGES)/manifest tests/check.sh $(RUNNER) $(RUNNER_OPTIONS)

list: $(RUNNER)
	$(Q)$(RUNNER) --suites tests/suites.conf --list $(call given,SUITE,--suite)

.PHONY: lint
lint: $(LINUX_STATE)/unpacked
	$(Q)tests/lint.sh $(LINUX_SRC)
