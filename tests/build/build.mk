# SPDX-License-Identifier: GPL-2.0-only
#
# The host's tests of the build itself: each *.sh here but lib.sh, what they share.
# They run make in a copy of the tree, with tools and sources that only seem to be;
# install.sh builds against what `make install` has made in sysroot/ beside it, man.sh
# compares with the programs as this machine has them.

BUILD_TESTS	:= $(patsubst %,$(HOST)/%,$(filter-out %/lib.sh,$(sort $(wildcard tests/build/*.sh))))
BUILD_SYSROOT	:= $(HOST)/tests/build/sysroot
HOST_TESTS	+= $(BUILD_TESTS)

$(HOST)/tests/build/install.sh: $(BUILD_SYSROOT)/installed
$(HOST)/tests/build/man.sh: $(USER_HOST_BIN)

$(BUILD_SYSROOT)/installed: userland/install.sh $(INSTALLED)
	@rm -rf $(@D)
	$(Q)$(call INSTALL,$(@D),/usr) >$(@D).log
	@touch $@
