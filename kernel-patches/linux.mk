# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel: unpacked and patched once for all flavours, configured and built
# once for each board and flavour.
#
#	LINUX_STATE/source	the tree: Debian's source, patches, links to files/
#	LINUX_STATE/*		what is known of it (unpack.sh, patch.sh, link.sh)
#	LINUX_BUILD		kbuild's output folder

LINUX_STATE	:= $(OUT)/linux
LINUX_SRC	:= $(LINUX_STATE)/source
LINUX_BUILD	:= $(WORK)/linux
LINUX_PATCHES	:= $(sort $(wildcard $(PATCH_DIR)/*.patch))
LINUX_FILES	:= $(if $(wildcard $(PATCH_DIR)/files), \
			$(sort $(shell find $(PATCH_DIR)/files -type f ! -name '*~' ! -name '*.sw?')))

# The compilers may begin with a launcher, which is none of other tools.
CROSS		:= $(lastword $(CROSS_COMPILE))

# Fixed stamps: the same sources give the same bytes, wherever and whenever. Kconfig would
# record the versions of tools that happen to be there and that no build of ours uses.
KBUILD_IN	= $(TOP)/configs/scripts/clean-env.sh make -C $(LINUX_SRC) O=$(1) ARCH=arm \
		  CROSS_COMPILE=$(CROSS) CC='$(CROSS_COMPILE)gcc' HOSTCC='$(HOSTCC)' LOCALVERSION= \
		  KBUILD_BUILD_USER=mm_limit KBUILD_BUILD_HOST=mm_limit KBUILD_BUILD_VERSION=1 \
		  KBUILD_BUILD_TIMESTAMP='$(BUILD_DATE)' RUSTC=false PAHOLE=false \
		  $(KBUILD_$(KERNEL)) -j$(NPROC)
KBUILD		= $(call KBUILD_IN,$(LINUX_BUILD))
BUILD_DATE	:= 2025-01-01 00:00:00 UTC
BUILD_EPOCH	:= 1735689600

#
# The tree
#
$(LINUX_STATE)/unpacked: $(SOURCES)/linux-source-6.12 | packages
	$(call step,2/7,unpack linux,unpack) kernel-patches/unpack.sh $< $(LINUX_STATE)

# Lists of names: a patch or file that comes or goes is a change, too.
$(LINUX_STATE)/patches $(LINUX_STATE)/files: FORCE | $(LINUX_STATE)/unpacked
	@configs/scripts/record.sh $@ $(if $(filter %/patches,$@),$(LINUX_PATCHES),$(LINUX_FILES))

$(LINUX_STATE)/patched: $(LINUX_STATE)/unpacked $(LINUX_STATE)/patches $(LINUX_PATCHES)
	$(call step,3/7,patch linux,patch) kernel-patches/patch.sh $(LINUX_STATE) $(PATCH_DIR)

$(LINUX_STATE)/linked: $(LINUX_STATE)/patched $(LINUX_STATE)/files
	$(Q)kernel-patches/link.sh $(LINUX_STATE) $(PATCH_DIR)

#
# Configuration
#
FEATURE_CONFIG	:= $(if $(filter $(OUT),$(OUTPUT)),$(wildcard configs/mm_limit.config), \
			$(sort $(wildcard $(PATCH_DIR)/*.config)))
# linux-menuconfig leaves its changes here, the last word
LINUX_CHANGES	:= $(WORK)/menuconfig.config
LINUX_FRAGMENTS	:= configs/base.config board/$(BOARD)/linux.config $(FEATURE_CONFIG) $(FRAGMENTS) \
		   $(wildcard $(LINUX_CHANGES))

$(WORK)/fragments: FORCE
	@configs/scripts/record.sh $@ $(LINUX_FRAGMENTS)

$(LINUX_BUILD)/.config: $(LINUX_FRAGMENTS) $(WORK)/fragments $(LINUX_STATE)/linked \
		$(filter %/Kconfig,$(LINUX_FILES))
	$(call step,4/7,configure linux,configure) configs/scripts/configure.sh \
		$(LINUX_BUILD) "$(LINUX_FRAGMENTS)" $(KBUILD)

#
# Build. While the tree is under linux-edit only kbuild knows what changed, by times
# that are put right before.
#
LINUX_EDITED	:= $(wildcard $(LINUX_SRC)/.git)

LINUX_AROUND	:= $(if $(LINUX_EDITED),kernel-patches/times.sh around $(LINUX_STATE))

# what kbuild is told besides; it finds by itself what another compiler changes
$(WORK)/kbuild-options: FORCE
	@configs/scripts/record.sh $@ '$(CROSS_COMPILE)' '$(HOSTCC)' $(KBUILD_$(KERNEL))

$(LINUX_BUILD)/built: $(LINUX_BUILD)/.config $(WORK)/kbuild-options $(LINUX_FILES) $(if $(LINUX_EDITED),FORCE)
	$(call step,5/7,build linux,linux) $(LINUX_AROUND) $(KBUILD) zImage modules $(BOARD_DTB)
	@touch $@

#
# Its twin for a debugger: the same configuration and code, and debug information,
# which takes as long to build again and is for `make gdb` alone. Not an option of
# Kconfig, for the image holds its configuration.
#
# To track assignments, gcc would keep a variable that nobody reads.
TWIN_CFLAGS	:= -g -fno-var-tracking-assignments
LINUX_TWIN	:= $(WORK)/linux-twin

$(LINUX_TWIN)/built: $(LINUX_BUILD)/built kernel-patches/twin.sh
	$(call step,1/1,build linux for gdb,linux-twin) kernel-patches/twin.sh \
		$(LINUX_BUILD) $(LINUX_TWIN) '$(CROSS)' \
		$(call KBUILD_IN,$(LINUX_TWIN)) KCFLAGS='$(TWIN_CFLAGS)' KAFLAGS=-g
	@touch $@

#
# Work on the kernel: README.md here tells how.
#
.PHONY: linux-menuconfig linux-savedefconfig linux-edit linux-refresh linux-check linux-series
linux-menuconfig: $(LINUX_BUILD)/.config
	$(Q)$(KBUILD) menuconfig && configs/scripts/changes.sh $(LINUX_BUILD) $(LINUX_CHANGES) $(KBUILD)

linux-savedefconfig: $(LINUX_BUILD)/.config
	$(Q)configs/scripts/changes.sh $(LINUX_BUILD) $(LINUX_CHANGES) $(KBUILD)

linux-edit: $(LINUX_STATE)/linked
	$(Q)kernel-patches/edit.sh edit $(LINUX_STATE) $(PATCH_DIR)

linux-refresh:
	$(Q)kernel-patches/edit.sh refresh $(LINUX_STATE) $(PATCH_DIR)

linux-series: $(LINUX_STATE)/linked
	$(Q)kernel-patches/edit.sh series $(LINUX_STATE) $(PATCH_DIR) $(OUT)/series

linux-check: $(LINUX_STATE)/linked
	$(call step,1/1,check the patch queue,linux-check) kernel-patches/check.sh \
		$(SOURCES)/linux-source-6.12 $(LINUX_STATE) $(PATCH_DIR)
