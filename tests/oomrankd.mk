# SPDX-License-Identifier: GPL-2.0-only
#
# The host's tests of oomrankd: oomrankd/test_*.c are cmocka programs linked with
# its parts, which read folders that look like /proc, and with what else is here;
# oomrankd/fuzz_proc.c is a fuzz target as those of lib/ are.

RANK_SRCS	:= $(filter-out %/oomrankd.c %/options.c %/pressure.c,$(sort $(wildcard userland/oomrankd/*.c)))
RANK_OBJS	:= $(RANK_SRCS:%.c=$(HOST)/obj/%.o)
RANK_TEST_SRCS	:= $(sort $(wildcard tests/oomrankd/*.c))
RANK_TEST_OBJS	:= $(RANK_TEST_SRCS:%.c=$(HOST)/obj/%.o)
RANK_TESTS	:= $(filter tests/oomrankd/test_%.c,$(RANK_TEST_SRCS))
RANK_HELPERS	:= $(filter-out $(RANK_TESTS:%.c=$(HOST)/obj/%.o),$(RANK_TEST_OBJS))
HOST_TESTS	+= $(RANK_TESTS:tests/oomrankd/%.c=$(HOST)/oomrankd/%)

$(RANK_OBJS) $(RANK_TEST_OBJS): tests/oomrankd.mk
$(RANK_OBJS) $(RANK_TEST_OBJS): private HOST_CFLAGS += $(LIB_HOST_CFLAGS) -Iuserland/oomrankd -Itests/lib -fsanitize=undefined -fsanitize-undefined-trap-on-error

$(HOST)/oomrankd/test_fuzz: $(HOST)/obj/tests/lib/fuzz.o
$(HOST)/oomrankd/test_%: $(HOST)/obj/tests/oomrankd/test_%.o $(RANK_HELPERS) $(RANK_OBJS) $(LIB_HOST)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -o $@ $^ -lcmocka $(call or_say,$(@F) does not link)

.SECONDARY: $(RANK_TEST_OBJS)
-include $(RANK_OBJS:.o=.d) $(RANK_TEST_OBJS:.o=.d)
