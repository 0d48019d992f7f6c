# SPDX-License-Identifier: GPL-2.0-only
#
# The host's tests of the build itself: build/*.sh run make in a copy of the tree,
# with tools and sources that only seem to be; lib.sh there is what they share.

BUILD_TESTS	:= $(filter-out %/lib.sh,$(sort $(wildcard tests/build/*.sh)))
HOST_TESTS	+= $(BUILD_TESTS:tests/%=$(HOST)/%)

$(HOST)/build/%.sh: tests/build/%.sh
	@mkdir -p $(@D)
	@ln -sf $(TOP)/$< $@
