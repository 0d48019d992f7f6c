# SPDX-License-Identifier: GPL-2.0-only
#
# `make mutants`: do the tests notice when the kernel code is wrong? README.md
# here tells how it goes about it.

MUTANTS		:= $(OUTPUT)/mutants

# what makes mutants; unit/unit.mk has its tests
MUTATE		:= $(HOST)/mutate
MUTATE_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o, \
			$(filter-out %/test_mutate.c,$(sort $(wildcard tests/mutants/*.c))))

$(MUTATE): $(MUTATE_OBJS) $(HOST_SOURCES)
	$(Q)$(HOSTCC) -o $@ $(filter %.o,$^) $(call or_say,mutate does not link)

.PHONY: mutants mutants-run mutants-debug mutants-debug-run
mutants:
	$(Q)+$(COVERAGE_MAKE) mutants-run

# what those suites left, where lockdep, KASAN and kmemleak look on
mutants-debug:
	$(Q)+$(MAKE_AGAIN) KERNEL=debug O=$(O) mutants-debug-run

# where run.sh finds things; without gcov that kernel is as fast as release
MUTANTS_ENV	= MM_MUTANTS=$(MUTANTS) MM_COVERAGE=$(COVERAGE) MM_COVER=$(COVER) MM_MUTATE=$(MUTATE) \
		  MM_RUNNER=$(RUNNER) MM_SOURCE=$(LINUX_SRC) MM_BUILD=$(LINUX_BUILD) \
		  MM_ROOTFS=$(ROOTFS)/rootfs.cpio.gz MM_QEMU_KERNEL=$(QEMU_KERNEL) MM_QEMU_SWAP=$(QEMU_SWAP) \
		  MM_GCOV_FLAGS="$(GCOV_FLAGS)" MM_BOARD=$(BOARD) MM_CROSS_COMPILE='$(CROSS)' \
		  MM_GEN_INIT_CPIO=$(GEN_INIT_CPIO) MM_KERNEL=$(KERNEL) \
		  MM_SLOWDOWN=$(if $(filter coverage,$(KERNEL)),1,$(SLOWDOWN))

mutants-run mutants-debug-run: image $(RUNNER) $(HOST)/cover $(MUTATE) $(QEMU_ARGS)
	$(Q)env $(MUTANTS_ENV) tests/mutants/run.sh '$(N)' '$(SEED)' '$(FILE)' '$(ONLY)'
