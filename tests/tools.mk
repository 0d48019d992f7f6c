# SPDX-License-Identifier: GPL-2.0-only
#
# The host's tests of the programs: tools/test_*.c are cmocka programs linked with
# all of mmlimit but main(), tools/*.sh run with an mmlimit built for this machine
# beside them.

TOOLS_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(sort $(wildcard userland/mmlimit/*.c)))
TOOLS_TESTS	:= $(sort $(wildcard tests/tools/test_*.c))
TOOLS_TEST_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(TOOLS_TESTS))
HOST_TESTS	+= $(TOOLS_TESTS:tests/tools/%.c=$(HOST)/tools/%) $(HOST)/tools/without_limits.sh $(HOST)/tools/completion.sh

$(TOOLS_OBJS) $(TOOLS_TEST_OBJS): tests/tools.mk
$(TOOLS_OBJS) $(TOOLS_TEST_OBJS): private HOST_CFLAGS += $(LIB_HOST_CFLAGS) -Iuserland/mmlimit -Itests/lib -DUSER_VERSION='"$(USER_VERSION)"'

$(HOST)/tools/mmlimit: $(TOOLS_OBJS) $(LIB_HOST)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -o $@ $^ $(call or_say,mmlimit does not link)

$(HOST)/tools/test_change: private TOOLS_TEST_LDFLAGS := -Wl,--wrap=mmlimit_change,--wrap=mmlimit_read,--wrap=mmlimit_remove
$(HOST)/tools/test_show: private TOOLS_TEST_LDFLAGS := -Wl,--wrap=terminal_write
$(HOST)/tools/test_%: $(HOST)/obj/tests/tools/test_%.o $(filter-out %/main.o,$(TOOLS_OBJS)) $(LIB_HOST)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLS_TEST_LDFLAGS) -o $@ $^ -lcmocka $(call or_say,$(@F) does not link)

$(HOST)/tools/%.sh: tests/tools/%.sh $(HOST)/tools/mmlimit
	@ln -sf $(TOP)/$< $@

.SECONDARY: $(TOOLS_TEST_OBJS)
-include $(TOOLS_OBJS:.o=.d) $(TOOLS_TEST_OBJS:.o=.d)
