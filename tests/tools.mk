# SPDX-License-Identifier: GPL-2.0-only
#
# The host's tests of the programs: tools/test_*.c are cmocka programs linked with
# the parts of mmlimit that they name below, tools/*.sh run with an mmlimit built
# for this machine beside them.

TOOLS_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(sort $(wildcard userland/mmlimit/*.c)))
TOOLS_TEST_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(sort $(wildcard tests/tools/*.c)))
HOST_TESTS	+= $(HOST)/tools/test_events $(HOST)/tools/without_limits.sh

$(TOOLS_OBJS) $(TOOLS_TEST_OBJS): tests/tools.mk
$(TOOLS_OBJS) $(TOOLS_TEST_OBJS): private HOST_CFLAGS += $(LIB_HOST_CFLAGS) -Iuserland/mmlimit -Itests/lib -DUSER_VERSION='"$(USER_VERSION)"'

$(HOST)/tools/mmlimit: $(TOOLS_OBJS) $(LIB_HOST)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -o $@ $^ $(call or_say,mmlimit does not link)

$(HOST)/tools/test_events: $(HOST)/obj/tests/tools/test_events.o $(HOST)/obj/userland/mmlimit/events.o
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -o $@ $^ -lcmocka $(call or_say,$(@F) does not link)

$(HOST)/tools/%.sh: tests/tools/%.sh $(HOST)/tools/mmlimit
	@ln -sf $(TOP)/$< $@

-include $(TOOLS_OBJS:.o=.d) $(TOOLS_TEST_OBJS:.o=.d)
